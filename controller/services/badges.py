"""Badges of those employed: given, withdrawn, and for a day to who forgot theirs.

Laws: a number is known by its digest from here on, and is in no event. A day badge is
given to whom the guard has identified by a document, once a person and day; it admits
until the midnight of the site, which the doors know themselves, and until then the
person's own badge admits nobody: two people must not come in as one. What concerns
oneself is done by somebody else. Nothing of this gives a grant.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from controller.services.badge_numbers import number_of
from controller.services.enrol import enrol_in
from controller.services.office import Act, Office, demand_person
from controller.services.rosters import doors_of_person
from controller.store import credentials, day_badges, register, sendings, visit_papers
from controller.store.day_badges import DayBadge
from controller.store.register import StoredPerson, Wanted
from controller.store.sendings import ChangeId, Receipt
from domain.credentials import Credential, Factor
from domain.errors import InputError
from domain.ids import CONTROLLER, CredentialId, PersonId, is_visitor
from domain.office_events import BadgeWithdrawn, DayBadgeEnded, DayBadgeIssued
from domain.operators import Operator
from domain.people import PersonState
from wire.sealing import badge_digest

DOCUMENTS: Final = (
    "id_card",
    "passport",
    "residence_permit",
    "driving_licence",
    "official_pass",
)
MAX_REASON: Final = 200
_FOUND: Final = 12
# Somebody may still be inside with a day badge of yesterday, and wants out by name.
_KEPT: Final = timedelta(days=1)


class BadgeProblem(StrEnum):
    NO_PERSON = "no_person"
    NOT_ACTIVE = "not_active"
    CONCERNS_SELF = "concerns_self"
    NO_NUMBER = "no_number"
    TAKEN = "taken"
    NO_DOCUMENT = "no_document"
    ONCE_A_DAY = "once_a_day"
    NO_BADGE = "no_badge"
    NO_REASON = "no_reason"


class _Barred(Exception):
    def __init__(self, problem: BadgeProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def midnight_after(at: datetime, tz: tzinfo) -> datetime:
    """The end of the site's day that has `at`."""
    tomorrow: date = at.astimezone(tz).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, tz).astimezone(at.tzinfo)


class Badges:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def find(self, text: str) -> Sequence[StoredPerson]:
        """Those employed whose number or name it is like."""
        return await self._office.database.read(
            lambda c: register.search(c, Wanted(text=text), limit=_FOUND)
        )

    async def today(self) -> tuple[DayBadge, ...]:
        day = self._day(self._office.clock.now())
        return await self._office.database.read(lambda c: day_badges.of_day(c, day))

    async def receipts(self, change: ChangeId) -> tuple[Receipt, ...]:
        return await self._office.database.read(lambda c: sendings.receipts(c, change))

    async def assign(
        self, operator: Operator, person: PersonId, number: str
    ) -> ChangeId | BadgeProblem:
        """Give a badge, instead of one they had; a day badge ends with that."""

        def work(act: Act) -> ChangeId:
            self._demand(act, operator, person)
            data = self._digest(number)
            badge = Credential(CredentialId(f"{person}.badge"), Factor.BADGE, data)
            self._demand_free(act, badge, person)
            self._end_day(act, person, by=operator.id)
            return enrol_in(act, self._office, person, badge, by=operator.id)

        return await self._do(work)

    async def withdraw(
        self, operator: Operator, person: PersonId, reason: str
    ) -> ChangeId | BadgeProblem:
        """The person's own badges name nobody from now on; a day badge stays."""

        def work(act: Act) -> ChangeId:
            known = self._another(act, operator, person)
            if not reason.strip():
                raise _Barred(BadgeProblem.NO_REASON)
            own = _own(act, person)
            if not own:
                raise _Barred(BadgeProblem.NO_BADGE)
            credentials.drop(act.connection, own)
            act.say(
                BadgeWithdrawn(
                    door=CONTROLLER,
                    at=act.at,
                    person=person,
                    reason=reason.strip()[:MAX_REASON],
                    by=operator.id,
                )
            )
            return self._change(act, known, "badge withdrawn", by=operator.id)

        return await self._do(work)

    async def issue_day(
        self, operator: Operator, person: PersonId, document: str, number: str
    ) -> ChangeId | BadgeProblem:
        def work(act: Act) -> ChangeId:
            known = self._demand(act, operator, person)
            if document not in DOCUMENTS:
                raise _Barred(BadgeProblem.NO_DOCUMENT)
            day, until = self._day(act.at), midnight_after(act.at, self._office.site.tz)
            last = day_badges.latest(act.connection, person)
            if last is not None and last.day == day:
                raise _Barred(BadgeProblem.ONCE_A_DAY)
            data = self._digest(number)
            badge = Credential(_day_id(person), Factor.BADGE, data, until=until)
            credentials.drop_over(act.connection, act.at - _KEPT)
            self._demand_free(act, badge, person)
            day_badges.add(
                act.connection,
                person,
                day=day,
                document=document,
                at=act.at,
                by=operator.id,
                until=until,
            )
            credentials.begin_at(act.connection, _own(act, person), until)
            credentials.put(
                act.connection,
                self._office.vault,
                person,
                badge,
                at=act.at,
                by=operator.id,
            )
            act.say(
                DayBadgeIssued(
                    door=CONTROLLER,
                    at=act.at,
                    person=person,
                    document=document,
                    until=until,
                    by=operator.id,
                )
            )
            return self._change(act, known, "day badge", by=operator.id)

        return await self._do(work)

    async def end_day(
        self, operator: Operator, person: PersonId
    ) -> ChangeId | BadgeProblem:
        """It was given back: their own badge admits again."""

        def work(act: Act) -> ChangeId:
            known = self._another(act, operator, person)
            if not self._end_day(act, person, by=operator.id):
                raise _Barred(BadgeProblem.NO_BADGE)
            return self._change(act, known, "day badge ended", by=operator.id)

        return await self._do(work)

    # --- inside ---

    async def _do(self, work: Callable[[Act], ChangeId]) -> ChangeId | BadgeProblem:
        try:
            return await self._office.act(work)
        except _Barred as barred:
            return barred.problem

    def _person(self, act: Act, person: PersonId) -> StoredPerson:
        try:
            known = demand_person(act.connection, person)
        except InputError:
            raise _Barred(BadgeProblem.NO_PERSON) from None
        if is_visitor(person):
            raise _Barred(BadgeProblem.NO_PERSON)
        return known

    def _another(self, act: Act, operator: Operator, person: PersonId) -> StoredPerson:
        """Somebody employed who isn't the operator."""
        known = self._person(act, person)
        if operator.is_one_of((person,)):
            raise _Barred(BadgeProblem.CONCERNS_SELF)
        return known

    def _demand(self, act: Act, operator: Operator, person: PersonId) -> StoredPerson:
        """Somebody who works here, and isn't the operator."""
        known = self._another(act, operator, person)
        if known.state not in (PersonState.ACTIVE, PersonState.DE_SECRECY):
            raise _Barred(BadgeProblem.NOT_ACTIVE)
        return known

    def _digest(self, number: str) -> bytes:
        try:
            raw = number_of(number)
        except InputError:
            raise _Barred(BadgeProblem.NO_NUMBER) from None
        return badge_digest(self._office.badge_key, raw)

    def _demand_free(self, act: Act, badge: Credential, person: PersonId) -> None:
        """The badge is nobody's: not another's, and not the one it stands in for."""
        mark = self._office.vault.mark(badge)
        held = None if mark is None else credentials.badge_of(act.connection, mark)
        out = mark is not None and visit_papers.badge_is_out(act.connection, mark)
        if out or (held is not None and held != (person, badge.id)):
            raise _Barred(BadgeProblem.TAKEN)

    def _end_day(self, act: Act, person: PersonId, *, by: str) -> bool:
        last = day_badges.latest(act.connection, person)
        if last is None or not last.in_force(act.at):
            return False
        day_badges.end(act.connection, last, at=act.at, by=by)
        credentials.drop(act.connection, [_day_id(person)])
        credentials.begin_at(act.connection, _own(act, person), None)
        act.say(DayBadgeEnded(door=CONTROLLER, at=act.at, person=person, by=by))
        return True

    def _change(self, act: Act, known: StoredPerson, what: str, *, by: str) -> ChangeId:
        grants = register.grants_of(act.connection, known.id)
        doors = doors_of_person(self._office.site, known, grants)
        return act.change(what, known.id, by=by, doors=doors)

    def _day(self, at: datetime) -> str:
        return at.astimezone(self._office.site.tz).date().isoformat()


def _day_id(person: PersonId) -> CredentialId:
    return CredentialId(f"{person}.day")


def _own(act: Act, person: PersonId) -> list[CredentialId]:
    """All their badges but the day badge."""
    held = credentials.badges_of(act.connection, person)
    return [id_ for id_ in held if id_ != _day_id(person)]
