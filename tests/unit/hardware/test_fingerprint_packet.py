"""How packets survive the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import (
    CallerError,
    ChecksumMismatch,
    FrameLengthInvalid,
    PeerError,
    UnknownPacketKind,
)
from hardware.protocols.fingerprint_packet import (
    MAX_PAYLOAD,
    Kind,
    Packet,
    PacketReader,
)

packets = st.builds(
    Packet,
    kind=st.sampled_from(Kind),
    payload=st.binary(max_size=MAX_PAYLOAD),
    address=st.integers(0, 0xFFFF_FFFF),
)
# Enough to end any packet that a corrupted length makes the reader wait for. It has
# no start marker, so that it cannot be a packet itself.
FILLER = bytes(MAX_PAYLOAD + 11)


def read_all(reader: PacketReader) -> list[Packet]:
    received: list[Packet] = []
    while True:
        try:
            packet = reader.next_packet()
        except PeerError:
            continue
        if packet is None:
            return received
        received.append(packet)


@given(sent=st.lists(packets, max_size=4), cuts=st.lists(st.integers(1, 40)))
def test_a_stream_may_arrive_in_pieces_of_any_size(
    sent: list[Packet], cuts: list[int]
) -> None:
    wire = b"".join(map(bytes, sent))
    reader, received, start = PacketReader(), [], 0
    for size in [*cuts, len(wire)]:
        reader.feed(wire[start : start + size])
        received += read_all(reader)
        start += size

    assert received == sent
    assert reader.noise == 0
    assert reader.between_packets


@given(noise=st.binary(max_size=300), sent=packets)
def test_noise_before_a_packet_never_swallows_it(noise: bytes, sent: Packet) -> None:
    reader = PacketReader()
    reader.feed(noise + bytes(sent) + FILLER)

    assert sent in read_all(reader)


@given(
    first=packets,
    later=st.lists(packets, min_size=1, max_size=3),
    at=st.integers(0, 1000),
    mask=st.integers(1, 255),
)
def test_one_wrong_byte_never_costs_the_packets_behind_it(
    first: Packet, later: list[Packet], at: int, mask: int
) -> None:
    damaged = bytearray(bytes(first))
    damaged[at % len(damaged)] ^= mask
    reader = PacketReader()
    reader.feed(bytes(damaged) + b"".join(map(bytes, later)) + FILLER)

    received = iter(read_all(reader))

    assert all(packet in received for packet in later)  # all of them, in this order


@given(sent=packets, at=st.integers(6, 1000), mask=st.integers(1, 255))
def test_one_wrong_byte_behind_the_address_never_passes(
    sent: Packet, at: int, mask: int
) -> None:
    damaged = bytearray(bytes(sent))
    damaged[6 + at % (len(damaged) - 6)] ^= mask
    reader = PacketReader()
    reader.feed(bytes(damaged) + FILLER)

    # Something inside a damaged packet may look like a packet; never as the sent one.
    assert all(packet.payload != sent.payload for packet in read_all(reader))


def test_packet_matches_the_vendor_manual() -> None:
    """Command 0x1D, "read the number of templates", as printed in the manual."""
    wire = bytes.fromhex("EF01 FFFFFFFF 01 0003 1D 0021")

    assert bytes(Packet(Kind.COMMAND, b"\x1d")) == wire


@pytest.mark.parametrize("length", ["0000", "0001", "0103", "FFFF"])
def test_an_impossible_length_is_refused_at_once(length: str) -> None:
    reader = PacketReader()
    reader.feed(bytes.fromhex("EF01 FFFFFFFF 07" + length))

    with pytest.raises(FrameLengthInvalid):
        reader.next_packet()


def test_a_damaged_packet_is_a_checksum_mismatch() -> None:
    reader = PacketReader()
    reader.feed(bytes.fromhex("EF01 FFFFFFFF 07 0003 00 000B"))

    with pytest.raises(ChecksumMismatch) as mismatch:
        reader.next_packet()

    assert (mismatch.value.expected, mismatch.value.received) == (0x0A, 0x0B)


def test_an_unknown_kind_is_named_and_skipped() -> None:
    reader = PacketReader()
    reader.feed(bytes.fromhex("EF01 FFFFFFFF 05 0003 00 0008"))

    with pytest.raises(UnknownPacketKind, match="0x05"):
        reader.next_packet()
    assert reader.next_packet() is None


def test_a_payload_that_cannot_be_sent_is_our_mistake() -> None:
    with pytest.raises(CallerError):
        bytes(Packet(Kind.DATA, bytes(MAX_PAYLOAD + 1)))


def test_a_packet_never_shows_its_payload() -> None:
    assert "1234" not in repr(Packet(Kind.COMMAND, b"1234"))
