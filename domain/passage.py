"""Who goes through on which opening of a door.

People granted while the door is released or open are *in* (or *out*) when it shuts.
A release that runs out unopened lets its people be where they were. An opening that
nobody's reading explains, from inside (button or handle), is an unread exit.
"""

from dataclasses import dataclass, replace

from domain.ids import PersonId
from domain.policy import Side


@dataclass(frozen=True, slots=True)
class Passenger:
    person: PersonId
    side: Side
    declaration: str | None


@dataclass(frozen=True, slots=True)
class Passage:
    """What the next shutting of the door will mean."""

    passengers: tuple[Passenger, ...] = ()
    opened: bool = False
    unread: bool = False  # somebody asked to leave without reading


@dataclass(frozen=True, slots=True)
class Passed:
    entered: tuple[Passenger, ...]
    left: tuple[Passenger, ...]
    unread: bool


def granted(passage: Passage, people: tuple[Passenger, ...]) -> Passage:
    known = {p.person for p in people}
    kept = tuple(p for p in passage.passengers if p.person not in known)
    return replace(passage, passengers=(*kept, *people))


def asked_to_leave(passage: Passage) -> Passage:
    return replace(passage, unread=True)


def leaving(passage: Passage) -> bool:
    """Somebody is on the way out, read or not."""
    return passage.unread or any(p.side is Side.EXIT for p in passage.passengers)


def opened(passage: Passage) -> Passage:
    return replace(passage, opened=True)


def not_opened(passage: Passage) -> tuple[Passage, tuple[Passenger, ...]]:
    """The release ran out: nobody passed."""
    return Passage(), passage.passengers


def shut(passage: Passage) -> tuple[Passage, Passed]:
    """The door shut: whoever was let through has passed."""
    if not passage.opened:
        return passage, Passed((), (), False)
    entered = tuple(p for p in passage.passengers if p.side is Side.ENTRY)
    left = tuple(p for p in passage.passengers if p.side is Side.EXIT)
    return Passage(), Passed(entered, left, passage.unread)
