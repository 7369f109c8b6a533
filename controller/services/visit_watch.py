"""What happens to visits by themselves: their ends come, and badges turn up astray.

    at its end             expired, a no-show, or overdue
    ten minutes overdue    an alarm to the guard, once a visit; cleared by check-out
    a visitor's badge at a door off the route, or one that was revoked: an alarm
    a handing over at a door      the visit's escorts from now on, at all its doors
    a visitor inside by a door that had not heard that the visit is frozen or over: an
    alarm (`controller.services.visit_late`)

A door off the route doesn't know the visitor (G2.4) and refuses an unknown badge; the
office knows whose it is.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

from sqlalchemy import Connection

from controller.services import visit_late
from controller.services.office import Act, Office
from controller.services.visit_ends import lapse_in
from controller.services.visit_step import badge_holders, change_in
from controller.store import visit_papers, visits
from controller.store.envelopes import Stored
from controller.store.visits import StoredVisit
from domain.access_events import (
    AccessDenied,
    PersonEntered,
    PersonLeft,
    VisitorHandedOver,
)
from domain.alarm_events import AlarmCleared, AlarmCode, AlarmRaised
from domain.alarms import priority
from domain.credentials import Credential, Factor
from domain.events import Event
from domain.ids import (
    CONTROLLER,
    CredentialId,
    DeviceId,
    PersonId,
    VisitId,
    is_visitor,
)
from domain.policy import Reason
from domain.visit_events import VisitEvent, VisitorCheckedOut
from domain.visit_life import ENDED, VisitState
from domain.zones import ZoneLevel

# A visit past its end is late for the door at once, and for the guard after this.
PATIENCE: Final = timedelta(minutes=10)
OFF_ROUTE: Final = Reason("visit.off_route")
OVER: Final = Reason("visit.over")
_BY: Final = "controller"
_Told: TypeAlias = AccessDenied | VisitorHandedOver | visit_late.Moved


def concerns(id_: VisitId) -> DeviceId:
    """Alarms stand one by one for door, code and device: a visit's under this."""
    return DeviceId(f"visit:{id_}")


class VisitWatch:
    """Runs beside the others; `heard` takes every committed entry."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._told: list[_Told] = []
        self._wake = asyncio.Event()

    def heard(self, entry: Stored) -> None:
        """An entry was committed, by a door or by the office."""
        event = entry.event
        if isinstance(event, VisitorHandedOver | VisitorCheckedOut):
            told: _Told | None = event
        elif isinstance(event, AccessDenied):
            told = None if event.credential is None else event
        elif isinstance(event, PersonEntered | PersonLeft):
            told = event if is_visitor(event.person) else None
        else:
            told = None
        if told is not None:
            self._told.append(told)
            self._wake.set()
        elif isinstance(event, VisitEvent):
            self._wake.set()  # there may be another end to wait for

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            told = tuple(self._told)
            due = await self._office.act(partial(self._look, told=told))
            del self._told[: len(told)]
            await self._wait(due)

    async def _wait(self, due: datetime | None) -> None:
        now = self._office.clock.now()
        timeout = None if due is None else max(0.0, (due - now).total_seconds())
        try:
            async with asyncio.timeout(timeout):
                await self._wake.wait()
        except TimeoutError:
            return

    def _look(self, act: Act, *, told: Iterable[_Told]) -> datetime | None:
        """Do what is due; when to look again."""
        for event in told:
            match event:
                case VisitorHandedOver():
                    self._handed_over(act, event)
                case AccessDenied():
                    act.say(*self._astray(act.connection, event, at=act.at))
                case _:
                    visit_late.moved(act, self._office.site, event)
        dues: list[datetime] = []
        for stored in visits.live(act.connection):
            visit = stored.visit
            if visit.until <= act.at:
                lapse_in(act, self._office, stored, by=_BY)
            elif visit.state is not VisitState.BLOCKED:
                dues.append(visit.until)
        for stored in visits.badged(act.connection):
            due = self._alarm_overdue(act, stored)
            if due is not None:
                dues.append(due)
        return min(dues, default=None)

    def _handed_over(self, act: Act, event: VisitorHandedOver) -> None:
        """A door is the witness. In a group the old escort still leads the others."""
        stored = visits.visit(act.connection, event.visit)
        if stored is None or event.at <= stored.visit.escorts_since:
            return
        before = stored.visit
        if before.state in ENDED:
            return
        alone = len(badge_holders(before)) <= 1
        escorts = tuple(dict.fromkeys((*before.escorts, event.new)))
        after = replace(
            before,
            escorts=event.escorts if alone else escorts,
            deputies=event.deputies if alone else before.deputies,
            escorts_since=event.at,
        )
        visits.save(act.connection, before, after, at=act.at, by=event.door)
        change_in(act, self._office, before, after, "hand_over", by=event.door)

    def _alarm_overdue(self, act: Act, stored: StoredVisit) -> datetime | None:
        """Alarm if it is time; else when it will be."""
        visit = stored.visit
        if stored.overdue_alarmed_at is not None:
            return None
        due = visit.until + PATIENCE
        if act.at < due:
            return due if visit.until <= act.at else None
        visits.alarmed_overdue(act.connection, visit.id, act.at)
        act.say(overdue_alarm(stored, at=act.at))
        return None

    def _astray(
        self, connection: Connection, stray: AccessDenied, *, at: datetime
    ) -> list[Event]:
        """The alarm, if it is a visitor's badge that this door doesn't know."""
        holder = self._holder(connection, stray.credential)
        stored = None if holder is None else visits.visit(connection, holder[0])
        if (
            holder is None
            or stored is None
            or stray.door not in self._office.site.doors
        ):
            return []
        visit, zone = stored.visit, self._office.site.zone_of(stray.door)
        over = visit.state in ENDED
        if not over and zone.id in visit.route:
            return []  # its roster is on the way
        code = OVER if over else OFF_ROUTE
        return [
            AlarmRaised(
                door=CONTROLLER,
                at=at,
                code=code,
                priority=priority(code, zone.level),
                person=holder[1],
                device=None,
                detail=f"badge of visit {visit.id}, which does not lead here",
                silent=False,
                target=stray.door,
            )
        ]

    def _holder(
        self, connection: Connection, digest: str | None
    ) -> tuple[VisitId, PersonId] | None:
        try:
            data = bytes.fromhex(digest or "")
        except ValueError:
            return None
        badge = Credential(CredentialId(""), Factor.BADGE, data)
        mark = self._office.vault.mark(badge)
        return None if mark is None else visit_papers.holder_of_mark(connection, mark)


def overdue_alarm(stored: StoredVisit, *, at: datetime) -> AlarmRaised:
    visit = stored.visit
    inside = [v.id for v in visit.coming if v.checked_in_at and not v.checked_out_at]
    return AlarmRaised(
        door=CONTROLLER,
        at=at,
        code=Reason(AlarmCode.VISIT_OVERDUE),
        priority=priority(AlarmCode.VISIT_OVERDUE, ZoneLevel.GENERAL),
        person=inside[0] if inside else None,
        device=concerns(visit.id),
        detail=f"visit {visit.id} should have left at {visit.until.isoformat()}",
        silent=False,
        target=None,
    )


def overdue_cleared(id_: VisitId, *, at: datetime) -> AlarmCleared:
    """The last of them left."""
    return AlarmCleared(
        door=CONTROLLER,
        at=at,
        code=Reason(AlarmCode.VISIT_OVERDUE),
        device=concerns(id_),
        target=None,
    )
