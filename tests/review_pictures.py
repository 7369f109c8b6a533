"""Pictures of the review of grants, in both languages and themes."""

from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Final

from playwright.async_api import Browser

from controller.services.grant_desk import Asked, GrantDesk
from domain.ids import ZoneId
from domain.review import ReviewAct
from tests.browser import sign_in
from tests.peopled import HEAT, ZHAO
from tests.reviewed import ROUND, reviewing
from tests.web_site import SetClock

_PAGES: Final = (
    ("review", "review"),
    ("review-round", f"review/{ROUND}"),
    ("grants", "grants"),
    ("grant-new", "grants/new"),
)


async def shoot_review(browser: Browser, folder: Path) -> None:
    """A round half done, and what is held after its end."""
    clock = SetClock()
    async with reviewing(clock=clock) as it:
        first, second, *_ = await it.items(HEAT)
        await it.decide(first, ReviewAct.CONFIRM, "zone_owner")
        await it.decide(second, ReviewAct.WITHDRAW, "zone_owner")
        officer = next(o for o in await it.operators() if o.id == "secrecy_officer")
        desk = GrantDesk(it.register.office)
        for zone in ("archive", "meeting_room"):
            asked = Asked(
                person=ZHAO,
                zone=ZoneId(zone),
                purpose="淬火炉维护资料",
                department="production",
                since=None,
                until=None,
                schedule=None,
            )
            assert await desk.ask(asked, by=officer) == ()
        for held in (False, True):
            if held:
                clock.pass_by(timedelta(days=60))
                await it.look()
            for language, theme in product(("zh-CN", "en"), ("light", "dark")):
                clock.pass_by(timedelta(minutes=1))
                context = await browser.new_context(
                    viewport={"width": 1366, "height": 768}
                )
                page = await context.new_page()
                await sign_in(page, it.address, "secrecy_officer")
                for name, place in _PAGES:
                    look = f"lang={language}&theme={theme}"
                    await page.goto(f"{it.address}/{place}?{look}")
                    await page.locator(".live--on").wait_for()
                    end = "-held" if held else ""
                    path = folder / f"{name}{end}-{language}-{theme}.png"
                    await page.screenshot(path=path)
                    print(path)
                await context.close()
