"""A small portrait as a door's camera would see it."""

from typing import Final

import numpy as np

from hardware.ports import Picture

FRAME: Final = (640, 480)  # width, height
_PORTRAIT: Final = 280  # pixels high: 2.5 times the 112 of the ORL set


def framed(portrait: Picture) -> Picture:
    """`portrait` enlarged, or shrunk, in the middle of a picture of 640 x 480.

    Around it its outermost pixels are repeated: a detector needs some surroundings,
    and a black frame would be an edge that no camera sees.
    """
    import cv2

    height, width = portrait.shape[:2]
    factor = min(_PORTRAIT / height, FRAME[0] / width)
    size = (round(width * factor), round(height * factor))
    large = cv2.resize(portrait, size, interpolation=cv2.INTER_CUBIC)
    left, top = (FRAME[0] - size[0]) // 2, (FRAME[1] - size[1]) // 2
    picture = cv2.copyMakeBorder(
        large,
        top,
        FRAME[1] - size[1] - top,
        left,
        FRAME[0] - size[0] - left,
        cv2.BORDER_REPLICATE,
    )
    return np.asarray(picture, dtype=np.uint8)
