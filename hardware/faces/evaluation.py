"""How well a face engine tells people apart, on pictures of known people.

Every two pictures are compared: *genuine* pairs show the same person, *impostor* pairs
two. From their distances follow, for any threshold, the share of impostors accepted
(FAR) and of the right people refused (FRR). Rates are told with the number of pairs
behind them: none wrong out of n means, with 95 % confidence, less than 3 in n.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.errors import InputError
from hardware.faces.enrolment import decode
from hardware.faces.framing import framed
from hardware.faces.matching import IDENTIFY, VERIFY
from hardware.ports import Embedding, Picture

THRESHOLDS: Final = (0.40, IDENTIFY, 0.473, VERIFY, 0.55, 0.60)
_SUFFIXES: Final = frozenset({".bmp", ".jpeg", ".jpg", ".pgm", ".png"})
_SMALL: Final = 240  # pixels high; below it is a cut-out portrait, no camera's frame


@dataclass(frozen=True, slots=True)
class Pairs:
    """Distances of all pairs."""

    genuine: NDArray[np.float32]
    impostor: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rates:
    threshold: float
    false_accepts: int
    false_rejects: int


def people_in(folder: Path) -> dict[str, list[Path]]:
    """Pictures by person: one sub-folder each, in the order of their names.

    Raises:
        InputError: there are not two people with pictures.
    """
    try:
        people = {
            place.name: sorted(p for p in place.iterdir() if _is_picture(p))
            for place in sorted(folder.iterdir(), key=lambda p: (len(p.name), p.name))
            if place.is_dir()
        }
    except OSError as error:
        raise InputError(f"folder `{folder}`: {error.strerror}") from error
    people = {name: pictures for name, pictures in people.items() if pictures}
    if len(people) < 2:
        raise InputError(
            f"folder `{folder}` needs a sub-folder of pictures for each of two people"
        )
    return people


def picture_in(path: Path) -> Picture:
    """The picture, framed as a camera's if it is a cut-out portrait."""
    picture = decode(path.read_bytes(), name=str(path))
    return framed(picture) if picture.shape[0] < _SMALL else picture


def all_pairs(people: Mapping[str, Sequence[Embedding]]) -> Pairs:
    owners = np.repeat(np.arange(len(people)), [len(e) for e in people.values()])
    rows = np.array([e for several in people.values() for e in several], np.float32)
    distances = np.linalg.norm(rows[:, None] - rows[None, :], axis=2)
    first, second = np.triu_indices(len(rows), k=1)
    same = owners[first] == owners[second]
    pairs = distances[first, second]
    return Pairs(pairs[same], pairs[~same])


def rates(pairs: Pairs, threshold: float) -> Rates:
    return Rates(
        threshold,
        int((pairs.impostor <= threshold).sum()),
        int((pairs.genuine > threshold).sum()),
    )


def equal_error(pairs: Pairs) -> tuple[float, float]:
    """The threshold at which FAR and FRR are nearest, and their mean there."""
    genuine, impostor = np.sort(pairs.genuine), np.sort(pairs.impostor)
    at = np.concatenate([genuine, impostor])
    far = np.searchsorted(impostor, at, side="right") / len(impostor)
    frr = 1 - np.searchsorted(genuine, at, side="right") / len(genuine)
    best = int(np.abs(far - frr).argmin())
    return float(at[best]), float((far[best] + frr[best]) / 2)


def report(pairs: Pairs, *, people: int, pictures: int, without_face: int) -> str:
    """What was found, for a person who must choose a threshold."""
    genuine, impostor = pairs.genuine, pairs.impostor
    at, error = equal_error(pairs)
    lines = [
        f"{people} people, {pictures} pictures, {without_face} without one clear face",
        f"genuine   {len(genuine):>7} pairs   distance {_spread(genuine)}",
        f"impostor  {len(impostor):>7} pairs   distance {_spread(impostor)}",
        f"equal error rate {error:.2%} at {at:.3f}",
        "",
        "threshold   impostors accepted          right people refused",
    ]
    for threshold in THRESHOLDS:
        found = rates(pairs, threshold)
        lines.append(
            f"{threshold:<9.3f}   {_share(found.false_accepts, len(impostor)):<27} "
            f"{_share(found.false_rejects, len(genuine))}{_used(threshold)}"
        )
    lines += [
        "",
        f"{people} people are a small sample. This shows whether the network and the",
        "thresholds go together; for your door, take pictures with its own camera.",
    ]
    return "\n".join(lines)


def _spread(distances: NDArray[np.float32]) -> str:
    return f"{distances.mean():.3f} ± {distances.std():.3f}"


def _share(count: int, total: int) -> str:
    if count == 0:
        return f"0 of {total} (< {3 / total:.3%})"
    return f"{count} of {total} ({count / total:.3%})"


def _used(threshold: float) -> str:
    uses = {IDENTIFY: "   <- naming by face alone", VERIFY: "   <- confirming a person"}
    return uses.get(threshold, "")


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES
