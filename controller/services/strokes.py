"""What a finger drew: strokes of points in a box of 1000 by 440.

As the tablet sends them: a list of strokes, each a flat list of x, y, x, y, … of whole
numbers. No times and no pressures: what proves who signed is the log, and more would
be a biometric template that nobody needs. What comes in is measured before it is read.
"""

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import Final

WIDTH: Final = 1000
HEIGHT: Final = 440
MAX_STROKES: Final = 200
MAX_POINTS: Final = 6000
# Ink, in the box's units: less is a tap and no signature.
LEAST_INK: Final = 120.0
MAX_TEXT: Final = 120_000  # characters: 6000 points with brackets and commas

_STROKE: Final = r"\[[0-9]{1,4}(?:,[0-9]{1,4})*\]"
_SHAPE: Final = re.compile(rf"\[{_STROKE}(?:,{_STROKE})*\]")

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Strokes:
    lines: tuple[tuple[Point, ...], ...]

    @property
    def ink(self) -> float:
        """The length of all that was drawn."""
        return sum(
            hypot(b[0] - a[0], b[1] - a[1])
            for line in self.lines
            for a, b in pairwise(line)
        )

    def to_bytes(self) -> bytes:
        flat = [[n for point in line for n in point] for line in self.lines]
        return json.dumps(flat, separators=(",", ":")).encode()


def drawn(text: str) -> Strokes | None:
    """What came from a tablet, if it is a signature."""
    strokes = _read(text)
    if strokes is None or len(strokes.lines) > MAX_STROKES:
        return None
    points = [point for line in strokes.lines for point in line]
    inside = all(x <= WIDTH and y <= HEIGHT for x, y in points)
    if not inside or len(points) > MAX_POINTS or strokes.ink < LEAST_INK:
        return None
    return strokes


def kept(data: bytes) -> Strokes:
    """What was stored; nothing is drawn where it can't be read."""
    return _read(data.decode("utf-8", "replace")) or Strokes(())


def _read(text: str) -> Strokes | None:
    # Of one flat shape, so that nothing deep or endless reaches the parser.
    if len(text) > MAX_TEXT or _SHAPE.fullmatch(text) is None:
        return None
    try:
        flat: list[list[int]] = json.loads(text)
    except ValueError:  # a number that begins with 0
        return None
    if any(len(line) % 2 for line in flat):
        return None
    return Strokes(
        tuple(tuple(zip(line[::2], line[1::2], strict=True)) for line in flat)
    )
