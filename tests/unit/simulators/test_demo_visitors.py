"""Whoever is checked in by hand walks through the doors of the visit and comes back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from config.load import load_site
from domain.access_events import AccessGranted, PersonEntered, PersonLeft
from domain.credentials import Factor
from domain.events import Event
from domain.ids import PersonId
from domain.policy import Side
from domain.visit_life import VisitState
from simulators.clock import VirtualClock, run_virtual
from simulators.demo_visitors import CARDS, Walkers, lines
from simulators.likenesses import Drawn
from simulators.links import MemoryNetwork
from simulators.people import Shown, badge_number
from simulators.rig import DoorRig
from simulators.simulate import make_keys
from simulators.site import SimulatedSite
from simulators.story import Deed
from simulators.story_visits import DeskStep
from simulators.visit_day import DESK_ESCORT, GRINDING, for_the_desk
from simulators.visit_deeds import bring_to_its_beginning, perform_at_desk

SITE = load_site(Path("config/sites/example.toml"))


def test_the_terminal_says_which_badges_lie_at_the_desk() -> None:
    assert badge_number(CARDS[0]).hex().upper() in "".join(lines())


@dataclass(slots=True)
class Walk:
    """One visitor and the escort at the grinding shop, checked in by hand."""

    folder: Path
    disturb: Callable[[SimulatedSite, AccessGranted], None] = lambda *_: None
    lasts: float = 90
    granted: list[AccessGranted] = field(default_factory=list)
    moved: list[PersonEntered | PersonLeft] = field(default_factory=list)

    def play(self) -> PersonId:
        """The visitor."""
        guests: list[PersonId] = []
        run_virtual(lambda clock: self._story(clock, guests))
        return guests[0]

    async def _story(self, clock: VirtualClock, guests: list[PersonId]) -> None:
        random = Random(3)  # noqa: S311  no secrets
        small = replace(SITE, doors={GRINDING: SITE.doors[GRINDING]})
        keys = make_keys(small, self.folder / "keys", now=clock.now())
        simulated = SimulatedSite(
            small,
            folder=self.folder,
            keys=keys,
            network=MemoryNetwork(keys, random=random.random),
            clock=clock,
            random=random,
            likenesses=Drawn(),
        )

        def hear(event: Event) -> None:
            if isinstance(event, AccessGranted):
                self.granted.append(event)
                self.disturb(simulated, event)
            elif isinstance(event, PersonEntered | PersonLeft):
                self.moved.append(event)

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
            guests.append(visit.visitors[0].id)
            await office.visits.check_in(
                visit.id,
                "guard",
                escorts_present=frozenset({DESK_ESCORT}),
                badges={guests[0]: badge_number(CARDS[2])},
            )
            await asyncio.sleep(self.lasts)
            walking.cancel()
            await asyncio.wait([walking])


def test_a_visitor_checked_in_by_hand_goes_in_with_the_escort_and_out_again(
    tmp_path: Path,
) -> None:
    walk = Walk(tmp_path)

    guest = walk.play()

    assert [(e.side, e.people) for e in walk.granted] == [
        (Side.ENTRY, (DESK_ESCORT, guest)),
        (Side.EXIT, (guest,)),
        (Side.EXIT, (DESK_ESCORT,)),
    ]


def test_a_refusal_of_somebody_else_in_the_same_second_keeps_nobody_inside(
    tmp_path: Path,
) -> None:
    refused = Shown(Factor.BADGE, "E1025")  # a clerk, who has no business there

    def disturb(simulated: SimulatedSite, event: AccessGranted) -> None:
        rig = simulated.rigs[GRINDING]
        simulated.later(rig.present(refused, Side.ENTRY))

    walk = Walk(tmp_path, disturb=disturb)

    guest = walk.play()

    left = [e.person for e in walk.moved if isinstance(e, PersonLeft)]
    assert left == [guest, DESK_ESCORT]
    assert len(walk.granted) == 3  # and nobody had to try again


def test_who_did_not_get_through_tries_again_and_the_escort_stays_until_then(
    tmp_path: Path,
) -> None:
    shut: list[DoorRig] = []

    def disturb(simulated: SimulatedSite, event: AccessGranted) -> None:
        rig = simulated.rigs[GRINDING]
        if event.side is Side.EXIT and not shut:  # the first time it doesn't open
            shut.append(rig)
            rig.break_contact(broken=True)
        elif shut:
            rig.break_contact(broken=False)

    walk = Walk(tmp_path, disturb=disturb, lasts=120)

    guest = walk.play()

    assert [e.people for e in walk.granted if e.side is Side.EXIT] == [
        (guest,),
        (guest,),
        (DESK_ESCORT,),
    ]
    assert [e.person for e in walk.moved if isinstance(e, PersonLeft)] == [
        guest,
        DESK_ESCORT,
    ]
