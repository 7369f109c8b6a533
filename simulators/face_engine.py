"""A face engine for stories: sure, fast and always the same.

`picture_of` draws a picture that says in black and white squares who is on it (it
survives JPEG); the engine reads the squares and gives each identity an embedding of
its own, each photograph of it a slightly different one. Distances are like the real
network's: two photographs of one person 0.2, two people 0.7 to 1.0.

Everything else goes the way of the real engine: camera, port, matching, thresholds.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from domain.errors import CallerError, DeviceVanished
from hardware.ports import (
    Embedding,
    FaceFound,
    FaceRead,
    NoFace,
    Picture,
    SeveralFaces,
)

NAME: Final = "simulated-v1"

_SQUARE: Final = 8  # pixels, a JPEG block
_ACROSS, _DOWN = 40, 30
_CAPACITY: Final = _ACROSS * _DOWN // 8
_MAGIC: Final = b"\xa5\x3c"
_SUM: Final = 4  # bytes of a digest, so that a chance pattern is nobody
_PERSON, _SHOT = 0.6, 0.14  # lengths; two random directions are at a right angle
_DARK, _LIGHT, _MIDDLE = 40, 215, 128


@lru_cache(maxsize=256)
def picture_of(*identities: str, shot: int = 1) -> Picture:
    """A picture of the people named, taken for the `shot`-th time.

    Without a name it is a picture of something that is no face.
    """
    content = b"".join(_string(name) for name in identities)
    body = bytes([len(identities), shot % 256]) + content
    message = _MAGIC + len(body).to_bytes(2) + body + _digest(body)
    if len(message) > _CAPACITY:
        raise CallerError("too many people, or too long names, for one picture")
    bits = np.unpackbits(np.frombuffer(message.ljust(_CAPACITY, b"\0"), np.uint8))
    squares = np.where(bits.reshape(_DOWN, _ACROSS) == 1, _LIGHT, _DARK)
    grey = np.kron(squares, np.ones((_SQUARE, _SQUARE))).astype(np.uint8)
    picture = np.repeat(grey[:, :, None], 3, axis=2)
    picture.setflags(write=False)
    return picture


class SimulatedFaceEngine:
    """Reads pictures drawn by `picture_of`; any other picture has no face."""

    name = NAME

    def __init__(self) -> None:
        self._dead = False
        self._closed = False

    async def read(self, picture: Picture) -> FaceRead:
        await self.check()
        people = _people_on(picture)
        if people is None or not people[0]:
            return NoFace()
        identities, shot = people
        if len(identities) > 1:
            return SeveralFaces(len(identities))
        height, width = picture.shape[:2]
        return FaceFound(embedding_of(identities[0], shot=shot), (0, 0, width, height))

    async def check(self) -> None:
        if self._dead or self._closed:
            raise DeviceVanished("the simulated face engine is dead")

    async def aclose(self) -> None:
        self._closed = True

    def die(self) -> None:
        self._dead = True

    def revive(self) -> None:
        self._dead = False


@lru_cache(maxsize=1024)
def embedding_of(identity: str, *, shot: int = 1) -> Embedding:
    """What the engine gives for `picture_of(identity, shot=shot)`."""
    person = _direction(identity) * _PERSON
    embedding = (person + _direction(f"{identity}/{shot}") * _SHOT).astype(np.float32)
    embedding.setflags(write=False)
    return embedding


def _direction(seed: str) -> Embedding:
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
    direction = np.random.default_rng(number).standard_normal(128)
    return (direction / np.linalg.norm(direction)).astype(np.float32)


def _people_on(picture: Picture) -> tuple[Sequence[str], int] | None:
    if picture.shape[:2] != (_DOWN * _SQUARE, _ACROSS * _SQUARE):
        return None
    grey = picture[:, :, 1].reshape(_DOWN, _SQUARE, _ACROSS, _SQUARE)
    bits = grey.mean(axis=(1, 3)) >= _MIDDLE
    message = np.packbits(bits).tobytes()
    length = int.from_bytes(message[2:4])
    body = message[4 : 4 + length]
    if message[:2] != _MAGIC or message[4 + length :][:_SUM] != _digest(body):
        return None
    count, shot, at, names = body[0], body[1], 2, []
    for _ in range(count):
        names.append(body[at + 1 : at + 1 + body[at]].decode())
        at += 1 + body[at]
    return names, shot


def _string(text: str) -> bytes:
    raw = text.encode()
    return bytes([len(raw)]) + raw


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()[:_SUM]
