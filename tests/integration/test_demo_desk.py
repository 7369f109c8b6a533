"""What the demo promises: the guard takes the visitor who waits at the desk from the
gate to the grinding shop and out again, by the pages alone; the door does the rest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from config.load import load_site
from controller.services.one_time import code_at
from controller.services.operators import Operators
from controller.services.sign_in import Opened
from controller.web.app import build_app
from domain.access_events import AccessGranted
from domain.events import Event
from domain.ids import PersonId
from domain.operators import OperatorRole
from domain.policy import Side
from domain.visit_life import VisitState
from simulators import demo_operators
from simulators.clock import VirtualClock, run_virtual
from simulators.demo_visitors import CARDS, Walkers
from simulators.likenesses import Drawn
from simulators.links import MemoryNetwork
from simulators.people import badge_number
from simulators.simulate import make_keys
from simulators.site import SimulatedSite
from simulators.story_visits import VisitSpec
from simulators.visit_day import DESK_ESCORT, GRINDING, for_the_desk
from simulators.visit_deeds import bring_to_its_beginning
from tests.asgi import Desk
from tests.web_site import Answer

SITE = load_site(Path("config/sites/example.toml"))


@dataclass(slots=True)
class Demo:
    desk: Desk
    simulated: SimulatedSite
    visit: VisitSpec
    granted: list[AccessGranted]


@asynccontextmanager
async def demo(clock: VirtualClock, folder: Path) -> AsyncIterator[Demo]:
    """As `menshen demo` has it, with one door; its guard is signed in."""
    random = Random(3)  # noqa: S311  no secrets
    small = replace(SITE, doors={GRINDING: SITE.doors[GRINDING]})
    keys = make_keys(small, folder / "keys", now=clock.now())
    simulated = SimulatedSite(
        small,
        folder=folder,
        keys=keys,
        network=MemoryNetwork(keys, random=random.random),
        clock=clock,
        random=random,
        likenesses=Drawn(),
    )
    granted: list[AccessGranted] = []

    def hear(event: Event) -> None:
        if isinstance(event, AccessGranted):
            granted.append(event)

    simulated.listen(hear)
    async with simulated.running():
        operators = simulated.controller.operators
        given = await demo_operators.make(operators, small)
        guard = next(g for g in given if g.role is OperatorRole.GUARD)
        token = await _signed_in(operators, guard, clock)
        app = build_app(
            simulated.controller, site=small, operators=operators, clock=clock
        )
        visit = replace(for_the_desk(small, clock.now()), begins=VisitState.APPROVED)
        await bring_to_its_beginning(visit, simulated.controller)
        walkers = Walkers(simulated, digest_key=keys.digest, clock=clock)
        walking = asyncio.create_task(walkers.run())
        cookie = {"cookie": f"menshen_session={token}"}
        yield Demo(Desk(app, cookie), simulated, visit, granted)
        walking.cancel()
        await asyncio.wait([walking])


async def _signed_in(
    operators: Operators, given: demo_operators.Given, clock: VirtualClock
) -> str:
    step = await operators.sign_in.give_password(given.name, given.password)
    code = code_at(given.secret, clock.now())
    opened = await operators.sign_in.give_code(str(step), code)
    assert isinstance(opened, Opened), opened
    return opened.token


def test_the_guard_takes_the_waiting_visitor_to_the_grinding_shop_and_out_again(
    tmp_path: Path,
) -> None:
    async def story(clock: VirtualClock) -> None:
        async with demo(clock, tmp_path) as it:
            here, who = f"/visits/{it.visit.id}", it.visit.visitors[0]
            assert (
                f'href="{here}/check-in">{who.name}'
                in (await it.desk.get("/desk")).body
            )
            page = (await it.desk.get(f"{here}/check-in")).body
            digest = page.partition('name="digest" value="')[2].partition('"')[0]
            number = badge_number(CARDS[0]).hex().upper()  # as the terminal shows it
            forms = (
                ("identity", [("document", "id_card"), ("digits", "0417")]),
                ("devices", [("nothing_else", "yes"), ("do", "save")]),
                (
                    "undertaking",
                    [("do", "sign"), ("digest", digest), ("typed", who.name)],
                ),
                ("check-in", [("with", DESK_ESCORT), (f"badge-{who.id}", number)]),
            )
            for step, fields in forms:
                answer = await it.desk.post(f"{here}/{step}", fields)
                assert answer.status == 303, (step, answer.body)

            await asyncio.sleep(25)
            inside = _row(await it.desk.get("/desk"), it.visit)
            await asyncio.sleep(65)
            outside = _row(await it.desk.get("/desk"), it.visit)
            back = [("returned", item) for item in ("badge", "locker", "media")]
            left = await it.desk.post(f"{here}/check-out", back)

            assert "精密磨削车间" in inside.rpartition("<td>")[2]
            assert "未进区域" in outside
            assert left.headers["location"] == "/desk"
            assert f'id="visit-{it.visit.id}"' not in (await it.desk.get("/desk")).body
            guest = PersonId(who.id)
            assert [(e.side, e.people) for e in it.granted] == [
                (Side.ENTRY, (DESK_ESCORT, guest)),
                (Side.EXIT, (guest,)),
                (Side.EXIT, (DESK_ESCORT,)),
            ]

    run_virtual(story)


def _row(answer: Answer, visit: VisitSpec) -> str:
    found = answer.body.partition(f'<tr id="visit-{visit.id}"')[2]
    return found.partition("</tr>")[0]
