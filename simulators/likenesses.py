"""How simulated people look: drawn for stories, photographed for the real engine.

Both give what is enrolled and what the camera sees: never the same picture. The
photographs are the ORL set that an installed package carries (`simulators.orl`); they
are looked at, never copied.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from config.schema import FaceLimits, PersonSpec
from domain.errors import PictureUnusable
from domain.ids import PersonId
from hardware.faces.matching import verify
from hardware.ports import Embedding, FaceEngine, FaceFound, Picture
from simulators import orl
from simulators.face_engine import SimulatedFaceEngine, embedding_of, picture_of
from simulators.people import UNKNOWN

_STRANGER: Final = 40  # the subject whom nobody may be
_ENROLLED: Final = (1, 2, 3)  # shots of each subject
_SEEN: Final = (4, 5, 6, 7, 8, 9, 10)


class Likenesses(Protocol):
    engine: FaceEngine

    def enrolled(self, person: PersonId) -> tuple[Embedding, ...]:
        """The embeddings that the register holds of a person."""

    def seen(self, whose: str) -> Picture:
        """What the camera sees of somebody; a picture that was not enrolled."""


class Drawn:
    """Drawn faces and the deterministic engine, for the virtual clock."""

    def __init__(self) -> None:
        self.engine: FaceEngine = SimulatedFaceEngine()

    def enrolled(self, person: PersonId) -> tuple[Embedding, ...]:
        return tuple(embedding_of(person, shot=shot) for shot in _ENROLLED)

    def seen(self, whose: str) -> Picture:
        return picture_of(whose, shot=_SEEN[0])


class Photographed:
    """Photographs, embedded by the real engine. Made by `photograph`."""

    def __init__(
        self,
        engine: FaceEngine,
        enrolled: Mapping[PersonId, tuple[Embedding, ...]],
        seen: Mapping[str, Picture],
    ) -> None:
        self.engine = engine
        self._enrolled = enrolled
        self._seen = seen

    def enrolled(self, person: PersonId) -> tuple[Embedding, ...]:
        return self._enrolled[person]

    def seen(self, whose: str) -> Picture:
        return self._seen.get(whose, self._seen[UNKNOWN])


async def photograph(
    people: Iterable[PersonSpec], engine: FaceEngine, *, limits: FaceLimits
) -> Photographed:
    """Give everybody a subject of the ORL set and check that the pairs hold.

    Checked: each person's camera picture is within `limits.identify` of what is
    enrolled of them, and not within `limits.verify` of anybody else.

    Raises:
        PictureUnusable: a subject has no usable picture, or there are more people
            than subjects; says who.
    """
    subjects = _subjects(people)
    enrolled: dict[PersonId, tuple[Embedding, ...]] = {}
    for person, subject in subjects.items():
        found = [await _embed(engine, subject, shot) for shot in _ENROLLED]
        usable = tuple(e for e in found if e is not None)
        if not usable:
            raise PictureUnusable(f"no enrolled picture of `{person}` has one face")
        enrolled[person] = usable
    seen = {UNKNOWN: orl.portrait(_STRANGER, 1)}
    for person, subject in subjects.items():
        seen[person] = await _picture(engine, person, subject, enrolled, limits)
    return Photographed(engine, enrolled, seen)


def _subjects(people: Iterable[PersonSpec]) -> dict[PersonId, int]:
    wanted = list(people)
    chosen = {p.id: p.face for p in wanted if p.face is not None}
    free = iter(n for n in range(1, _STRANGER) if n not in chosen.values())
    out: dict[PersonId, int] = {}
    for person in wanted:
        subject = chosen.get(person.id) or next(free, None)
        if subject is None:
            raise PictureUnusable(
                f"no photograph is left for `{person.id}`: there are {_STRANGER - 1}"
            )
        out[person.id] = subject
    return out


async def _picture(
    engine: FaceEngine,
    person: PersonId,
    subject: int,
    enrolled: Mapping[PersonId, tuple[Embedding, ...]],
    limits: FaceLimits,
) -> Picture:
    """The first picture that is the person to the engine, and nobody else."""
    for shot in _SEEN:
        face = await _embed(engine, subject, shot)
        if face is None:
            continue
        others = [e for o, faces in enrolled.items() if o != person for e in faces]
        # Below `identify`, so that starting with the face works too.
        own = verify(face, enrolled[person], threshold=limits.identify)
        if own.matches and not verify(face, others, threshold=limits.verify).matches:
            return orl.portrait(subject, shot)
    raise PictureUnusable(
        f"no photograph of subject {subject} (`{person}`) is sure enough; give them "
        "another `face` number"
    )


async def _embed(engine: FaceEngine, subject: int, shot: int) -> "Embedding | None":
    read = await engine.read(orl.portrait(subject, shot))
    return read.embedding if isinstance(read, FaceFound) else None
