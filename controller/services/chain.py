"""Where each arriving entry of one door belongs: pure.

    NEXT    it goes to the end of the chain, and whatever waited behind it follows
    REPEAT  held already: the same bytes are nothing new, other bytes are a fork
    GAP     entries before it are missing: it waits, verified and kept
    FORK    the next by number, but it names another past: put aside, and an alarm

Only what is contiguous is ever acknowledged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from controller.services.reading import Sound
from domain.journal import Continuity, Tip, continuity


@dataclass(slots=True)
class Placement:
    """`moved`: numbers that wait no more. `repeated`: how many came twice."""

    tip: Tip
    appended: list[Sound] = field(default_factory=list)
    waits: dict[int, Sound] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    forks: list[Sound] = field(default_factory=list)
    repeated: int = 0


def place(
    tip: Tip,
    arrivals: Iterable[Sound],
    *,
    held: Mapping[int, bytes],
    waiting: Mapping[int, Sound],
) -> Placement:
    """Place `arrivals` of one door, in the order in which they came.

    `held`: digests of those of their numbers that are in the log already; `waiting`:
    what waits behind a gap.
    """
    placement = Placement(tip)
    known = dict(held)
    behind = dict(waiting)
    for each in arrivals:
        match continuity(placement.tip, each.seq, each.previous):
            case Continuity.NEXT:
                _append(placement, each, known)
                _follow(placement, known, behind)
            case Continuity.REPEAT:
                _compare(placement, each, known[each.seq])
            case Continuity.GAP if each.seq in behind:
                _compare(placement, each, behind[each.seq].digest)
            case Continuity.GAP:
                behind[each.seq] = placement.waits[each.seq] = each
            case Continuity.FORK:
                placement.forks.append(each)
    return placement


def _append(placement: Placement, each: Sound, known: dict[int, bytes]) -> None:
    placement.appended.append(each)
    placement.tip = Tip(each.seq, each.digest)
    known[each.seq] = each.digest


def _follow(
    placement: Placement, known: dict[int, bytes], behind: dict[int, Sound]
) -> None:
    """Let what waited follow the new end, and drop what the end has overtaken."""
    overtaken = behind.pop(placement.tip.seq, None)
    if overtaken is not None:
        _leave(placement, overtaken)
        if overtaken.digest != placement.tip.digest:
            placement.forks.append(overtaken)
    while (following := behind.pop(placement.tip.seq + 1, None)) is not None:
        _leave(placement, following)
        if following.previous != placement.tip.digest:
            placement.forks.append(following)
            return
        _append(placement, following, known)


def _leave(placement: Placement, each: Sound) -> None:
    if placement.waits.pop(each.seq, None) is None:
        placement.moved.add(each.seq)


def _compare(placement: Placement, each: Sound, digest: bytes) -> None:
    if each.digest == digest:
        placement.repeated += 1
    else:
        placement.forks.append(each)
