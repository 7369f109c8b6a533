"""Pictures of the muster's page, and of papers as they come out of a printer."""

import asyncio
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Final

from playwright.async_api import Browser

from tests.browser import sign_in
from tests.mustered import mustered
from tests.pdfs import picture
from tests.web_site import Served, fetch

_PAPERS: Final = {
    "sign-core": "/zones/heat_treatment/sign.pdf?lang={language}",
    "sign-general": "/zones/purchasing/sign.pdf?lang={language}",
    "muster-paper": "/muster.pdf",
    "visitor-label": "/visits/T1/labels.pdf",
}


async def shoot_papers(browser: Browser, folder: Path) -> None:
    async with mustered() as (address, clock):
        for language, theme in product(("zh-CN", "en"), ("light", "dark")):
            clock.pass_by(timedelta(seconds=30))  # for a fresh code
            context = await browser.new_context(viewport={"width": 1366, "height": 768})
            page = await context.new_page()
            await sign_in(page, address, "guard")
            await page.goto(f"{address}/muster?lang={language}&theme={theme}")
            await page.locator(".live--on").wait_for()
            path = folder / f"muster-{language}-{theme}.png"
            await page.screenshot(path=path)
            print(path)
            await context.close()
        for language in ("zh-CN", "en"):
            clock.pass_by(timedelta(seconds=30))
            await _papers(address, language, folder)


async def _papers(address: Served, language: str, folder: Path) -> None:
    cookie = await address.cookie("guard")
    cookie = {"cookie": f"{cookie['cookie']}; lang={language}"}
    for name, address_of in _PAPERS.items():
        answer = await fetch(
            address, address_of.format(language=language), headers=cookie
        )
        path = folder / f"{name}-{language}.png"
        await asyncio.to_thread(picture, answer.content, path)
        print(path)
