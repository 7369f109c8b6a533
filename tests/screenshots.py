"""Take the pictures of the pages: `make screenshots`.

Every state of the board at once, with drawn people, and every other page, in both
languages and themes, into `screenshots/`; those that the README shows, into
`docs/pictures/` too.
"""

import argparse
import asyncio
import shutil
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page

from controller.services.alarm_desk import AlarmDesk
from domain.tokens import TokenScope
from tests.alarms import alarmed
from tests.boards import BUSY, CALM
from tests.browser import chromium, sign_in
from tests.desk_pictures import shoot_desk
from tests.display_pictures import shoot_displays
from tests.door_pictures import shoot_doors
from tests.lobby_pictures import shoot_lobby
from tests.operators import PASSWORD
from tests.paper_pictures import shoot_papers
from tests.people_pictures import shoot_people
from tests.review_pictures import shoot_review
from tests.tokens import make_token
from tests.web_site import Served, SetClock, Told, served

ROOT: Final = Path(__file__).parents[1]
README_PICTURES: Final = ROOT / "docs" / "pictures"
IN_README: Final = {
    "board.png": "board-zh-CN-dark.png",
    "check-in.png": "check-in-zh-CN-light.png",
    "person.png": "person-zh-CN-light.png",
}
_DESK: Final = (1366, 768)
_TABLET: Final = (1024, 768)


async def _shoot(
    browser: Browser,
    address: Served,
    path: Path,
    *,
    language: str,
    theme: str,
    size: tuple[int, int] = _DESK,
    lost: bool = False,
) -> None:
    width, height = size
    context = await browser.new_context(viewport={"width": width, "height": height})
    page = await context.new_page()
    if lost:
        await page.clock.install()
    await sign_in(page, address)
    await page.goto(f"{address}/?lang={language}&theme={theme}")
    await page.locator(".live--on").wait_for()
    if lost:
        await page.clock.fast_forward(12_000)
        await page.locator("#stale").wait_for()
    await page.screenshot(path=path)
    await context.close()
    print(path)


async def _shoot_small(browser: Browser, folder: Path) -> None:
    """Signing in, the lock, refusals and lists, in both languages and themes."""
    clock = SetClock()
    async with served(Told(BUSY), clock=clock) as address:
        await make_token(address.gate, TokenScope.PEOPLE_LEAVE, TokenScope.CHANGES_READ)
        await make_token(address.gate, name="visitors")
        for language, theme in product(("zh-CN", "en"), ("light", "dark")):
            context = await browser.new_context(
                viewport={"width": _DESK[0], "height": _DESK[1]}
            )
            page = await context.new_page()
            look = f"lang={language}&theme={theme}"

            async def shoot(
                name: str, page: Page = page, end: str = f"{language}-{theme}"
            ) -> None:
                path = folder / f"{name}-{end}.png"
                await page.screenshot(path=path)
                print(path)

            clock.pass_by(timedelta(minutes=1))
            await page.goto(f"{address}/sign-in?{look}")
            await shoot("sign-in")
            await page.locator("#name").fill("guard")
            await page.locator("#password").fill(PASSWORD)
            await page.keyboard.press("Enter")
            await page.locator("#code").wait_for()
            await shoot("code")
            await page.locator("#code").fill("000000")
            await page.keyboard.press("Enter")
            await page.locator("#problem").wait_for()
            await shoot("code-wrong")
            await sign_in(page, address, "guard")
            await page.goto(f"{address}/operators")
            await shoot("refused")
            await sign_in(page, address, "administrator")
            for path in ("account", "operators", "tokens", "zones"):
                await page.goto(f"{address}/{path}")
                await page.locator(".live--on").wait_for()
                await shoot(path)
            await page.locator("#lock-form button").click()
            await page.locator("#unlock").wait_for()
            await shoot("locked")
            await page.goto(str(address))
            await page.locator(".live--on").wait_for()
            await shoot("board-locked")
            await context.close()


async def _shoot_alarms(browser: Browser, folder: Path) -> None:
    """The list, an alarm that calls, and one that may be closed."""
    clock = SetClock()
    async with alarmed(clock=clock) as (address, register):
        guard = next(o for o in await address.gate.operators.all() if o.id == "guard")
        await AlarmDesk(register.office).acknowledge(2, by=guard, note="孙伟去现场")
        for language, theme in product(("zh-CN", "en"), ("light", "dark")):
            clock.pass_by(timedelta(minutes=1))
            context = await browser.new_context(
                viewport={"width": _DESK[0], "height": _DESK[1]}
            )
            page = await context.new_page()
            await sign_in(page, address, "shift_lead")
            for name, place in (("alarms", ""), ("alarm", "/1"), ("alarm-close", "/2")):
                look = f"lang={language}&theme={theme}"
                await page.goto(f"{address}/alarms{place}?{look}")
                await page.locator(".live--on").wait_for()
                path = folder / f"{name}-{language}-{theme}.png"
                await page.screenshot(path=path)
                print(path)
            await context.close()


async def _all(folder: Path) -> None:
    async with chromium() as browser:
        await shoot_displays(browser, folder)
        await _shoot_small(browser, folder)
        await _shoot_alarms(browser, folder)
        await shoot_people(browser, folder)
        await shoot_review(browser, folder)
        await shoot_papers(browser, folder)
        await shoot_doors(browser, folder)
        await shoot_desk(browser, folder)
        await shoot_lobby(browser, folder)
        async with served(Told(BUSY)) as address:
            for language in ("zh-CN", "en"):
                for theme in ("light", "dark"):
                    path = folder / f"board-{language}-{theme}.png"
                    await _shoot(browser, address, path, language=language, theme=theme)
            await _shoot(
                browser,
                address,
                folder / "board-tablet.png",
                language="zh-CN",
                theme="light",
                size=_TABLET,
            )
        async with served(Told(BUSY), beat=3600) as address:
            await _shoot(
                browser,
                address,
                folder / "board-lost.png",
                language="zh-CN",
                theme="dark",
                lost=True,
            )
        async with served(Told(CALM)) as address:
            await _shoot(
                browser,
                address,
                folder / "board-calm.png",
                language="zh-CN",
                theme="light",
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "screenshots")
    into = parser.parse_args().into.resolve()
    into.mkdir(parents=True, exist_ok=True)
    asyncio.run(_all(into))
    README_PICTURES.mkdir(parents=True, exist_ok=True)
    for shown, taken in IN_README.items():
        shutil.copyfile(into / taken, README_PICTURES / shown)
        print(README_PICTURES / shown)
