"""Visitors whom somebody at the demo's desk has checked in: they walk by themselves.

Their badges lie at the desk: whoever checks them in gives each one of `CARDS`. Then
they go through every door of their route with their escort, look around, come out
again and wait at the desk. Doors are shared with whoever walks about: who did not get
through (somebody else was just being let in or refused) tries again.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from config.schema import Door, Site
from controller.store.envelopes import Stored
from domain.access_events import PersonEntered, PersonLeft
from domain.clock import Clock
from domain.credentials import Factor
from domain.events import Event
from domain.ids import DoorId, PersonId, VisitId, ZoneId
from domain.policy import Side
from domain.visit_events import VisitCheckedIn
from domain.zones import LEVEL_DEMANDS
from simulators.people import Shown, badge_number
from simulators.site import SimulatedSite
from simulators.stage import Stage
from simulators.story import Step, Story
from simulators.visit_deeds import BY
from wire.sealing import badge_digest

CARDS: Final = tuple(f"card-{n}" for n in range(1, 9))
# Seconds: from the desk to a door, and behind it.
_WALK: Final = 10.0
_LOOK: Final = 25.0
_APART: Final = 6.0
# An attempt that waits for more ends within this; so does whoever stands there before.
_AGAIN: Final = 12.0
_TRIES: Final = 12
_TOLD_WITHIN: Final = 4


def lines() -> list[str]:
    """What lies at the desk, for the terminal."""
    numbers = "  ".join(badge_number(card).hex().upper() for card in CARDS[:4])
    return [f"  visitors' badges at the desk: {numbers}"]


class Walkers:
    """Sends visitors through the doors once they are checked in by hand."""

    def __init__(
        self, simulated: SimulatedSite, *, digest_key: bytes, clock: Clock
    ) -> None:
        self._simulated = simulated
        self._clock = clock
        self._cards = {
            badge_digest(digest_key, badge_number(card)): card for card in CARDS
        }
        self._checked_in: asyncio.Queue[VisitCheckedIn] = asyncio.Queue()
        self._inside: set[tuple[ZoneId, PersonId]] = set()
        simulated.controller.listen(self._heard)
        simulated.listen(self._moved)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                event = await self._checked_in.get()
                tasks.create_task(self._walk(event))

    def _heard(self, stored: Stored) -> None:
        event = stored.event
        if isinstance(event, VisitCheckedIn) and event.by != BY:
            self._checked_in.put_nowait(event)

    async def _walk(self, event: VisitCheckedIn) -> None:
        visit = await self._simulated.controller.visits.visit(event.visit)
        cards = await self._cards_of(event.visit)
        people = {p: cards[p] for p in event.people if p in cards}
        doors = [
            door
            for zone in visit.route
            for door in self._simulated.site.doors.values()
            if door.zone == zone
        ]
        escort = next(iter(event.present), None)
        if not people or escort is None:
            return
        story = _story(self._simulated.site, self._clock)
        stage = Stage(self._simulated, story, clock=self._clock, tail=timedelta())
        for door in doors:
            entry = _entry(self._simulated.site, door, tuple(people.values()), escort)
            if not await self._until(True, stage, entry, door, [*people, escort]):
                continue
            await asyncio.sleep(_LOOK - _APART)
            # The escort is the last to leave, and not before everybody has.
            for person, card in (*people.items(), (escort, escort)):
                badge = (Shown(Factor.BADGE, card),)
                out = _step(door.id, Side.EXIT, badge, person=person, after=_APART)
                if not await self._until(False, stage, out, door, [person]):
                    return

    async def _until(
        self,
        inside: bool,
        stage: Stage,
        step: Step,
        door: Door,
        people: Sequence[PersonId],
    ) -> bool:
        """Try until the door has told that all went through; whether they did."""
        places = {(door.zone, each) for each in people}
        for _ in range(_TRIES):
            await stage.improvise([step])
            for _ in range(_TOLD_WITHIN):  # its contact tells of the door a bit later
                there = places & self._inside
                if there == (places if inside else set()):
                    return True
                await asyncio.sleep(1)
            await asyncio.sleep(_AGAIN)
        return False

    def _moved(self, event: Event) -> None:
        match event:
            case PersonEntered():
                self._inside.add((event.zone, event.person))
            case PersonLeft():
                self._inside.discard((event.zone, event.person))
            case _:
                pass

    async def _cards_of(self, visit: VisitId) -> dict[PersonId, str]:
        digests = await self._simulated.controller.visits.badge_digests(visit)
        return {
            person: self._cards[digest]
            for person, digest in digests.items()
            if digest in self._cards
        }


def _entry(site: Site, door: Door, cards: Sequence[str], escort: PersonId) -> Step:
    """Everybody's badge, then the escort's and whatever else the level asks."""
    factors = LEVEL_DEMANDS[site.zones[door.zone].level].factors
    if Factor.BADGE not in factors:
        factors = (Factor.BADGE, *reversed(factors))
    shown = (
        *(Shown(Factor.BADGE, card) for card in cards),
        *(Shown(factor, escort) for factor in factors),
    )
    return _step(door.id, Side.ENTRY, shown, after=_WALK)


def _step(
    door: DoorId,
    side: Side,
    shown: tuple[Shown, ...],
    *,
    after: float,
    person: PersonId | None = None,
) -> Step:
    return Step(
        number=1,
        line=0,
        after=timedelta(seconds=after),
        door=door,
        side=side,
        person=person,
        shown=shown,
        passes=True,
        deed=None,
        expect=None,
    )


def _story(site: Site, clock: Clock) -> Story:
    return Story(
        path=Path("demo"),
        title="visitors checked in by hand",
        site=Path("demo"),
        starts=clock.now(),
        people=site.people,
        steps=(),
    )
