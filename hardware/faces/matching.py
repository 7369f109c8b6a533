"""Which person an embedding is, if any. Pure: numbers in, an answer out.

Embeddings compare by Euclidean distance. The thresholds are dlib's network on the ORL
photographs, all pairs (77,220 impostor pairs, 40 people: small, so the rates below
0.01 % are bounds and not measurements; `menshen faces evaluate` repeats it):

    distance   false accept / pair   false reject
    0.60       2.17 %                             the library's default: far too loose
    0.50       0.066 %               1.7 %
    0.473      0.01 %                3.9 %
    0.45       0 of 77,220           6.8 %

At 0.6 somebody unknown matches one of 100 enrolled people with 89 %. So naming a
person by face alone is stricter than confirming one whom finger or badge named, and
wants the runner-up well behind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.errors import CallerError
from domain.ids import PersonId
from hardware.ports import Embedding

SIZE: Final = 128
VERIFY: Final = 0.50
IDENTIFY: Final = 0.45
MARGIN: Final = 0.05  # the second-best *other* person must be this much farther


@dataclass(frozen=True, slots=True)
class Verified:
    """`distance` is the smallest to any enrolled picture; infinite if none is."""

    matches: bool
    distance: float


@dataclass(frozen=True, slots=True)
class Identified:
    """`person` is None if nobody is near enough, or two are about equally near."""

    person: PersonId | None
    distance: float


class Gallery:
    """The people a face is searched among; each with one or more embeddings."""

    def __init__(self, people: Mapping[PersonId, Sequence[Embedding]]) -> None:
        owners: list[int] = []
        rows: list[Embedding] = []
        self._people = tuple(people)
        for owner, embeddings in enumerate(people.values()):
            owners += [owner] * len(embeddings)
            rows += embeddings
        self._owners = np.array(owners, dtype=np.intp)
        self._rows = _matrix(rows)

    def __len__(self) -> int:
        return len(self._people)

    def nearest(self, embedding: Embedding) -> list[tuple[float, PersonId]]:
        """The two nearest people, nearest first; fewer if there are fewer."""
        distances = distance(self._rows, embedding)
        best = np.full(len(self._people), np.inf, dtype=np.float32)
        np.minimum.at(best, self._owners, distances)
        order = np.argsort(best, kind="stable")[:2]
        return [
            (float(best[owner]), self._people[owner])
            for owner in order
            if np.isfinite(best[owner])
        ]


def distance(rows: NDArray[np.float32], embedding: Embedding) -> NDArray[np.float32]:
    """Euclidean distance of each row to `embedding`; infinite where that is no
    number, so that a damaged template is far from everybody."""
    if embedding.shape != (SIZE,):
        raise CallerError(f"an embedding has {SIZE} numbers, not {embedding.shape}")
    distances = np.linalg.norm(rows - embedding, axis=1)
    return np.asarray(np.nan_to_num(distances, nan=np.inf), dtype=np.float32)


def verify(
    embedding: Embedding, enrolled: Sequence[Embedding], *, threshold: float = VERIFY
) -> Verified:
    """Whether `embedding` is the person enrolled with `enrolled`.

    Exactly at the threshold matches; a NaN anywhere never does.
    """
    if not enrolled:
        return Verified(matches=False, distance=float("inf"))
    nearest = float(distance(_matrix(enrolled), embedding).min())
    return Verified(matches=nearest <= threshold, distance=nearest)


def identify(
    embedding: Embedding,
    gallery: Gallery,
    *,
    threshold: float = IDENTIFY,
    margin: float = MARGIN,
) -> Identified:
    """Who of the gallery `embedding` is."""
    nearest = gallery.nearest(embedding)
    if not nearest:
        return Identified(None, float("inf"))
    best, person = nearest[0]
    clear = len(nearest) == 1 or nearest[1][0] - best >= margin
    return Identified(person if best <= threshold and clear else None, best)


def _matrix(rows: Sequence[Embedding]) -> NDArray[np.float32]:
    return np.array(rows, dtype=np.float32).reshape(len(rows), SIZE)
