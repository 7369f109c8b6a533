"""Pictures of the display at a door: every state, at both sizes, into a folder."""

from pathlib import Path
from typing import Final

from playwright.async_api import Browser, expect

from edge_agent.display.page import fragment
from edge_agent.display.view import view
from tests.displays import STATES, StillClock, display_of, served

SIZES: Final = ((800, 480), (480, 320))
# Puts a picture before the page, as its stream would.
SHOW: Final = "text => { document.getElementById('screen').innerHTML = text; }"


async def shoot_displays(browser: Browser, folder: Path) -> None:
    display, _ = display_of(STATES["idle"], StillClock())
    async with served(display) as address:
        for width, height in SIZES:
            page = await browser.new_page(viewport={"width": width, "height": height})
            await page.goto(address)
            await expect(page.locator("#screen h1")).to_be_visible()
            for state, shown in STATES.items():
                await page.evaluate(SHOW, fragment(view(shown)))
                path = folder / f"door-{state}-{width}x{height}.png"
                await page.screenshot(path=path)
                print(path)
            await page.close()
