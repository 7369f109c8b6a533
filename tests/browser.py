"""Debian's Chromium, driven by Playwright: it talks to nobody but the page under test.

As root it needs --no-sandbox; what it would fetch by itself is switched off.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, Page, async_playwright

from controller.web.auth import COOKIE
from tests.web_site import Served

CHROMIUM: Final = "/usr/bin/chromium"
_ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=_ARGUMENTS
        )
        try:
            yield browser
        finally:
            await browser.close()


async def sign_in(page: Page, address: Served, name: str = "guard") -> None:
    """Open the console as that operator; the forms have tests of their own."""
    _, _, token = (await address.cookie(name))["cookie"].partition("=")
    await page.context.add_cookies(
        [{"name": COOKIE, "value": token, "url": str(address)}]
    )
    await page.goto(address)
