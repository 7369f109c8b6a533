"""A made-up company of 10,000 people and 50 zones, and requests at its doors.

The same seed gives the same company and the same requests. Half of the requests are
grants; the others are refused or wait, for every kind of reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from domain.credentials import Declaration, Factor
from domain.ids import DoorId, GrantId, PersonId, ScheduleId, ZoneId
from domain.people import (
    RANK_ORDER,
    Grant,
    Person,
    PersonState,
    Post,
    Qualifications,
    Withdrawal,
)
from domain.policy import Facts, Outcome, Presence, Request, Side, decide
from domain.policy.demands import factors_needed
from domain.policy.rules import RULES
from domain.schedule import MINUTES_A_DAY, Schedule, Window
from domain.visit_classes import EscortRatio
from domain.zones import LEVEL_DEMANDS, WhenExpired, Zone, ZoneLevel

TZ: Final = ZoneInfo("Asia/Shanghai")
TODAY: Final = datetime(2026, 11, 23, tzinfo=TZ).astimezone(UTC)
YEAR: Final = timedelta(days=365)
NO_END: Final = datetime(9000, 1, 1, tzinfo=UTC)

PEOPLE: Final = 10_000
ZONES: Final = {
    ZoneLevel.CORE: 12,
    ZoneLevel.IMPORTANT: 13,
    ZoneLevel.GENERAL: 13,
    ZoneLevel.NON_SECRET: 12,
}
POSTS: Final = tuple(Post(f"post_{n}") for n in range(20))
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Company:
    people: Mapping[PersonId, Person]
    zones: Mapping[ZoneId, Zone]
    schedules: Mapping[ScheduleId, Schedule]


@dataclass(frozen=True, slots=True)
class Case:
    """One request with all that is known, and what it must come to."""

    request: Request
    facts: Facts
    outcome: Outcome


def company(random: Random) -> Company:
    schedules = {s.id: s for s in (_schedule(n, random) for n in range(8))}
    zones = {
        z.id: z
        for level, count in ZONES.items()
        for z in (_zone(level, n, tuple(schedules), random) for n in range(count))
    }
    ids = (PersonId(f"E{1000 + n}") for n in range(PEOPLE))
    people = {i: _person(i, tuple(zones.values()), schedules, random) for i in ids}
    return Company(people, zones, schedules)


def cases(of: Company, count: int, random: Random) -> tuple[Case, ...]:
    """`count` cases, shuffled: exactly half of them grants, in all kinds of zones."""
    wanted = {True: count // 2, False: count - count // 2}
    out: list[Case] = []
    for request, facts in _asked(of, random):
        outcome = decide(request, facts, RULES).outcome
        granted = outcome is Outcome.GRANTED
        if wanted[granted]:
            wanted[granted] -= 1
            out.append(Case(request, facts, outcome))
        elif not any(wanted.values()):
            break
    random.shuffle(out)
    return tuple(out)


def _asked(of: Company, random: Random) -> Iterator[tuple[Request, Facts]]:
    people, zones = tuple(of.people.values()), tuple(of.zones.values())
    while True:
        person, zone = random.choice(people), random.choice(zones)
        if person.grants and random.random() < 0.7:  # people go where they may
            zone = of.zones[random.choice(person.grants).zone]
        at = TODAY + timedelta(seconds=random.randrange(86_400 * 28))
        facts = _facts(of, zone, person, random)
        needed = frozenset(factors_needed(facts))
        request = Request(
            door=DoorId(zone.id),
            side=Side.ENTRY,
            at=at,
            person=person.id,
            factors=needed,
            unknown=False,
            mismatch=False,
            declaration=Declaration(None) if zone.level is ZoneLevel.CORE else None,
            partner=people[0].id if zone.two_person else None,
            escort=None,
            led=frozenset(),
            ahead=0,
        )
        yield _something_wrong(request, facts, random)


def _something_wrong(
    request: Request, facts: Facts, random: Random
) -> tuple[Request, Facts]:
    """Half of the time, as it is; else with one of all that can be wrong."""
    match random.randrange(28):
        case 0:
            one_less = frozenset(sorted(request.factors)[1:])
            return replace(request, factors=one_less), facts
        case 1:
            return replace(request, declaration=None), facts
        case 2:
            return replace(request, partner=None), facts
        case 3:
            stranger = replace(request, person=None, unknown=True)
            return stranger, replace(facts, person=None, delayed=True)
        case 4:
            return replace(request, person=None, mismatch=True), facts
        case 5:
            return request, replace(facts, presence=Presence.INSIDE)
        case 6:
            return request, replace(facts, presence=Presence.UNKNOWN)
        case 7:
            return request, replace(facts, face_available=False)
        case 8:
            return request, replace(facts, lockdown=True)
        case 9:
            return request, replace(facts, interlocked=True)
        case 10:
            return request, replace(facts, clock_trusted=False)
        case 11:
            return request, replace(facts, roster_expired=True)
        case 12:
            return request, replace(facts, journal_writable=False)
        case 13:
            return request, replace(facts, blocked=True)
        case _:
            return request, facts


def _facts(of: Company, zone: Zone, person: Person, random: Random) -> Facts:
    return Facts(
        zone=zone,
        tz=TZ,
        door_factors=(Factor.BADGE,) if zone.two_person else (),
        person=person,
        right=None,
        escorts=(),
        deputies=(),
        ratio=EscortRatio(),
        led={},
        inside=0,
        schedules=of.schedules,
        presence=Presence.OUTSIDE,
        face_available=True,
        lockdown=False,
        interlocked=False,
        clock_trusted=True,
        roster_expired=False,
        journal_writable=True,
        blocked=False,
        delayed=False,
        internal_fault=False,
    )


def _zone(
    level: ZoneLevel, number: int, schedules: tuple[ScheduleId, ...], random: Random
) -> Zone:
    core = level is ZoneLevel.CORE
    return Zone(
        id=ZoneId(f"{level}_{number}"),
        name=f"{level} {number}",
        name_en=f"{level} {number}",
        level=level,
        two_person=core and number % 4 == 0,
        anti_passback=core or level is ZoneLevel.IMPORTANT,
        posts=frozenset(random.sample(POSTS, 10))
        if level is ZoneLevel.GENERAL
        else frozenset(),
        schedule=random.choice(schedules) if number % 6 == 5 else None,
        roster_expired=WhenExpired.REFUSE if number % 2 else WhenExpired.ADMIT,
    )


def _schedule(number: int, random: Random) -> Schedule:
    """One window a day, so that every engine can write it the same way."""
    opens, closes = random.randrange(360, 600), random.randrange(960, MINUTES_A_DAY)
    holidays = frozenset(date(2026, 12, day) for day in (1, 12, 25))
    return Schedule(
        id=ScheduleId(f"hours_{number}"),
        windows=tuple(Window(day, opens, closes) for day in range(5 + number % 3)),
        holidays=holidays,
        holiday_windows=(Window(0, 540, 720),) if number % 2 else (),
    )


def _person(
    person: PersonId,
    zones: tuple[Zone, ...],
    schedules: Mapping[ScheduleId, Schedule],
    random: Random,
) -> Person:
    own = random.sample(zones, random.randrange(7))
    return Person(
        id=person,
        name=f"职工 {person}",
        post=random.choice(POSTS),
        state=_mostly(PersonState.ACTIVE, tuple(PersonState), random),
        qualifications=Qualifications(
            agreement_until=_until(random),
            commitment_until=_until(random),
            training_until=_until(random),
        ),
        grants=tuple(_grant(person, z, tuple(schedules), random) for z in own),
        withdrawn=_mostly(None, (Withdrawal(TODAY, "revoked"),), random),
        non_face=random.random() < 0.03,
    )


def _grant(
    person: PersonId, zone: Zone, schedules: tuple[ScheduleId, ...], random: Random
) -> Grant:
    needed = LEVEL_DEMANDS[zone.level].rank or RANK_ORDER[0]
    begun = TODAY - timedelta(days=random.randrange(1, 300))
    return Grant(
        id=GrantId(f"{person}-{zone.id}"),
        zone=zone.id,
        rank=_mostly(needed, RANK_ORDER, random),
        approved_by=None,
        purpose="生产",
        since=_mostly(begun, (TODAY + YEAR,), random),
        until=_mostly(_mostly(None, (TODAY + YEAR,), random), (TODAY,), random),
        schedule=random.choice(schedules) if random.random() < 0.4 else None,
    )


def _until(random: Random) -> date | None:
    long = date(2026, 11, 23) + timedelta(days=random.randrange(30, 365))
    return _mostly(long, (None, date(2026, 11, 30), date(2026, 1, 1)), random)


def _mostly(usual: _T, others: tuple[_T, ...], random: Random) -> _T:
    return random.choice(others) if random.random() < 0.06 else usual
