"""The rules of the house for Casbin, in its fastest form.

`FastEnforcer` looks up the rows of one person and zone by key, so that the matcher
runs on one or two of them. The matcher is ordered so that what usually refuses comes
first; hours are a function, as Casbin's guides advise.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import casbin
from casbin.model import FastModel

from domain.credentials import Factor
from domain.ids import ScheduleId
from domain.people import RANK_ORDER, Person, PersonState
from domain.policy import Presence
from domain.zones import LEVEL_DEMANDS, NON_FACE_FACTORS, WhenExpired, Zone, ZoneLevel
from tests.bench.company import NO_END, TZ, Case, Company

_MODEL: Final = """
[request_definition]
r = sub, obj, who, zone, now

[policy_definition]
p = sub, obj, kind, since, until, rank, schedule

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.now.sound && r.who.allowed && \
(p.kind != "grant" || (p.since <= r.now.at && r.now.at < p.until && \
p.rank >= r.zone.rank && covers(p.schedule, r.now))) && \
(p.kind != "post" || r.who.active) && \
(!r.who.de_secrecy || r.zone.non_secret) && \
(!r.zone.qualified || (r.who.agreement >= r.now.day && \
r.who.commitment >= r.now.day && r.who.training >= r.now.day)) && \
(!r.zone.scheduled || covers(r.zone.schedule, r.now)) && \
presented(r.who, r.zone, r.now) && (!r.zone.core || r.now.declared) && \
(!r.zone.two_person || r.now.partner) && \
(!r.zone.anti_passback || !r.now.inside) && \
(!r.now.roster_expired || !r.zone.ends_with_roster)
"""


@dataclass(frozen=True, slots=True, eq=False)
class Who:
    allowed: bool  # neither left nor suspended nor withdrawn
    active: bool
    de_secrecy: bool
    non_face: bool
    agreement: int
    commitment: int
    training: int


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    core: bool
    non_secret: bool
    rank: int
    qualified: bool
    factors: frozenset[Factor]
    non_face_factors: frozenset[Factor]
    two_person: bool
    anti_passback: bool
    scheduled: bool
    schedule: str
    ends_with_roster: bool


@dataclass(frozen=True, slots=True, eq=False)
class Now:
    """`sound`: nothing about the door or the attempt itself forbids."""

    at: float
    day: int
    minute: int
    weekday: int
    sound: bool
    factors: frozenset[Factor]
    face_available: bool
    declared: bool
    partner: bool
    inside: bool
    roster_expired: bool


def enforcer(of: Company) -> casbin.FastEnforcer:
    keyed_by = (0, 1)  # sub, obj
    model = FastModel(keyed_by)
    model.load_model_from_text(_MODEL)
    for row in _rows(of):
        model["p"]["p"].policy.append(row)  # as loaded; numbers stay numbers
    made = casbin.FastEnforcer(model, None, cache_key_order=keyed_by)
    made.add_function("covers", _covers_by(of))
    made.add_function("presented", _presented)
    return made


class Requests:
    """Arguments of `enforce`; people and zones are built once."""

    def __init__(self, of: Company) -> None:
        self._people = {p.id: _who(p) for p in of.people.values()}
        self._zones = {z.id: _place(z) for z in of.zones.values()}

    def of(self, case: Case) -> tuple[str, str, Who, Place, Now]:
        person, zone = case.facts.person, case.facts.zone
        who = self._people[person.id] if person is not None else _NOBODY
        subject = person.id if person is not None else "nobody"
        return subject, zone.id, who, self._zones[zone.id], _now(case)


def _rows(of: Company) -> Iterator[list[Any]]:
    for person in of.people.values():
        for grant in person.grants:
            if of.zones[grant.zone].level is not ZoneLevel.NON_SECRET:
                since = grant.since.timestamp()
                until = (grant.until or NO_END).timestamp()
                rank = RANK_ORDER.index(grant.rank)
                hours = grant.schedule or ""
                row = [person.id, grant.zone, "grant", since, until, rank, hours]
                yield row
        for zone in of.zones.values():
            if zone.level is ZoneLevel.NON_SECRET:
                yield [person.id, zone.id, "employed", 0, 0, 0, ""]
            elif person.post in zone.posts:
                yield [person.id, zone.id, "post", 0, 0, 0, ""]


def _covers_by(of: Company) -> Callable[[str, Now], bool]:
    """Whether the hours of this name cover an instant; "" are all hours."""
    days = {s.id: {d.toordinal() for d in s.holidays} for s in of.schedules.values()}
    windows = {
        s.id: {w.weekday: (w.opens, w.closes) for w in s.windows}
        for s in of.schedules.values()
    }
    on_holidays = {
        s.id: [(w.opens, w.closes) for w in s.holiday_windows]
        for s in of.schedules.values()
    }

    def covers(name: str, now: Now) -> bool:
        if not name:
            return True
        hours = ScheduleId(name)
        if now.day in days[hours]:
            return any(a <= now.minute < b for a, b in on_holidays[hours])
        opens, closes = windows[hours].get(now.weekday, (0, 0))
        return opens <= now.minute < closes

    return covers


def _presented(who: Who, zone: Place, now: Now) -> bool:
    other_path = Factor.FACE in zone.factors and (
        who.non_face or not now.face_available
    )
    return now.factors >= (zone.non_face_factors if other_path else zone.factors)


def _who(person: Person) -> Who:
    q = person.qualifications
    barred = (PersonState.LEFT, PersonState.SUSPENDED)
    return Who(
        allowed=person.state not in barred and person.withdrawn is None,
        active=person.state is PersonState.ACTIVE,
        de_secrecy=person.state is PersonState.DE_SECRECY,
        non_face=person.non_face,
        agreement=q.agreement_until.toordinal() if q.agreement_until else 0,
        commitment=q.commitment_until.toordinal() if q.commitment_until else 0,
        training=q.training_until.toordinal() if q.training_until else 0,
    )


_NOBODY: Final = Who(
    allowed=False,
    active=False,
    de_secrecy=False,
    non_face=False,
    agreement=0,
    commitment=0,
    training=0,
)


def _place(zone: Zone) -> Place:
    demands = LEVEL_DEMANDS[zone.level]
    factors = frozenset(
        {*demands.factors, *((Factor.BADGE,) if zone.two_person else ())}
    )
    return Place(
        core=zone.level is ZoneLevel.CORE,
        non_secret=zone.level is ZoneLevel.NON_SECRET,
        rank=RANK_ORDER.index(demands.rank) if demands.rank else 0,
        qualified=demands.qualified,
        factors=factors,
        non_face_factors=frozenset({*NON_FACE_FACTORS, *factors} - {Factor.FACE}),
        two_person=zone.two_person,
        anti_passback=zone.anti_passback,
        scheduled=zone.schedule is not None,
        schedule=zone.schedule or "",
        ends_with_roster=zone.level is ZoneLevel.CORE
        or zone.roster_expired is WhenExpired.REFUSE,
    )


def _now(case: Case) -> Now:
    request, facts = case.request, case.facts
    local = request.at.astimezone(TZ)
    wrong = (
        request.unknown,
        request.mismatch,
        request.person is None,
        facts.lockdown,
        facts.interlocked,
        not facts.clock_trusted,
        not facts.journal_writable,
        facts.blocked,
        facts.delayed and request.unknown,
        facts.internal_fault,
    )
    return Now(
        at=request.at.timestamp(),
        day=local.date().toordinal(),
        minute=local.hour * 60 + local.minute,
        weekday=local.weekday(),
        sound=not any(wrong),
        factors=request.factors,
        face_available=facts.face_available,
        declared=request.declaration is not None,
        partner=request.partner is not None,
        inside=facts.presence is Presence.INSIDE,
        roster_expired=facts.roster_expired,
    )
