"""Fingers made of nothing: an identity gives a template, no picture needed.

A module stores `TEMPLATE_BYTES` a finger. The first part depends only on the identity,
the tail also on the capture, so that two captures of one finger are alike and not
equal, as real ones are. They match when the identity part is the same.
"""

from dataclasses import dataclass
from hashlib import sha256, shake_256
from typing import Final

TEMPLATE_BYTES: Final = 768
_TAIL: Final = 64


@dataclass(frozen=True, slots=True)
class Finger:
    """`readable` is False for a wet, dirty or half-laid finger."""

    identity: str
    readable: bool = True

    def template(self, capture: int = 0) -> bytes:
        return template_for(self.identity, capture)


def template_for(identity: str, capture: int = 0) -> bytes:
    """The template of one capture of one finger, e.g. "E1001/right index"."""
    same = shake_256(b"menshen finger\0" + identity.encode())
    tail = shake_256(f"menshen capture\0{capture}\0{identity}".encode())
    return same.digest(TEMPLATE_BYTES - _TAIL) + tail.digest(_TAIL)


def same_finger(one: bytes, other: bytes) -> bool:
    """Whether two templates are of the same finger."""
    if len(one) != TEMPLATE_BYTES or len(other) != TEMPLATE_BYTES:
        return False
    return one[:-_TAIL] == other[:-_TAIL]


def score_of(one: bytes, other: bytes) -> int:
    """How well two templates of the same finger match, 50..249; the same each time."""
    return 50 + sha256(one + other).digest()[0] % 200
