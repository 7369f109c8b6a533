"""Pictures of a door's page, of commands and of their receipts."""

from datetime import timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.async_api import Browser, Page

from domain.agent_events import AgentStarted
from domain.alarm_events import AlarmRaised
from domain.door_events import DoorHeldOpen
from domain.ids import DoorId
from domain.policy import Reason, Verdict
from tests.boards import SITE, denied, finding, granted
from tests.browser import sign_in
from tests.door_consoles import door_console
from tests.offices import World

_DOOR: Final = DoorId("rd_lab")


async def shoot_doors(browser: Browser, folder: Path) -> None:
    """A core door with a story, one command that waits and one that is answered."""
    with TemporaryDirectory() as temporary:
        async with door_console(Path(temporary)) as (address, world):
            await _tell(world)
            await world.controller.seed(list(SITE.people.values())[:2], {}, by="test")
            context = await browser.new_context(viewport={"width": 1366, "height": 768})
            page = await context.new_page()
            world.doors[DoorId("archive")].confirms = False
            await sign_in(page, address, "shift_lead")
            answered = await _ask(
                page, f"{address}/doors/archive", "start_lockdown:site"
            )
            waits = await _ask(page, f"{address}/doors/{_DOOR}", "end_lockdown:door")
            for language, theme in product(("zh-CN", "en"), ("light", "dark")):
                for name, path in (
                    ("door", f"{address}/doors/{_DOOR}"),
                    ("commands", f"{address}/commands"),
                    ("posture", f"{address}/posture?order=start_lockdown&zone="),
                    ("day-badges", f"{address}/day-badges?q=E"),
                    ("command", answered),
                    ("command-waits", waits),
                ):
                    look = f"lang={language}&theme={theme}"
                    await page.goto(f"{path}{'&' if '?' in path else '?'}{look}")
                    await page.locator(".live--on").wait_for()
                    shot = folder / f"{name}-{language}-{theme}.png"
                    await page.screenshot(path=shot)
                    print(shot)
            await context.close()


async def _ask(page: Page, door: str, act: str) -> str:
    await page.goto(door)
    await page.locator(f"input[value='{act}']").check()
    await page.locator("#reason").fill("演练")
    await page.locator(".command .btn--p").click()
    await page.locator(".facts").wait_for()
    return page.url


async def _tell(world: World) -> None:
    at = world.clock.now()
    door, heard = world.doors[_DOOR], len(world.heard)
    told = (
        AgentStarted(
            door=_DOOR,
            at=at - timedelta(hours=5),
            version="0.1.0",
            simulated=True,
            unclean=False,
        ),
        denied(
            _DOOR,
            at - timedelta(minutes=9),
            "E1014",
            finding("grant.missing", Verdict.FORBID, "G2.4"),
            finding("training.lapsed", Verdict.FORBID, "G5.1.1-4", "G5.1.2-1"),
        ),
        granted(_DOOR, at - timedelta(minutes=5), "E1001", "E1002", pair=True),
        DoorHeldOpen(
            door=_DOOR, at=at - timedelta(minutes=2), open_for=timedelta(seconds=30)
        ),
        AlarmRaised(
            door=_DOOR,
            at=at - timedelta(minutes=2),
            code=Reason("door.held"),
            priority=2,
            person=None,
            device=None,
            detail="",
            silent=False,
            target=None,
        ),
    )
    await door.online()
    await door.say(*told)
    await world.until(lambda: len(world.heard) >= heard + len(told))
