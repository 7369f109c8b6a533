"""Wiegand bursts: bits in, cards and keys out. No pins, no timers.

A pulse on D1 is True, on D0 False; most significant bit first. How long a burst is
says what it is:

    26  P 24 bits Q     card; P makes the first half even, Q the second half odd
    34  P 32 bits Q     card; the same
     8  NNNN nnnn       key; the high half is the complement of the low half
     4  nnnn            key, unprotected

Keys are 0..9, 10 is "*" (ESC), 11 is "#" (ENT).
Source: SIA AC-01-1996.10, "26-bit Wiegand reader interface"; HID, "keypad reader
output formats" (4-bit and 8-bit bursts), 2004.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from domain.errors import (
    CallerError,
    FrameLengthInvalid,
    FrameMalformed,
    ParityMismatch,
)

CardFormat = Literal["wiegand26", "wiegand34"]

_KEYS: Final = "0123456789*#"
_FORMATS: Final[dict[int, CardFormat]] = {26: "wiegand26", 34: "wiegand34"}


@dataclass(frozen=True, slots=True)
class Card:
    """`number` is 3 bytes (facility 1, card 2) or 4 bytes, without parity."""

    format: CardFormat
    number: bytes = field(repr=False)  # a secret: never in logs


@dataclass(frozen=True, slots=True)
class Key:
    key: str = field(repr=False)  # may be part of a PIN


def decode(bits: Sequence[bool]) -> Card | Key:
    """What one burst says. A burst ends when no pulse came for 25 ms or more.

    Args:
        bits: in order of arrival.

    Raises:
        FrameLengthInvalid: a pulse was lost or added.
        ParityMismatch: a card's parity is wrong; ask for the card again.
        FrameMalformed: a key's halves disagree, or it is none of the twelve.
    """
    if (format_ := _FORMATS.get(len(bits))) is not None:
        return Card(format_, _decode_card(bits))
    if len(bits) in (4, 8):
        return Key(_decode_key(bits))
    raise FrameLengthInvalid(f"a Wiegand burst of {len(bits)} bits")


def encode_card(number: bytes) -> list[bool]:
    """The burst for 3 bytes (26 bits) or 4 bytes (34 bits)."""
    if len(number) not in (3, 4):
        raise CallerError("a Wiegand number has 3 or 4 bytes")
    width = 8 * len(number)
    value = int.from_bytes(number, "big")
    data = [bool(value >> i & 1) for i in reversed(range(width))]
    half = width // 2
    even = sum(data[:half]) % 2 == 1
    odd = sum(data[half:]) % 2 == 0
    return [even, *data, odd]


def encode_key(key: str, *, bits: Literal[4, 8] = 8) -> list[bool]:
    """The burst for one key."""
    if len(key) != 1 or key not in _KEYS:
        raise CallerError(f"a keypad has only the keys {_KEYS}")
    value = _KEYS.index(key)
    low = [bool(value >> i & 1) for i in reversed(range(4))]
    return low if bits == 4 else [not bit for bit in low] + low


def _decode_card(bits: Sequence[bool]) -> bytes:
    half = len(bits) // 2
    if sum(bits[:half]) % 2 != 0 or sum(bits[half:]) % 2 != 1:
        raise ParityMismatch(f"a {len(bits)}-bit frame fails its parity")
    return _to_int(bits[1:-1]).to_bytes((len(bits) - 2) // 8, "big")


def _decode_key(bits: Sequence[bool]) -> str:
    low = _to_int(bits[-4:])
    if len(bits) == 8 and _to_int(bits[:4]) != low ^ 0xF:
        raise FrameMalformed("the halves of a key burst disagree")
    if low >= len(_KEYS):
        raise FrameMalformed("a key burst names no key")
    return _KEYS[low]


def _to_int(bits: Sequence[bool]) -> int:
    value = 0
    for bit in bits:
        value = value << 1 | bit
    return value
