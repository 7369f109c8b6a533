"""Pictures on signs: what is forbidden, as a red ring with a bar over it.

Drawn, so that they need no file and no font; after the manner of ISO 7010. In grey the
ring still reads.
"""

from collections.abc import Callable, Mapping
from typing import Final

from controller.papers.paper import Paper
from domain.zones import Conduct

RED: Final = (190, 30, 30)
_SIDE: Final = 0.7071  # of the radius: where a bar at 45° meets the ring


def forbidding(
    paper: Paper, conduct: Conduct, x: float, y: float, radius: float
) -> None:
    """The sign for `conduct`, around `x`, `y`."""
    paper.ring(x, y, radius, fill=255)
    _PICTURES[conduct](paper, x, y, radius)
    thick = radius * 0.17
    inner = radius - thick / 2
    paper.ring(x, y, inner, line=thick, ink=RED)
    reach = inner * _SIDE
    paper.line(
        (x - reach, y - reach), (x + reach, y + reach), width=thick * 0.8, ink=RED
    )


def _camera(paper: Paper, x: float, y: float, r: float) -> None:
    paper.box(x - 0.22 * r, y - 0.42 * r, 0.44 * r, 0.2 * r, fill=0)
    paper.box(x - 0.55 * r, y - 0.28 * r, 1.1 * r, 0.72 * r, fill=0)
    paper.ring(x, y + 0.07 * r, 0.24 * r, fill=255)
    paper.ring(x, y + 0.07 * r, 0.14 * r, fill=0)


def _microphone(paper: Paper, x: float, y: float, r: float) -> None:
    paper.ring(x, y - 0.4 * r, 0.19 * r, fill=0)
    paper.box(x - 0.19 * r, y - 0.4 * r, 0.38 * r, 0.42 * r, fill=0)
    paper.ring(x, y + 0.02 * r, 0.19 * r, fill=0)
    thin = 0.07 * r
    paper.line((x - 0.34 * r, y - 0.12 * r), (x - 0.34 * r, y + 0.1 * r), width=thin)
    paper.line((x + 0.34 * r, y - 0.12 * r), (x + 0.34 * r, y + 0.1 * r), width=thin)
    paper.line((x - 0.34 * r, y + 0.1 * r), (x - 0.18 * r, y + 0.32 * r), width=thin)
    paper.line((x + 0.34 * r, y + 0.1 * r), (x + 0.18 * r, y + 0.32 * r), width=thin)
    paper.line((x - 0.18 * r, y + 0.32 * r), (x + 0.18 * r, y + 0.32 * r), width=thin)
    paper.line((x, y + 0.32 * r), (x, y + 0.54 * r), width=thin)
    paper.line((x - 0.24 * r, y + 0.54 * r), (x + 0.24 * r, y + 0.54 * r), width=thin)


def _phone(paper: Paper, x: float, y: float, r: float) -> None:
    paper.box(x - 0.31 * r, y - 0.6 * r, 0.62 * r, 1.2 * r, fill=0)
    paper.box(x - 0.23 * r, y - 0.46 * r, 0.46 * r, 0.82 * r, fill=255)
    paper.ring(x, y + 0.48 * r, 0.06 * r, fill=255)


def _stick(paper: Paper, x: float, y: float, r: float) -> None:
    paper.box(x - 0.26 * r, y - 0.16 * r, 0.52 * r, 0.76 * r, fill=0)
    paper.box(x - 0.18 * r, y - 0.58 * r, 0.36 * r, 0.42 * r, fill=255, line=0.08 * r)
    for side in (-0.12, 0.04):
        paper.box(x + side * r, y - 0.44 * r, 0.08 * r, 0.12 * r, fill=0)


_PICTURES: Final[Mapping[Conduct, Callable[[Paper, float, float, float], None]]] = {
    Conduct.PHOTOS: _camera,
    Conduct.RECORDING: _microphone,
    Conduct.PHONES: _phone,
    Conduct.STORAGE: _stick,
}
