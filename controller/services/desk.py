"""The visitor desk: who is expected, on site and overdue, and what is missing.

Values and the pure function that makes them; the page renders them and decides
nothing. A visit stands in the group that a guard looks for it in: overdue first, then
those checking in, on site, expected, asked for, and over today. What is missing is
named by its code (`domain.visit_problems`), never "pending".

Instants are aware UTC; the page shows them in the site's time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from config.schema import Site
from controller.services.board import Named
from controller.store.visits import StoredVisit
from domain import visit_approval
from domain.ids import PersonId, VisitId, ZoneId
from domain.occupancy import Occupancy
from domain.people import Department
from domain.visit_acts import check_in
from domain.visit_classes import EscortRatio, ReturnItem, VisitClass
from domain.visit_devices import DeviceDeclaration, DeviceKind
from domain.visit_life import ENDED, VisitState
from domain.visit_problems import Refused, VisitProblem
from domain.visits import (
    Approval,
    CoreApproval,
    Identity,
    Undertaking,
    Visit,
    Visitor,
    declaration_problems,
    must_deposit,
)
from domain.zones import ZoneLevel


class DeskGroup(StrEnum):
    """In the order of the list."""

    OVERDUE = "overdue"
    BLOCKED = "blocked"  # frozen; somebody may be inside
    CHECKING_IN = "checking_in"  # some step is done, or they may be checked in now
    ON_SITE = "on_site"
    EXPECTED = "expected"
    REQUESTED = "requested"  # wants an approval
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskVisitor:
    """`missing` is what keeps this one from being checked in. `badge`: one is out.
    `zone`: where the doors last saw them go in; None: in no zone."""

    person: Named
    organisation: str
    identity: Identity | None
    undertaking: Undertaking | None
    devices: DeviceDeclaration | None
    badge: bool
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    turned_away: bool
    missing: tuple[VisitProblem, ...]
    zone: ZoneId | None
    zone_since: datetime | None
    zone_certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskVisit:
    """`missing`: everything that keeps the visit from being checked in, if only the
    named escorts came; `level`: the highest secrecy on its route. `late_by`: expected,
    and not here; `overdue_by`: here, and past the end. `core_missing`: core zones on
    the route that the committee hasn't approved."""

    visit: VisitId
    kind: VisitClass
    state: VisitState
    group: DeskGroup
    department: Department
    purpose: str
    requested_by: Named
    requested_at: datetime
    since: datetime
    until: datetime
    route: tuple[ZoneId, ...]
    level: ZoneLevel | None
    escorts: tuple[Named, ...]
    deputies: tuple[Named, ...]
    visitors: tuple[DeskVisitor, ...]
    approval: Approval | None
    core: tuple[CoreApproval, ...]
    core_missing: tuple[ZoneId, ...]
    undertaking: str  # id of the text to be signed
    returns: tuple[ReturnItem, ...]
    fixed_route: bool
    deposit: frozenset[DeviceKind]  # kinds that stay in a locker, besides storage
    missing: tuple[VisitProblem, ...]
    late_by: timedelta | None
    overdue_by: timedelta | None

    @property
    def people_on_site(self) -> int:
        return sum(
            v.checked_in_at is not None and v.checked_out_at is None
            for v in self.visitors
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`visits` in the order of the list. `lockers_taken`: what lies there is not
    collected yet."""

    at: datetime
    visits: tuple[DeskVisit, ...]
    lockers_taken: tuple[int, ...]

    def group(self, group: DeskGroup) -> tuple[DeskVisit, ...]:
        return tuple(v for v in self.visits if v.group is group)

    @property
    def people_on_site(self) -> int:
        return sum(v.people_on_site for v in self.visits)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFacts:
    """What a desk is made from, besides the visits."""

    site: Site
    ratio: EscortRatio
    names: Mapping[PersonId, Named]
    inside: Occupancy
    badges_out: frozenset[tuple[str, str]]  # visit, person
    lockers_taken: frozenset[int]


def desk(visits: Iterable[StoredVisit], facts: DeskFacts, *, at: datetime) -> Desk:
    rows = [desk_visit(stored, facts, at=at) for stored in visits]
    order = list(DeskGroup)
    rows.sort(key=lambda row: (order.index(row.group), *_by_time(row), row.visit))
    return Desk(
        at=at,
        visits=tuple(rows),
        lockers_taken=tuple(sorted(facts.lockers_taken)),
    )


def desk_visit(stored: StoredVisit, facts: DeskFacts, *, at: datetime) -> DeskVisit:
    visit = stored.visit
    levels = levels_of(facts.site)
    known = [levels[zone] for zone in visit.route if zone in levels]
    covered = {c.zone for c in visit.core if at < c.until}
    return DeskVisit(
        visit=visit.id,
        kind=visit.kind,
        state=visit.state,
        group=_group(visit, at),
        department=visit.department,
        purpose=visit.purpose,
        requested_by=_named(facts, visit.requested_by),
        requested_at=stored.requested_at,
        since=visit.since,
        until=visit.until,
        route=visit.route,
        level=min(known, key=list(ZoneLevel).index, default=None),
        escorts=tuple(_named(facts, e) for e in visit.escorts),
        deputies=tuple(_named(facts, d) for d in visit.deputies),
        visitors=tuple(_visitor(stored, who, facts, at) for who in visit.visitors),
        approval=visit.approval,
        core=visit.core,
        core_missing=tuple(
            zone
            for zone in visit.route
            if levels.get(zone) is ZoneLevel.CORE and zone not in covered
        ),
        undertaking=visit.demands.undertaking,
        returns=visit.demands.returns,
        fixed_route=visit.demands.fixed_route,
        deposit=must_deposit(visit, levels),
        missing=missing(visit, facts, at=at),
        late_by=at - visit.since if _expected(visit) and at > visit.since else None,
        overdue_by=at - visit.until if _present(visit) and at >= visit.until else None,
    )


def departments_of(site: Site) -> dict[ZoneId, Department]:
    zones = site.zones.values()
    return {z.id: z.department for z in zones if z.department is not None}


def owners_of(site: Site, route: Iterable[ZoneId]) -> tuple[Department, ...]:
    """The departments whose secret zones are on the route."""
    return visit_approval.owners_of(route, levels_of(site), departments_of(site))


def levels_of(site: Site) -> dict[ZoneId, ZoneLevel]:
    return {zone.id: zone.level for zone in site.zones.values()}


def missing(
    visit: Visit, facts: DeskFacts, *, at: datetime
) -> tuple[VisitProblem, ...]:
    """What keeps it from being checked in, if all its escorts stood at the desk."""
    if not _expected(visit):
        return ()
    after = check_in(
        visit,
        escorts_present=frozenset(visit.escorts),
        ratio=facts.ratio,
        levels=levels_of(facts.site),
        at=at,
    )
    return after.problems if isinstance(after, Refused) else ()


def _visitor(
    stored: StoredVisit, who: Visitor, facts: DeskFacts, at: datetime
) -> DeskVisitor:
    where = _whereabouts(who.id, facts.inside)
    return DeskVisitor(
        person=_named(facts, who.id),
        organisation=stored.organisations.get(who.id, ""),
        identity=who.identity,
        undertaking=who.undertaking,
        devices=who.devices,
        badge=(stored.visit.id, who.id) in facts.badges_out,
        checked_in_at=who.checked_in_at,
        checked_out_at=who.checked_out_at,
        turned_away=who.turned_away,
        missing=_missing_of(stored.visit, who, facts),
        zone=where[0] if where else None,
        zone_since=where[1] if where else None,
        zone_certain=where[2] if where else True,
    )


def _missing_of(
    visit: Visit, who: Visitor, facts: DeskFacts
) -> tuple[VisitProblem, ...]:
    if not _expected(visit) or who.turned_away:
        return ()
    found = set(declaration_problems(visit, who, levels_of(facts.site)))
    if who.identity is None:
        found.add(VisitProblem.UNIDENTIFIED)
    if who.undertaking is None:
        found.add(VisitProblem.NOT_SIGNED)
    return tuple(problem for problem in VisitProblem if problem in found)


def _whereabouts(
    person: PersonId, inside: Occupancy
) -> tuple[ZoneId, datetime, bool] | None:
    """The zone entered last: zones lie within zones (G6.2.2-2)."""
    stays = [
        (stay.since, zone, stay.certain)
        for zone, here in inside.zones.items()
        if (stay := here.stays.get(person)) is not None
    ]
    if not stays:
        return None
    since, zone, certain = max(stays)
    return zone, since, certain


def _group(visit: Visit, at: datetime) -> DeskGroup:
    match visit.state:
        case VisitState.OVERDUE:
            return DeskGroup.OVERDUE
        case VisitState.CHECKED_IN | VisitState.ON_SITE:
            # The timer writes it a moment later.
            return DeskGroup.OVERDUE if at >= visit.until else DeskGroup.ON_SITE
        case VisitState.BLOCKED:
            return DeskGroup.BLOCKED
        case VisitState.REQUESTED:
            return DeskGroup.REQUESTED
        case VisitState.APPROVED | VisitState.UNDERTAKING_SIGNED:
            begun = any(_begun(who) for who in visit.coming)
            return DeskGroup.CHECKING_IN if begun else DeskGroup.EXPECTED
        case _:
            return DeskGroup.OVER


def _begun(who: Visitor) -> bool:
    """Somebody stood at the desk: an undertaking may have been signed days before."""
    return who.identity is not None or who.devices is not None


def _expected(visit: Visit) -> bool:
    return visit.state in (VisitState.APPROVED, VisitState.UNDERTAKING_SIGNED)


def _present(visit: Visit) -> bool:
    return visit.state not in ENDED and any(
        who.checked_in_at is not None and who.checked_out_at is None
        for who in visit.visitors
    )


def _by_time(row: DeskVisit) -> tuple[datetime, datetime]:
    """Those who should have left first stand first; else by begin."""
    if row.group is DeskGroup.OVERDUE:
        return row.until, row.since
    return row.since, row.until


def _named(facts: DeskFacts, person: PersonId) -> Named:
    return facts.names.get(person) or Named(id=person, name=person, name_en=person)
