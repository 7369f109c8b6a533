"""Badge frames: no damage becomes another number or costs the next badge."""

from functools import reduce
from operator import xor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import (
    CallerError,
    ChecksumMismatch,
    FrameLengthInvalid,
    FrameMalformed,
    PeerError,
)
from hardware.protocols.badge_frame import (
    BadgeFormat,
    BadgeFrame,
    BadgeFrameReader,
    encode,
)

GOLDEN = Path(__file__).parents[2] / "golden/frames/badge.hex"

em4100 = st.binary(min_size=5, max_size=5)
# ETX ends whatever a damaged frame left open; no badge is in it.
END = b"\x03"


def golden() -> list[tuple[BadgeFormat, bytes, bytes]]:
    lines = GOLDEN.read_text().splitlines()
    rows = [line.split(maxsplit=2) for line in lines if line[0] != "#"]
    return [
        (BadgeFormat(name), bytes.fromhex(number), bytes.fromhex(frame))
        for name, number, frame in rows
    ]


def read_all(reader: BadgeFrameReader) -> list[bytes]:
    numbers: list[bytes] = []
    while True:
        try:
            frame = reader.next_frame()
        except PeerError:
            continue
        if frame is None:
            return numbers
        numbers.append(frame.number)


def read_one(wire: bytes, format_: BadgeFormat = BadgeFormat.EM4100) -> BadgeFrame:
    reader = BadgeFrameReader(format_)
    reader.feed(wire)
    frame = reader.next_frame()
    assert frame is not None
    return frame


@pytest.mark.parametrize(("format_", "number", "wire"), golden())
def test_a_golden_frame_is_read(
    format_: BadgeFormat, number: bytes, wire: bytes
) -> None:
    assert read_one(wire, format_).number == number
    if b"\r\n" in wire:
        assert encode(number, format_) == wire


@given(st.lists(em4100, max_size=5), st.integers(1, 40))
def test_a_stream_may_arrive_in_pieces_of_any_size(
    numbers: list[bytes], size: int
) -> None:
    wire = b"".join(encode(number, BadgeFormat.EM4100) for number in numbers)
    reader, received = BadgeFrameReader(BadgeFormat.EM4100), list[bytes]()
    for start in range(0, len(wire), size):
        reader.feed(wire[start : start + size])
        received += read_all(reader)

    assert received == numbers


@given(em4100, em4100, st.integers(0, 15), st.integers(1, 255))
def test_one_wrong_byte_never_costs_the_next_badge_nor_makes_another(
    first: bytes, second: bytes, at: int, mask: int
) -> None:
    damaged = bytearray(encode(first, BadgeFormat.EM4100))
    damaged[at] ^= mask
    reader = BadgeFrameReader(BadgeFormat.EM4100)
    reader.feed(bytes(damaged) + encode(second, BadgeFormat.EM4100))

    received = read_all(reader)

    assert received[-1:] == [second]
    assert set(received) <= {first, second}


@given(st.binary(max_size=200), em4100)
def test_noise_never_swallows_a_badge(noise: bytes, number: bytes) -> None:
    reader = BadgeFrameReader(BadgeFormat.EM4100)
    reader.feed(noise)
    read_all(reader)
    reader.feed(encode(number, BadgeFormat.EM4100))

    assert read_all(reader)[-1:] == [number]


@pytest.mark.parametrize(
    ("wire", "error"),
    [
        pytest.param(b"\x0262E3086CED09\x03", ChecksumMismatch, id="checksum"),
        pytest.param(b"\x0262E3086CE\x03", FrameLengthInvalid, id="odd"),
        pytest.param(b"\x02\x03", FrameLengthInvalid, id="empty"),
        pytest.param(b"\x0200\x03", FrameLengthInvalid, id="no number"),
        pytest.param(b"\x0262E3086CE_08\x03", FrameMalformed, id="underscore"),
        pytest.param(b"\x0262 E3086CED8\x03", FrameMalformed, id="blank"),
        pytest.param(b"\x02" + b"0" * 30, FrameLengthInvalid, id="endless"),
        pytest.param(b"\x0262E3\x0262E3086CED08\x03", FrameLengthInvalid, id="cut"),
        pytest.param(b"\x02DEADBEEF22\x03", FrameLengthInvalid, id="other format"),
    ],
)
def test_a_bad_frame_says_what_is_wrong(wire: bytes, error: type[PeerError]) -> None:
    reader = BadgeFrameReader(BadgeFormat.EM4100)
    reader.feed(wire)

    with pytest.raises(error):
        reader.next_frame()


def test_an_endless_babble_is_not_kept() -> None:
    reader = BadgeFrameReader(BadgeFormat.EM4100)
    for _ in range(1000):
        reader.feed(b"\x02" * 50 + b"x" * 50)
        assert read_all(reader) == []

    reader.feed(END + encode(bytes(5), BadgeFormat.EM4100))
    assert read_all(reader) == [bytes(5)]


def test_a_number_of_another_size_is_our_mistake_and_not_shown() -> None:
    with pytest.raises(CallerError, match="4 or 7 bytes") as error:
        encode(b"\xde\xad\xbe", BadgeFormat.MIFARE_UID)

    assert "dead" not in str(error.value)


def test_a_frame_never_shows_its_number() -> None:
    assert "62" not in repr(BadgeFrame(bytes.fromhex("62E3086CED")))


def test_the_checksum_is_the_exclusive_or_of_the_number() -> None:
    number = bytes.fromhex("62E3086CED")

    assert reduce(xor, number) == 0x08
    assert read_one(b"\x0262E3086CED08\x03").number == number
