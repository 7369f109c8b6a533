"""Packets of the R503 / ZFM family of UART fingerprint modules, without I/O.

    EF01 | address 4 | kind 1 | length 2 | payload n | checksum 2      big-endian

`length` counts payload and checksum; `checksum` is the low 16 bits of the sum of
kind, length and payload bytes. The address is *not* in the sum: compare it.
Source: Hangzhou Grow, "R503 User Manual" v1.1 (2019-06), section IV; the same in
ZhianTec, "ZFM user manual" v13, chapter 4.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from domain.errors import (
    CallerError,
    ChecksumMismatch,
    FrameLengthInvalid,
    UnknownPacketKind,
)

START: Final = b"\xef\x01"
ANY_ADDRESS: Final = 0xFFFF_FFFF
# Bytes. "Max length is 256" cannot include the checksum: the module can be set to
# send data packets of 256 bytes.
MAX_PAYLOAD: Final = 256
READY: Final = b"\x55"  # sent alone, once, after power-up and after a soft reset

_HEAD: Final = 9  # start 2 + address 4 + kind 1 + length 2
_CHECKSUM: Final = 2


class Kind(IntEnum):
    COMMAND = 0x01
    DATA = 0x02
    ACK = 0x07
    END_OF_DATA = 0x08


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet. `bytes(packet)` is what goes on the wire."""

    kind: Kind
    payload: bytes
    address: int = ANY_ADDRESS

    def __bytes__(self) -> bytes:
        if len(self.payload) > MAX_PAYLOAD:
            raise CallerError(f"payload is longer than {MAX_PAYLOAD} bytes")
        length = len(self.payload) + _CHECKSUM
        body = bytes([self.kind]) + length.to_bytes(2, "big") + self.payload
        address = self.address.to_bytes(4, "big")
        return START + address + body + _checksum(body).to_bytes(2, "big")

    def __repr__(self) -> str:
        # The payload may be a template or the module's password.
        return f"Packet({self.kind.name}, {len(self.payload)} bytes)"


class PacketReader:
    """Cut a byte stream into packets. The caller owns the wire.

    Feed whatever arrived, in pieces of any size; then take packets until `None`.
    After an error the reader has skipped the bad start marker and stays usable: a
    corrupted length may delay the packet behind it, but never swallows it.

    `noise` counts bytes that belonged to no packet.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.noise = 0

    @property
    def between_packets(self) -> bool:
        """No packet has begun to arrive."""
        return not self._buffer

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next_packet(self) -> Packet | None:
        """The next whole packet, or `None` if more bytes are needed.

        Raises:
            FrameLengthInvalid: the length field is outside 2..258.
            ChecksumMismatch: the frame is whole but damaged.
            UnknownPacketKind: the frame is sound but of no kind we know.
        """
        self._drop_noise()
        if len(self._buffer) < _HEAD:
            return None

        length = int.from_bytes(self._buffer[7:9], "big")
        if not _CHECKSUM <= length <= MAX_PAYLOAD + _CHECKSUM:
            self._skip_start()
            raise FrameLengthInvalid(f"length field is {length}")
        end = _HEAD + length
        if len(self._buffer) < end:
            return None

        frame = bytes(self._buffer[:end])
        computed, received = _checksum(frame[6:-2]), int.from_bytes(frame[-2:], "big")
        if computed != received:
            self._skip_start()
            raise ChecksumMismatch(expected=computed, received=received)
        del self._buffer[:end]
        try:
            kind = Kind(frame[6])
        except ValueError:
            raise UnknownPacketKind(f"packet kind {frame[6]:#04x}") from None
        return Packet(kind, frame[9:-2], int.from_bytes(frame[2:6], "big"))

    def _drop_noise(self) -> None:
        start = self._buffer.find(START)
        if start < 0:  # no marker yet; the last byte may be its first half
            start = len(self._buffer) - self._buffer.endswith(START[:1])
        del self._buffer[:start]
        self.noise += start

    def _skip_start(self) -> None:
        del self._buffer[: len(START)]
        self.noise += len(START)


def _checksum(body: bytes) -> int:
    return sum(body) & 0xFFFF
