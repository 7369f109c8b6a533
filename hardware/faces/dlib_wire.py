"""What the face engine and its worker process say to each other.

    request   height 4 | width 4 | min_face 4 | pixels height x width x 3
    answer    kind 1 | count 2 | left top right bottom 4 x 4 | embedding 128 x 4

Big-endian numbers, little-endian float32; both ends are this same file on the same
machine. The first thing the worker says is `HELLO`, once its weights are loaded.
"""

import struct
from typing import BinaryIO, Final

import numpy as np

from domain.errors import FrameLengthInvalid, FrameMalformed
from hardware.ports import FaceFound, FaceRead, NoFace, Picture, SeveralFaces

HELLO: Final = b"faces 1\n"

_REQUEST: Final = struct.Struct(">III")
_ANSWER: Final = struct.Struct(">BHiiii512s")
ANSWER_BYTES: Final = _ANSWER.size

_NO_FACE, _SEVERAL, _FOUND = 0, 1, 2
_NO_BOX: Final = (0, 0, 0, 0)


def request(picture: Picture, *, min_face: int) -> bytes:
    height, width = picture.shape[:2]
    return _REQUEST.pack(height, width, min_face) + picture.tobytes()


def read_request(stream: BinaryIO) -> tuple[Picture, int] | None:
    """The next request, or None at the end of the stream."""
    head = stream.read(_REQUEST.size)
    if len(head) < _REQUEST.size:
        return None
    height, width, min_face = _REQUEST.unpack(head)
    pixels = stream.read(height * width * 3)
    if len(pixels) < height * width * 3:
        return None
    picture = np.frombuffer(pixels, dtype=np.uint8).reshape(height, width, 3)
    return picture, min_face


def answer(read: FaceRead) -> bytes:
    match read:
        case NoFace():
            return _ANSWER.pack(_NO_FACE, 0, *_NO_BOX, b"")
        case SeveralFaces(count):
            return _ANSWER.pack(_SEVERAL, count, *_NO_BOX, b"")
        case FaceFound(embedding, box):
            return _ANSWER.pack(_FOUND, 1, *box, embedding.astype("<f4").tobytes())


def read_answer(frame: bytes) -> FaceRead:
    """
    Raises:
        FrameLengthInvalid: the worker ended in the middle of its answer.
        FrameMalformed: an answer of no kind we know.
    """
    if len(frame) != ANSWER_BYTES:
        raise FrameLengthInvalid(
            f"an answer has {ANSWER_BYTES} bytes, not {len(frame)}"
        )
    kind, count, left, top, right, bottom, numbers = _ANSWER.unpack(frame)
    if kind == _NO_FACE:
        return NoFace()
    if kind == _SEVERAL:
        return SeveralFaces(count)
    if kind == _FOUND:
        embedding = np.frombuffer(numbers, dtype="<f4").astype(np.float32)
        return FaceFound(embedding, (left, top, right, bottom))
    raise FrameMalformed(f"answer of kind {kind}")
