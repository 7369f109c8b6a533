"""Whoever is checked in by hand walks through the doors of the visit and comes back."""

import asyncio
from dataclasses import replace
from pathlib import Path
from random import Random

from config.load import load_site
from domain.access_events import AccessGranted
from domain.events import Event
from domain.ids import PersonId
from domain.policy import Side
from domain.visit_life import VisitState
from simulators.clock import VirtualClock, run_virtual
from simulators.demo_visitors import CARDS, Walkers, lines
from simulators.likenesses import Drawn
from simulators.links import MemoryNetwork
from simulators.people import badge_number
from simulators.simulate import make_keys
from simulators.site import SimulatedSite
from simulators.story import Deed
from simulators.story_visits import DeskStep
from simulators.visit_day import DESK_ESCORT, GRINDING, for_the_desk
from simulators.visit_deeds import bring_to_its_beginning, perform_at_desk

SITE = load_site(Path("config/sites/example.toml"))


def test_the_terminal_says_which_badges_lie_at_the_desk() -> None:
    assert badge_number(CARDS[0]).hex().upper() in "".join(lines())


def test_a_visitor_checked_in_by_hand_goes_in_with_the_escort_and_out_again(
    tmp_path: Path,
) -> None:
    granted: list[AccessGranted] = []

    def hear(event: Event) -> None:
        if isinstance(event, AccessGranted):
            granted.append(event)

    async def story(clock: VirtualClock) -> None:
        random = Random(3)  # noqa: S311  no secrets
        small = replace(SITE, doors={GRINDING: SITE.doors[GRINDING]})
        keys = make_keys(small, tmp_path / "keys", now=clock.now())
        simulated = SimulatedSite(
            small,
            folder=tmp_path,
            keys=keys,
            network=MemoryNetwork(keys, random=random.random),
            clock=clock,
            random=random,
            likenesses=Drawn(),
        )
        simulated.listen(hear)
        async with simulated.running():
            office = simulated.controller
            walkers = Walkers(simulated, digest_key=keys.digest, clock=clock)
            walking = asyncio.create_task(walkers.run())
            visit = replace(
                for_the_desk(small, clock.now()), begins=VisitState.UNDERTAKING_SIGNED
            )
            await bring_to_its_beginning(visit, office)
            for deed in (Deed.IDENTIFY, Deed.DECLARE_DEVICES):
                await perform_at_desk(deed, DeskStep(visit=visit), office)
            guest = visit.visitors[0].id
            await office.visits.check_in(
                visit.id,
                "guard",
                escorts_present=frozenset({DESK_ESCORT}),
                badges={guest: badge_number(CARDS[2])},
            )
            await asyncio.sleep(90)
            walking.cancel()
            await asyncio.wait([walking])

        assert [(e.side, e.people) for e in granted] == [
            (Side.ENTRY, (DESK_ESCORT, guest)),
            (Side.EXIT, (PersonId(guest),)),
            (Side.EXIT, (DESK_ESCORT,)),
        ]

    run_virtual(story)
