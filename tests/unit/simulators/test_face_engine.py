"""The deterministic face engine: sure of its own pictures and of nothing else."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CallerError, DeviceError
from hardware.faces.matching import IDENTIFY, VERIFY
from hardware.ports import FaceFound, FaceRead, NoFace, Picture, SeveralFaces
from simulators.clock import run_virtual
from simulators.face_engine import SimulatedFaceEngine, embedding_of, picture_of


def read(picture: Picture) -> FaceRead:
    return run_virtual(lambda _: SimulatedFaceEngine().read(picture))


names = st.text(min_size=1, max_size=10).filter(lambda t: t.isprintable())


@given(names, names, st.integers(0, 255), st.integers(0, 255))
def test_one_person_is_near_and_two_are_far(
    one: str, other: str, first: int, second: int
) -> None:
    here, there = embedding_of(one, shot=first), embedding_of(other, shot=second)

    distance = float(np.linalg.norm(here - there))

    assert (distance < IDENTIFY) == (one == other)
    assert (distance < VERIFY) == (one == other)


@pytest.mark.parametrize("quality", [95, 50])
def test_a_picture_survives_jpeg(quality: int) -> None:
    data = cv2.imencode(
        ".jpg", picture_of("周工", shot=3), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )[1]
    picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)

    found = read(picture)

    assert isinstance(found, FaceFound)
    assert np.array_equal(found.embedding, embedding_of("周工", shot=3))


def test_it_counts_people() -> None:
    assert read(picture_of()) == NoFace()
    assert read(picture_of("a", "b", "c")) == SeveralFaces(3)


@given(st.integers(0, 2**32 - 1))
def test_a_picture_of_anything_else_has_no_face(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (240, 320, 3), np.uint8)

    assert read(noise) == NoFace()
    assert read(noise[:100]) == NoFace()


def test_a_dead_engine_says_so_until_it_is_revived() -> None:
    async def story() -> None:
        engine = SimulatedFaceEngine()
        engine.die()
        with pytest.raises(DeviceError):
            await engine.read(picture_of("a"))
        engine.revive()
        await engine.read(picture_of("a"))

    run_virtual(lambda _: story())


def test_a_crowd_does_not_fit_a_picture() -> None:
    with pytest.raises(CallerError, match="too many"):
        picture_of(*(f"E{number}" for number in range(1000, 1040)))
