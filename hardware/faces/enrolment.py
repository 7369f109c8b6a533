"""From a photograph to the embedding that is enrolled, or a reason why not."""

import numpy as np

from domain.errors import PictureUnusable
from hardware.ports import (
    Embedding,
    FaceEngine,
    FaceFound,
    NoFace,
    Picture,
    SeveralFaces,
)


def decode(data: bytes, *, name: str) -> Picture:
    """The picture in a JPEG, PNG, BMP or PGM file; `name` is for the message.

    Raises:
        PictureUnusable: it is none of these, or damaged.
    """
    import cv2

    raw = np.frombuffer(data, dtype=np.uint8)
    picture = cv2.imdecode(raw, cv2.IMREAD_COLOR) if raw.size else None
    if picture is None:
        raise PictureUnusable(f"photograph `{name}` cannot be read as a picture")
    return np.asarray(picture, dtype=np.uint8)


async def embed(engine: FaceEngine, picture: Picture, *, name: str) -> Embedding:
    """The embedding of the one face in `picture`.

    Raises:
        PictureUnusable: no face, or several.
        DeviceError: the engine failed.
    """
    match await engine.read(picture):
        case FaceFound(embedding):
            return embedding
        case NoFace():
            raise PictureUnusable(
                f"photograph `{name}` shows no face large enough; take one from nearer"
            )
        case SeveralFaces(count):
            raise PictureUnusable(
                f"photograph `{name}` shows {count} faces; take one of the person alone"
            )
