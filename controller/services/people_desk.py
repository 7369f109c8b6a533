"""People as the console shows them: found, looked at, asked about.

Who sees whom: reviewers and the secrecy officer everybody, an owner of zones those who
ever had a grant for one of them, and of them what concerns those zones. Guards and
those who enrol find people by name. Looking at a person is in the log, once a day for
each operator and person; of credentials nobody sees more than their kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from controller.services import rows
from controller.services.board import EventRow, Named
from controller.services.office import Act, Office
from controller.services.why import Why, outcomes, why
from controller.store import credentials, occupancy, register, reviews, sendings
from controller.store import operators as accounts
from controller.store.register import StoredGrant, StoredPerson, Wanted
from controller.store.reviews import StoredItem
from controller.store.sendings import Change
from domain.access_events import AccessDenied, AccessGranted
from domain.credentials import Factor
from domain.errors import InputError
from domain.ids import CONTROLLER, DoorId, GrantId, PersonId, ZoneId, is_visitor
from domain.operators import Operator, OperatorId, OperatorRole
from domain.people import Post
from domain.person_acts import PersonViewed
from domain.policy import Outcome

PAGE: Final = 50
MAX_REASON: Final = 500  # of whatever is done about a person
_ENTRIES: Final = 20
# Entries about a person that are looked through for those of doors.
_LOOK_BACK: Final = 200
_ALL_SEEING: Final = frozenset({OperatorRole.REVIEWER, OperatorRole.SECRECY_OFFICER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`before`, `after`: whether there are people on that side of this page."""

    people: tuple[StoredPerson, ...]
    count: int
    posts: tuple[Post, ...]
    before: bool
    after: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`grants`: those the operator may see, live ones first. `credentials`: which
    kinds there are and since when, never what they are. `accounts`: of the console,
    not disabled. `names`: of those who approved grants. `reviewed`: when a grant was
    last confirmed in a review (G5.1.2-3). `doors`: what those that know the person and
    that the operator may see would say now.
    """

    person: StoredPerson
    grants: tuple[StoredGrant, ...]
    credentials: tuple[tuple[Factor, datetime], ...]
    inside: tuple[tuple[ZoneId, datetime], ...]
    entries: tuple[EventRow, ...]
    changes: tuple[Change, ...]
    accounts: tuple[Operator, ...]
    names: dict[PersonId, Named]
    reviewed: Mapping[GrantId, StoredItem]
    doors: Mapping[DoorId, Outcome]


def sees_everybody(operator: Operator) -> bool:
    return not operator.roles.isdisjoint(_ALL_SEEING)


def zones_seen(operator: Operator) -> frozenset[ZoneId] | None:
    """Whose people and doors the operator sees; None: all."""
    return None if sees_everybody(operator) else operator.zones


class PeopleDesk:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._looked: set[tuple[OperatorId, PersonId]] = set()
        self._day: date | None = None

    async def find(self, operator: Operator, wanted: Wanted) -> Found:
        """A page of those whom the operator may find, leavers too."""
        owner = OperatorRole.ZONE_OWNER in operator.roles
        zones = zones_seen(operator) if owner else None
        asked = replace(wanted, zones=zones)

        def work(connection: Connection) -> Found:
            found = register.search(connection, asked, limit=PAGE + 1)
            more = len(found) > PAGE
            backwards = bool(asked.before)
            page = found[1:] if more and backwards else found[:PAGE]
            return Found(
                people=tuple(page),
                count=register.count(connection, asked),
                posts=register.posts(connection),
                before=more if backwards else bool(asked.after),
                after=bool(found) if backwards else more,
            )

        return await self._office.database.read(work)

    async def look(self, person: PersonId, operator: Operator) -> Profile:
        """What is known of a person; that somebody looked is in the log.

        Raises:
            InputError: no such person, or none whom the operator may see.
        """
        found = await self.one(person, operator)
        today = self._office.clock.now().astimezone(self._office.site.tz).date()
        if today != self._day:
            self._looked, self._day = set(), today
        if (operator.id, person) not in self._looked:
            await self._office.act(lambda act: _note(act, person, operator))
            self._looked.add((operator.id, person))
        return found

    async def one(self, person: PersonId, operator: Operator) -> Profile:
        """The same for an act on them, which is in the log by itself."""
        return await self._office.database.read(
            lambda c: profile(c, self._office, person, operator)
        )

    async def why(self, person: PersonId, door: DoorId, at: datetime) -> Why:
        """
        Raises:
            InputError: no such person or door.
        """
        self._office.demand_door(door)
        return await self._office.database.read(
            lambda c: why(c, self._office.site, person, door, at=at)
        )


def profile(
    connection: Connection, office: Office, id_: PersonId, operator: Operator
) -> Profile:
    """
    Raises:
        InputError: no such person, or none whom the operator may see.
    """
    person = None if is_visitor(id_) else register.person(connection, id_)
    zones = zones_seen(operator)
    grants = [
        each
        for each in register.grants_of(connection, id_)
        if zones is None or each.grant.zone in zones
    ]
    if person is None or (zones is not None and not grants):
        raise InputError(f"the register knows no person `{id_}`")
    doors = [d for d in office.site.doors.values() if _is_of(d.zone, zones)]
    everywhere = occupancy.occupancy(connection)
    here = everywhere.zones
    approvers = [g.grant.approved_by for g in grants if g.grant.approved_by is not None]
    return Profile(
        person=person,
        grants=tuple(sorted(grants, key=lambda g: g.withdrawal is not None)),
        credentials=credentials.kinds_of(connection, id_),
        inside=tuple(
            (zone, stays.stays[id_].since)
            for zone, stays in here.items()
            if id_ in stays.stays and _is_of(zone, zones)
        ),
        entries=_entries(connection, id_, frozenset(d.id for d in doors)),
        changes=sendings.changes_of(connection, id_),
        accounts=tuple(
            each
            for each in accounts.operators(connection)
            if each.person == id_ and each.disabled_at is None
        ),
        names=dict(rows.named(connection, approvers)),
        reviewed=reviews.last_confirmed(connection, [g.grant.id for g in grants]),
        doors=outcomes(
            connection,
            office.site,
            person,
            grants,
            doors,
            everywhere,
            now=office.clock.now(),
        ),
    )


def _entries(
    connection: Connection, person: PersonId, doors: frozenset[DoorId]
) -> tuple[EventRow, ...]:
    latest = rows.page(connection, person=person, limit=_LOOK_BACK)
    own = [
        row
        for row in latest
        if isinstance(row.event, AccessGranted | AccessDenied) and row.door in doors
    ]
    return tuple(own[:_ENTRIES])


def _is_of(zone: ZoneId, zones: frozenset[ZoneId] | None) -> bool:
    return zones is None or zone in zones


def _note(act: Act, person: PersonId, operator: Operator) -> None:
    act.say(PersonViewed(door=CONTROLLER, at=act.at, person=person, by=operator.id))
