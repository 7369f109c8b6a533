"""What every face engine promises: the real one on photographs, the simulated one on
its own pictures."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import numpy as np
import pytest

from domain.errors import DeviceError, PictureUnusable
from domain.ids import PersonId
from hardware.drivers.dlib_engine import DlibEngine
from hardware.faces.enrolment import decode, embed
from hardware.faces.matching import Gallery, identify, verify
from hardware.ports import (
    Embedding,
    FaceEngine,
    FaceFound,
    NoFace,
    Picture,
    SeveralFaces,
)
from simulators import orl
from simulators.face_engine import SimulatedFaceEngine, picture_of


@dataclass(frozen=True)
class Studio:
    """An engine, and pictures made for it."""

    engine: FaceEngine
    portrait: Callable[[int, int], Picture]  # person, shot
    pair: Picture
    nobody: Picture


@pytest.fixture(params=["dlib", "simulated"])
async def studio(request: pytest.FixtureRequest) -> AsyncIterator[Studio]:
    if request.param == "dlib":
        made = Studio(DlibEngine(), orl.portrait, orl.group(1, 2), orl.empty())
    else:
        made = Studio(
            SimulatedFaceEngine(),
            lambda person, shot: picture_of(f"E{person}", shot=shot),
            picture_of("E1", "E2"),
            picture_of(),
        )
    yield made
    await made.engine.aclose()


async def embedding(studio: Studio, person: int, shot: int) -> Embedding:
    return await embed(
        studio.engine, studio.portrait(person, shot), name=f"{person}/{shot}"
    )


async def test_other_photographs_of_a_person_match_and_of_others_do_not(
    studio: Studio,
) -> None:
    people = (1, 2, 3)
    enrolled = {
        PersonId(f"E{person}"): [
            await embedding(studio, person, shot) for shot in (1, 2, 3)
        ]
        for person in people
    }
    gallery = Gallery(enrolled)

    for person in people:
        for shot in (4, 7, 10):
            seen = await embedding(studio, person, shot)

            assert [
                verify(seen, pictures).matches for pictures in enrolled.values()
            ] == [person == other for other in people]
            assert identify(seen, gallery).person == f"E{person}"


async def test_a_stranger_is_nobody(studio: Studio) -> None:
    gallery = Gallery(
        {PersonId(f"E{n}"): [await embedding(studio, n, 1)] for n in (1, 2, 3)}
    )

    for stranger in (11, 12, 13):
        seen = await embedding(studio, stranger, 1)

        assert identify(seen, gallery).person is None


async def test_the_same_picture_gives_the_same_embedding(studio: Studio) -> None:
    first, second = [await embedding(studio, 5, 1) for _ in range(2)]

    assert first.shape == (128,)
    assert first.dtype == np.float32
    assert np.array_equal(first, second)


async def test_no_face_and_two_faces_are_answers_and_not_embeddings(
    studio: Studio,
) -> None:
    assert await studio.engine.read(studio.nobody) == NoFace()
    assert await studio.engine.read(studio.pair) == SeveralFaces(2)


async def test_such_photographs_cannot_be_enrolled_and_the_message_says_which(
    studio: Studio,
) -> None:
    with pytest.raises(PictureUnusable, match=r"`li\.jpg` shows no face"):
        await embed(studio.engine, studio.nobody, name="li.jpg")
    with pytest.raises(PictureUnusable, match=r"`li\.jpg` shows 2 faces"):
        await embed(studio.engine, studio.pair, name="li.jpg")


async def test_the_box_lies_in_the_picture(studio: Studio) -> None:
    picture = studio.portrait(1, 1)

    read = await studio.engine.read(picture)

    assert isinstance(read, FaceFound)
    left, top, right, bottom = read.box
    assert 0 <= left < right <= picture.shape[1]
    assert 0 <= top < bottom <= picture.shape[0]


async def test_a_closed_engine_says_so(studio: Studio) -> None:
    await studio.engine.aclose()
    await studio.engine.aclose()

    with pytest.raises(DeviceError):
        await studio.engine.read(studio.nobody)


@pytest.mark.parametrize("data", [b"", b"GIF89a", bytes(1000)], ids=len)
def test_a_file_that_is_no_picture_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(PictureUnusable, match=r"`li\.jpg`"):
        decode(data, name="li.jpg")
