"""Envelopes and frames: exact bytes survive, hostile bytes are refused with a place."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import (
    CallerError,
    MessageMalformed,
    SignatureInvalid,
    UnknownMessageType,
)
from domain.ids import DoorId
from wire import canonical, envelope, frame
from wire.codec import Body, Digest
from wire.envelope import MAX_SIGNED, Envelope, Signed, sign
from wire.frame import MAX_COUNT, MAX_FRAME
from wire.sealing import SigningKey

KEY = SigningKey(bytes(range(32)))
ENTRY = Envelope(
    type="door_opened",
    door=DoorId("lab"),
    seq=7,
    previous=Digest(bytes(32)),
    at=datetime(2026, 11, 23, 0, 0, 1, 5, tzinfo=UTC),
    body=Body({"开": True}),
)
documents = st.builds(
    Signed,
    signed=st.binary(min_size=1, max_size=300),
    signature=st.binary(min_size=64, max_size=64),
)


def test_an_envelope_has_one_form() -> None:
    assert envelope.encode(ENTRY).decode() == (
        '{"at":"2026-11-23T00:00:01.000005Z","body":{"开":true},"door":"lab",'
        f'"previous":"{"00" * 32}","seq":7,"type":"door_opened","v":1}}'
    )
    assert envelope.decode(envelope.encode(ENTRY)) == ENTRY


def test_keys_that_later_versions_add_are_ignored() -> None:
    more = envelope.encode(ENTRY).replace(b'"seq":7', b'"seq":7,"shade":"blue"')

    assert envelope.decode(more) == ENTRY


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        pytest.param(b'"seq":7', b'"seq":-1', "seq", id="below the first"),
        pytest.param(b'"seq":7', b'"seq":true', "seq", id="true is not one"),
        pytest.param(b'"seq":7', b'"seq":7.0', "seq", id="not whole"),
        pytest.param(b'"seq":7', b'"seq":9223372036854775808', "seq", id="huge"),
        pytest.param(b'"seq":7', b'"seq":7,"seq":8', "twice", id="a key twice"),
        pytest.param(b'"seq":7,', b"", "seq", id="missing"),
        pytest.param(b'"lab"', b'"LAB"', "door", id="no name"),
        pytest.param(b'"lab"', b'"a\\u0000"', "door", id="NUL"),
        pytest.param(b'"lab"', b'"\\ud800"', "UTF-8", id="unpaired surrogate"),
        pytest.param(b"00000000", b"zz000000", "previous", id="no hex"),
        pytest.param(b"23T00", b"23T25", "at", id="no such hour"),
        pytest.param(b"2026-11", b"2026-13", "at", id="no such month"),
        pytest.param(b"000005Z", b"000005+08:00", "at", id="not UTC"),
        pytest.param(b"true", b"NaN", "NaN", id="not a number"),
        pytest.param(b"true", b"\xff", "UTF-8", id="not UTF-8"),
        pytest.param(b"true", b"1" * 5000, "JSON", id="a number without end"),
        pytest.param(b"true", b"[" * 9999 + b"]" * 9999, "deep", id="nested"),
        pytest.param(b"{", b"[", "JSON", id="cut open"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(
    old: bytes, new: bytes, place: str
) -> None:
    damaged = envelope.encode(ENTRY).replace(old, new, 1)

    with pytest.raises(MessageMalformed, match=place):
        envelope.decode(damaged)


@pytest.mark.parametrize("version", [b"2", b"0", b'"1"', b"null", b"true"])
def test_another_version_is_put_aside_not_misread(version: bytes) -> None:
    with pytest.raises((UnknownMessageType, MessageMalformed)):
        envelope.decode(envelope.encode(ENTRY).replace(b'"v":1', b'"v":' + version))


@given(junk=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_junk_is_never_anything_but_malformed(junk: bytes) -> None:
    with pytest.raises((MessageMalformed, UnknownMessageType)):
        envelope.decode(junk)


def test_an_envelope_too_large_is_neither_signed_nor_read() -> None:
    with pytest.raises(CallerError):
        sign(KEY, b"x" * (MAX_SIGNED + 1))
    with pytest.raises(MessageMalformed, match="longer"):
        envelope.decode(b"x" * (MAX_SIGNED + 1))


def test_only_its_signer_verifies() -> None:
    signed = sign(KEY, envelope.encode(ENTRY))
    signed.verify(KEY.public)

    with pytest.raises(SignatureInvalid):
        signed.verify(SigningKey(bytes(32)).public)
    with pytest.raises(SignatureInvalid):
        Signed(signed.signed + b" ", signed.signature).verify(KEY.public)


@given(st.lists(documents, min_size=1, max_size=20))
def test_a_frame_gives_back_exactly_what_it_took(sent: list[Signed]) -> None:
    assert frame.unpack(frame.pack(sent)) == tuple(sent)


@given(st.lists(documents, min_size=1, max_size=5), st.data())
def test_a_cut_frame_is_refused(sent: list[Signed], data: st.DataObject) -> None:
    packed = frame.pack(sent)
    end = data.draw(st.integers(0, len(packed) - 1))

    with pytest.raises(MessageMalformed, match="frame"):
        frame.unpack(packed[:end])
    with pytest.raises(MessageMalformed, match="behind the last"):
        frame.unpack(packed + b"\0")


@given(st.lists(documents, min_size=1, max_size=3), st.data())
def test_a_damaged_frame_is_read_whole_or_refused(
    sent: list[Signed], data: st.DataObject
) -> None:
    damaged = bytearray(frame.pack(sent))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at] = data.draw(st.integers(0, 255))
    try:
        received = frame.unpack(bytes(damaged))
    except MessageMalformed:
        return

    assert frame.pack(received) == bytes(damaged)


@given(st.binary(max_size=300).map(lambda junk: b"MSB1" + junk) | st.binary())
def test_junk_is_no_frame(junk: bytes) -> None:
    try:
        received = frame.unpack(junk)
    except MessageMalformed:
        return

    assert frame.pack(received) == junk


def test_a_frame_stays_within_what_every_broker_passes() -> None:
    signature = bytes(64)
    many = [Signed(b"x" * 1000, signature)] * 3000
    cut = list(frame.batches(many))

    assert [each for batch in cut for each in batch] == many
    assert all(len(frame.pack(batch)) <= MAX_FRAME for batch in cut)
    assert all(len(frame.pack([*batch, many[0]])) > 0 for batch in cut[-1:])
    with pytest.raises(CallerError):
        frame.pack(many[:300])
    with pytest.raises(CallerError):
        frame.pack([])
    with pytest.raises(CallerError):
        frame.pack([Signed(b"x", signature)] * (MAX_COUNT + 1))
    with pytest.raises(MessageMalformed, match="longer"):
        frame.unpack(b"MSB1" + bytes(MAX_FRAME))


def test_the_largest_document_fits_a_frame_and_batches_do_not_waste() -> None:
    largest = Signed(b"x" * MAX_SIGNED, bytes(64))
    small = Signed(b"x", bytes(64))

    assert frame.unpack(frame.pack([largest])) == (largest,)
    assert [len(b) for b in frame.batches([small] * (MAX_COUNT + 1))] == [MAX_COUNT, 1]
    assert list(frame.batches([])) == []


def test_json_cannot_say_everything() -> None:
    with pytest.raises(CallerError):
        canonical.dumps({"t": float("nan")})
    with pytest.raises(CallerError):
        canonical.instant_text(datetime(2026, 1, 1))  # noqa: DTZ001  # naive on purpose
