"""Many alarms at once, as lines that somebody can still read.

    chatter   one door and one type, three or more within a minute: one line, ×n
    flood     more than ten within ten minutes: those of one type on one line, of which
              the first speaks

An alarm of priority 1 is never grouped away: each of its doors keeps a line. Grouping
is only for the eye; every alarm stays one by itself, with its own acknowledgement.
Source: the console's design, section 5.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar

from domain.ids import DeviceId, DoorId
from domain.policy import Reason

CHATTER: Final = 3
CHATTER_WITHIN: Final = timedelta(seconds=60)
FLOOD: Final = 10  # more than this
FLOOD_WITHIN: Final = timedelta(minutes=10)


class Raised(Protocol):
    """What grouping looks at."""

    @property
    def door(self) -> DoorId: ...
    @property
    def code(self) -> Reason: ...
    @property
    def device(self) -> DeviceId | None: ...
    @property
    def priority(self) -> int: ...
    @property
    def since(self) -> datetime: ...
    @property
    def acknowledged_at(self) -> datetime | None: ...


A = TypeVar("A", bound=Raised)


@dataclass(frozen=True, slots=True)
class Entry(Generic[A]):
    """One line: the alarm that speaks for it, and all on it, that one first."""

    first: A
    all: tuple[A, ...]

    @property
    def doors(self) -> int:
        return len({alarm.door for alarm in self.all})


def entries(alarms: Sequence[A]) -> tuple[Entry[A], ...]:
    """Lines in the order of their first alarm; each alarm is on exactly one.

    What somebody acknowledged isn't mixed with what nobody has seen.
    """
    lines = [Entry(alarm, (alarm,)) for alarm in alarms]
    lines = _joined(lines, lambda a: (a.door, a.device), CHATTER, CHATTER_WITHIN)
    urgent = [line for line in lines if line.first.priority == 1]
    grouped = _joined(
        [line for line in lines if line.first.priority != 1],
        lambda a: (),
        FLOOD + 1,
        FLOOD_WITHIN,
    )
    place = {id(alarm): n for n, alarm in enumerate(alarms)}
    return tuple(sorted([*urgent, *grouped], key=lambda line: place[id(line.first)]))


def _joined(
    lines: Iterable[Entry[A]],
    key: Callable[[A], tuple[object, ...]],
    many: int,
    within: timedelta,
) -> list[Entry[A]]:
    """Lines of one key and type become one, if `many` alarms of it came `within`."""
    alike: dict[tuple[object, ...], list[Entry[A]]] = {}
    for line in lines:
        a = line.first
        seen = a.acknowledged_at is not None
        alike.setdefault((a.code, a.priority, seen, *key(a)), []).append(line)
    joined: list[Entry[A]] = []
    for group in alike.values():
        alarms = [alarm for line in group for alarm in line.all]
        if _came_together([a.since for a in alarms], many, within):
            joined.append(Entry(group[0].first, tuple(alarms)))
        else:
            joined += group
    return joined


def _came_together(instants: Iterable[datetime], many: int, within: timedelta) -> bool:
    """Whether some `many` of them lie no further apart than `within`."""
    ordered = sorted(instants)
    firsts = ordered[: max(0, len(ordered) - many + 1)]
    return any(
        last - first <= within
        for first, last in zip(firsts, ordered[many - 1 :], strict=True)
    )
