"""Pictures of the visitor desk: its list, steps, a group, the way out, approvals."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Final

from playwright.async_api import Browser

from controller.services.badge_pool import BadgePool
from controller.services.photos import PhotoDesk
from domain.ids import PersonId, VisitId
from domain.visit_devices import DeviceKind
from tests.boards import CALM
from tests.browser import sign_in
from tests.desks import busy_desk, desk_gate
from tests.photos import camera_jpeg
from tests.web_site import SetClock, Told, served

_PAGES: Final = (
    ("desk", "zhao", "/desk"),
    ("check-in", "zhao", "/visits/T1/check-in"),
    ("check-in-identity", "zhao", "/visits/T1/check-in"),
    ("check-in-group", "zhao", "/visits/T5/check-in"),
    ("check-out", "zhao", "/visits/T3/check-out"),
    ("visit", "zhao", "/visits/T3"),
    ("visit-photo", "zhao", "/visits/T1"),
    ("visitor-badges", "zhao", "/visitor-badges"),
    ("visit-new", "zhao", "/visits/new"),
    ("approvals", "manager", "/visits"),
)


async def shoot_desk(
    browser: Browser, folder: Path, size: tuple[int, int] = (1366, 768), end: str = ""
) -> None:
    clock = SetClock()
    gate = await desk_gate(clock)
    await busy_desk(gate, clock)
    assert gate.office is not None
    for n in range(1, 8):
        await BadgePool(gate.office).add(f"访客 {n:02}", f"0a0b0c{n:02}", "test")
    photos = PhotoDesk(gate.office)
    face, t1, he = camera_jpeg(), VisitId("T1"), PersonId("VT1")
    assert await photos.take(t1, he, face, "test", agreed=True) is None
    now = replace(CALM, at=clock.now())
    async with served(Told(now), clock=clock, gate=gate) as address:
        for language, theme in product(("zh-CN", "en"), ("light", "dark")):
            clock.pass_by(timedelta(minutes=1))
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]}
            )
            page = await context.new_page()
            signed_in = ""
            for name, who, path in _PAGES:
                if who != signed_in:
                    await sign_in(page, address, who)
                    signed_in = who
                await page.goto(f"{address}{path}?lang={language}&theme={theme}")
                await page.locator(".live--on").wait_for()
                if name == "check-in-identity":
                    await page.locator("#step-1 summary").click()
                    await page.locator("#photo").scroll_into_view_if_needed()
                if name == "check-in":  # a storage device that is to be taken in
                    await page.keyboard.press("Escape")
                    await page.keyboard.press("2")
                    await page.locator("#add").select_option(DeviceKind.STORAGE)
                    await page.locator("button[value=add]").click()
                    await page.locator(".live--on").wait_for()
                picture = folder / f"{name}{end}-{language}-{theme}.png"
                await page.screenshot(path=picture)
                print(picture)
            await context.close()
    await gate.close()
