"""ASCII frames of badge readers on a UART, without I/O.

    STX | hex digits of the number | 2 hex digits checksum | [CR LF] | ETX

`checksum` is the XOR of the number's bytes. An EM4100 tag has 5 bytes (version 1,
serial 4); a MIFARE UID has 4 or 7. CR LF is there on ID-12 readers and absent on the
RDM6300. A reader repeats the frame while the badge is held to it, RDM6300 every 50 ms.
Source: ID Innovations, "ID-12" data sheet, "Output data formats: ASCII"; Seeed,
"RDM6300" data sheet, "Data format".
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from operator import xor
from typing import Final

from domain.errors import (
    CallerError,
    ChecksumMismatch,
    FrameLengthInvalid,
    FrameMalformed,
)

STX: Final = b"\x02"
ETX: Final = b"\x03"

_HEX: Final = frozenset(b"0123456789ABCDEFabcdef")
_LONGEST: Final = 2 * 7 + 2 + 2  # between STX and ETX: 7 bytes, checksum, CR LF


class BadgeFormat(StrEnum):
    EM4100 = "em4100"
    MIFARE_UID = "mifare_uid"

    @property
    def sizes(self) -> tuple[int, ...]:
        """Bytes that a number may have."""
        return (5,) if self is BadgeFormat.EM4100 else (4, 7)


@dataclass(frozen=True, slots=True)
class BadgeFrame:
    number: bytes = field(repr=False)  # a secret: never in logs

    def __bytes__(self) -> bytes:
        """As an ID-12 sends it."""
        body = self.number + bytes([_checksum(self.number)])
        return STX + body.hex().upper().encode() + b"\r\n" + ETX


def encode(number: bytes, format_: BadgeFormat) -> bytes:
    """The frame for `number`.

    Raises:
        CallerError: `number` has not as many bytes as the format has.
    """
    if len(number) not in format_.sizes:
        sizes = " or ".join(map(str, format_.sizes))
        raise CallerError(f"a number of {format_} has {sizes} bytes")
    return bytes(BadgeFrame(number))


class BadgeFrameReader:
    """Cut a byte stream into badge frames. Damage never costs the next frame.

    Feed whatever arrived; take frames until `None`. After an error the damaged frame
    is gone and the reader goes on behind it. `noise` counts bytes outside frames.
    """

    def __init__(self, format_: BadgeFormat) -> None:
        self._sizes = format_.sizes
        self._buffer = bytearray()
        self.noise = 0

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next_frame(self) -> BadgeFrame | None:
        """The next whole frame, or `None` if more bytes are needed.

        Raises:
            FrameLengthInvalid: no end within the longest frame, or another number
                of bytes than this format has.
            FrameMalformed: something else than hex digits inside.
            ChecksumMismatch: the frame is whole but damaged.
        """
        start = self._buffer.find(STX)
        self._skip(start if start >= 0 else len(self._buffer))
        if not self._buffer:
            return None
        end = self._buffer.find(ETX)
        again = self._buffer.find(STX, 1)
        if again > 0 and (end < 0 or again < end):  # this frame lost its end
            self._skip(again)
            raise FrameLengthInvalid("a badge frame has no end")
        if end < 0:
            if len(self._buffer) <= 1 + _LONGEST:
                return None
            self._skip(len(self._buffer))
            raise FrameLengthInvalid("a badge frame does not end")
        body = bytes(self._buffer[1:end]).removesuffix(b"\r\n")
        del self._buffer[: end + 1]
        return self._decode(body)

    def _decode(self, body: bytes) -> BadgeFrame:
        if not _HEX.issuperset(body):
            raise FrameMalformed("a badge frame holds more than hex digits")
        if len(body) % 2 != 0 or len(body) // 2 - 1 not in self._sizes:
            raise FrameLengthInvalid(f"a badge frame of {len(body)} digits")
        *number, received = bytes.fromhex(body.decode())
        if (computed := _checksum(bytes(number))) != received:
            raise ChecksumMismatch(expected=computed, received=received)
        return BadgeFrame(bytes(number))

    def _skip(self, count: int) -> None:
        del self._buffer[:count]
        self.noise += count


def _checksum(number: bytes) -> int:
    return reduce(xor, number, 0)
