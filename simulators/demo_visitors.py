"""Visitors whom somebody at the demo's desk has checked in: they walk by themselves.

Their badges lie at the desk: whoever checks them in gives each one of `CARDS`. Then
they go through every door of their route with their escort, look around, come out
again and wait at the desk.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from config.schema import Door, Site
from controller.store.envelopes import Stored
from domain.clock import Clock
from domain.credentials import Factor
from domain.ids import DoorId, PersonId, VisitId
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
        simulated.controller.listen(self._heard)

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
        people = [cards[p] for p in event.people if p in cards]
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
            await stage.improvise(
                _in_and_out(self._simulated.site, door, people, escort)
            )

    async def _cards_of(self, visit: VisitId) -> dict[PersonId, str]:
        digests = await self._simulated.controller.visits.badge_digests(visit)
        return {
            person: self._cards[digest]
            for person, digest in digests.items()
            if digest in self._cards
        }


def _in_and_out(
    site: Site, door: Door, people: Sequence[str], escort: PersonId
) -> list[Step]:
    factors = LEVEL_DEMANDS[site.zones[door.zone].level].factors
    if Factor.BADGE not in factors:
        factors = (Factor.BADGE, *reversed(factors))
    shown = (
        *(Shown(Factor.BADGE, card) for card in people),
        *(Shown(factor, escort) for factor in factors),
    )
    steps = [_step(1, door.id, Side.ENTRY, shown, after=_WALK)]
    for card in (*people, escort):
        badge = (Shown(Factor.BADGE, card),)
        after = _LOOK if len(steps) == 1 else _APART
        steps.append(_step(len(steps) + 1, door.id, Side.EXIT, badge, after=after))
    return steps


def _step(
    number: int, door: DoorId, side: Side, shown: tuple[Shown, ...], *, after: float
) -> Step:
    return Step(
        number=number,
        line=0,
        after=timedelta(seconds=after),
        door=door,
        side=side,
        person=None,
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
