"""What people of a factory do all day, made up as it goes: an endless story.

Most come and go as they may; now and then somebody is where they have no business, a
finger is taken for another's, a door is held open. The same `random` gives the same
day. Who is inside is remembered, so that people leave where they entered. The first
minutes are calm, for whoever has just opened the page: everybody comes and goes as they
may, and nobody is where a second person must be.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final

from config.schema import PersonSpec, Site
from domain.credentials import Factor
from domain.ids import DoorId, PersonId
from domain.people import PersonState
from domain.policy import Side
from domain.zones import LEVEL_DEMANDS, NON_FACE_FACTORS, ZoneLevel
from simulators.people import UNKNOWN, Shown
from simulators.story import Deed, Step

# Seconds between two people at the doors of the whole site.
_SHORTEST, _LONGEST = 2.0, 7.0
_CALM: Final = 180.0  # seconds in which nothing goes wrong
_STAYS: Final = 20.0  # at least: to get in takes a few seconds
_CROWD: Final = 14  # people inside; more of them leave beyond it


@dataclass(slots=True)
class _Day:
    site: Site
    random: Random
    number: int = 0
    elapsed: float = 0.0
    inside: dict[PersonId, DoorId] = field(default_factory=dict)
    came: dict[PersonId, float] = field(default_factory=dict)
    busy: frozenset[PersonId] = frozenset()

    @property
    def calm(self) -> bool:
        return self.elapsed < _CALM

    def step(
        self,
        *,
        door: DoorId,
        person: PersonId | None = None,
        shown: tuple[Shown, ...] = (),
        side: Side = Side.ENTRY,
        deed: Deed | None = None,
        after: float | None = None,
    ) -> Step:
        self.number += 1
        pause = after or self.random.uniform(_SHORTEST, _LONGEST)
        self.elapsed += pause
        return Step(
            number=self.number,
            line=0,
            after=timedelta(seconds=pause),
            door=door,
            side=side,
            person=person,
            shown=shown,
            passes=True,
            deed=deed,
            expect=None,
        )


def day(
    site: Site, random: Random, *, busy: frozenset[PersonId] = frozenset()
) -> Iterator[Step]:
    """Steps without end. Whoever is `busy` has something else to do."""
    today = _Day(site, random, busy=busy)
    kinds: tuple[tuple[Callable[[_Day], list[Step]], int], ...] = (
        (_enter, 46),
        (_leave, 34),
        (_wrong_place, 7),
        (_stranger, 4),
        (_wrong_finger, 3),
        (_unread_exit, 3),
        (_held_door, 1),
    )
    makers, weights = zip(*kinds, strict=True)
    while True:
        crowded = len(today.inside) >= _CROWD
        peaceful = (weights[0], weights[1], *(0 for _ in weights[2:]))
        chances = peaceful if today.calm else weights
        make = _leave if crowded else random.choices(makers, chances)[0]
        yield from make(today)


def _enter(today: _Day) -> list[Step]:
    outside = [p for p in today.site.people.values() if _may_walk(today, p)]
    if not outside:
        return _leave(today)
    person = today.random.choice(outside)
    doors = [
        d
        for d in today.site.doors
        if _may_enter(today.site, person, d)
        and not (today.calm and today.site.zone_of(d).two_person)
    ]
    if not doors:
        return []
    door = today.random.choice(doors)
    if not today.site.zone_of(door).two_person:
        return [_entry(today, person, door)]
    others = [p for p in outside if p is not person and _may_enter(today.site, p, door)]
    if not others:
        return []
    second = today.random.choice(others)
    return [_entry(today, person, door), _entry(today, second, door, after=6.0)]


def _leave(today: _Day) -> list[Step]:
    settled = [p for p in today.inside if today.elapsed - today.came[p] >= _STAYS]
    if not settled:
        return []
    person = today.random.choice(sorted(settled))
    door = today.inside.pop(person)
    badge = (Shown(Factor.BADGE, person),)
    return [today.step(door=door, person=person, shown=badge, side=Side.EXIT)]


def _wrong_place(today: _Day) -> list[Step]:
    person = today.random.choice(sorted(today.site.people.values(), key=_id))
    closed = [d for d in today.site.doors if not _may_enter(today.site, person, d)]
    if person.id in {*today.inside, *today.busy} or not closed:
        return []
    door = today.random.choice(closed)
    badge = (Shown(Factor.BADGE, person.id),)
    return [today.step(door=door, person=person.id, shown=badge)]


def _stranger(today: _Day) -> list[Step]:
    door = today.random.choice(sorted(today.site.doors))
    return [today.step(door=door, shown=(Shown(Factor.BADGE, UNKNOWN),))]


def _wrong_finger(today: _Day) -> list[Step]:
    core = [d for d in today.site.doors if _is_core(today.site, d)]
    door = today.random.choice(core)
    people = [
        p
        for p in today.site.people.values()
        if _may_enter(today.site, p, door) and p.id not in {*today.inside, *today.busy}
    ]
    if not people:
        return []
    person = today.random.choice(people)
    shown = (Shown(Factor.BADGE, person.id), Shown(Factor.FINGERPRINT, UNKNOWN))
    return [today.step(door=door, person=person.id, shown=shown)]


def _unread_exit(today: _Day) -> list[Step]:
    doors = sorted(set(today.inside.values()))
    if not doors:
        return []
    door = today.random.choice(doors)
    people = sorted(p for p, where in today.inside.items() if where == door)
    today.inside.pop(today.random.choice(people))
    return [today.step(door=door, deed=Deed.PRESS_EXIT)]


def _held_door(today: _Day) -> list[Step]:
    general = [d for d in today.site.doors if not _is_core(today.site, d)]
    door = today.random.choice(general)
    return [
        today.step(door=door, deed=Deed.HOLD_DOOR),
        today.step(door=door, deed=Deed.WAIT, after=40.0),
    ]


def _entry(
    today: _Day, person: PersonSpec, door: DoorId, *, after: float | None = None
) -> Step:
    zone = today.site.zone_of(door)
    factors = LEVEL_DEMANDS[zone.level].factors
    if zone.level is ZoneLevel.CORE:
        factors = (
            NON_FACE_FACTORS if person.non_face else (Factor.BADGE, *reversed(factors))
        )
    today.inside[person.id] = door
    today.came[person.id] = today.elapsed
    shown = tuple(Shown(factor, person.id) for factor in factors)
    return today.step(door=door, person=person.id, shown=shown, after=after)


def _may_walk(today: _Day, person: PersonSpec) -> bool:
    return (
        person.id not in today.inside
        and person.id not in today.busy
        and person.state is PersonState.ACTIVE
        and None
        not in (
            person.agreement_until,
            person.commitment_until,
            person.training_until,
        )
    )


def _may_enter(site: Site, person: PersonSpec, door: DoorId) -> bool:
    """Roughly: the door decides. A wrong guess makes a refusal to look at."""
    zone = site.zone_of(door)
    return (
        zone.level is ZoneLevel.NON_SECRET
        or (zone.level is ZoneLevel.GENERAL and person.post in zone.posts)
        or any(grant.zone == zone.id for grant in person.grants)
    )


def _is_core(site: Site, door: DoorId) -> bool:
    return site.zone_of(door).level is ZoneLevel.CORE


def _id(person: PersonSpec) -> str:
    return person.id
