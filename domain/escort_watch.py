"""What a door watches of the people inside its zone: visitors without their escort, and
whoever stays longer than they may.

    look: Doorway, who is inside, who leads whom -> Turn

Laws: nothing here keeps anybody in or out; each condition raises its alarm once when it
begins and clears it once when it ends, for each person apart.

- an escort who leaves while their visitor stays, and no other escort of theirs is
  inside: at once (G5.3.2-2a);
- a visitor inside without an escort for as long as the site allows;
- anybody inside longer than the zone lets people of their class stay (G5.3.3-2).

Once nobody can know who is inside, visitors and escorts count as recorded: a fire drill
raises no alarm by itself, and none that stands goes away by it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.alarm_events import AlarmCode
from domain.doorway import Doorway, Setting, Turn
from domain.escorting import Visitors
from domain.ids import DeviceId, PersonId, is_visitor
from domain.occupancy import ZoneOccupancy
from domain.vigil import condition
from domain.visit_classes import PersonClass

_CODES: Final = (AlarmCode.ESCORT_LEFT, AlarmCode.VISITOR_ALONE, AlarmCode.DWELL)


def look(
    doorway: Doorway,
    here: ZoneOccupancy,
    visitors: Visitors,
    *,
    setting: Setting,
    at: datetime,
) -> Turn:
    """Whenever somebody came or went, a roster or a deadline came."""
    if not setting.watches_zone:
        return Turn(doorway)
    alone = _alone_since(doorway, here, visitors, at)
    left = {
        p
        for p in alone
        if p in doorway.accompanied
        or _holds(doorway, AlarmCode.ESCORT_LEFT, p)  # until somebody is with them
    }
    too_long = {p for p, since in alone.items() if at >= since + setting.visitor_alone}
    lingering = {
        p for p, until in _stays(here, visitors, setting).items() if at >= until
    }
    together = {p for p in here.stays if is_visitor(p)} - set(alone)
    seen = replace(
        doorway,
        accompanied=frozenset(together),
        alone_since=tuple(sorted(alone.items())),
        watch_next=_next(here, visitors, alone, setting, at),
    )
    turn = Turn(seen)
    for code, holds in zip(_CODES, (left, too_long, lingering), strict=True):
        for person in sorted(holds | _told(doorway, code)):
            turn = turn.then(_condition(code, person, person in holds, setting, at))
    return turn


def subject(person: PersonId) -> DeviceId:
    """Alarms stand one by one for door, code and device: a person's under this."""
    return DeviceId(f"{_PERSON}{person}")


_PERSON: Final = "person:"


def _alone_since(
    doorway: Doorway, here: ZoneOccupancy, visitors: Visitors, at: datetime
) -> dict[PersonId, datetime]:
    """Visitors inside whose escorts are not, and since when that was seen."""
    known = dict(doorway.alone_since)
    return {
        p: known.get(p, at)
        for p in here.stays
        if is_visitor(p) and not any(e in here.stays for e in visitors.escorts_of(p))
    }


def _stays(
    here: ZoneOccupancy, visitors: Visitors, setting: Setting
) -> dict[PersonId, datetime]:
    """Until when each of those certainly inside may stay, where there is a limit."""
    limits = (
        (p, here.stays[p].since, setting.zone.may_stay(_class(p, visitors)))
        for p in here.certain
    )
    return {p: since + limit for p, since, limit in limits if limit is not None}


def _class(person: PersonId, visitors: Visitors) -> PersonClass:
    if not is_visitor(person):
        return PersonClass.STAFF
    right = visitors.rights.get(person)
    return PersonClass.VISITOR if right is None else PersonClass(str(right.kind))


def _next(
    here: ZoneOccupancy,
    visitors: Visitors,
    alone: dict[PersonId, datetime],
    setting: Setting,
    at: datetime,
) -> datetime | None:
    dues: Iterable[datetime] = (
        *(since + setting.visitor_alone for since in alone.values()),
        *_stays(here, visitors, setting).values(),
    )
    return min((due for due in dues if due > at), default=None)


def _condition(
    code: AlarmCode, person: PersonId, holds: bool, setting: Setting, at: datetime
) -> Callable[[Doorway], Turn]:
    return lambda doorway: condition(
        doorway,
        code,
        holds,
        setting=setting,
        at=at,
        device=subject(person),
        person=person,
    )


def _told(doorway: Doorway, code: AlarmCode) -> set[PersonId]:
    """Of whom this alarm stands."""
    mark = f"{code}:{_PERSON}"
    return {
        PersonId(n.removeprefix(mark)) for n in doorway.raised if n.startswith(mark)
    }


def _holds(doorway: Doorway, code: AlarmCode, person: PersonId) -> bool:
    return f"{code}:{subject(person)}" in doorway.raised
