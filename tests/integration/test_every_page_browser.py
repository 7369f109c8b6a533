"""What holds of every page, in a real Chromium: accessible, calm, ours, and it fits.

Made from the table of the router: a new page is looked at without a line here. One of
one thing (a door, a visit) is found in `tests.full_house`.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser, ConsoleMessage, Page, Request
from starlette.routing import Route

from controller.services import people
from controller.web.app import build_app, table_of
from controller.web.roles import Access, addresses
from tests.boards import BUSY, SITE
from tests.browser import chromium, sign_in
from tests.full_house import ALL, full_house
from tests.looks import TOO_SMALL, TOO_TALL, TOO_WIDE
from tests.operators import new_gate
from tests.web_site import Served, SetClock, Told, served

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE: Final = AXE_FILE_PATH.read_text("utf-8")
# WCAG 2.2 AA, and what axe holds good practice.
RUN_AXE: Final = """async () => (await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})).violations.map(v => `${v.impact} ${v.id}: ${v.nodes[0].html.slice(0, 120)}`)"""
SIZES: Final = ((1366, 768), (1024, 768), (768, 1024), (320, 640))
PAGE_WIDER: Final = "() => document.documentElement.scrollWidth > innerWidth"
_NO_PAGE: Final = re.compile(r"\.(pdf|csv|xlsx|json)$|/stream$|^/api/|^/unlock$")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def pages() -> list[Access]:
    gate = await new_gate(SITE, SetClock())
    app = build_app(Told(), site=SITE, operators=gate.operators, clock=SetClock())
    await gate.close()
    table = table_of(app).rows
    mounted = [
        pair for r in app.routes if isinstance(r, Route) for pair in addresses(r)
    ]
    found = [table[pair] for pair in mounted if pair[0] == "GET"]
    return [
        row
        for row in found
        if row.roles and "{" not in row.path and not _NO_PAGE.search(row.path)
    ]


@asynccontextmanager
async def console() -> AsyncIterator[tuple[Served, SetClock]]:
    clock = SetClock()
    gate = await new_gate(SITE, clock)
    assert gate.office is not None
    await people.seed(gate.office, SITE.people.values(), {}, by="test")
    async with served(Told(BUSY), clock=clock, gate=gate) as address:
        yield address, clock
    await gate.close()


@dataclass
class Seen:
    """A browser of one operator, and what it complained of or asked elsewhere for."""

    page: Page
    faults: list[str] = field(default_factory=list)


@asynccontextmanager
async def browser_of(
    browser: Browser, address: Served, clock: SetClock, name: str
) -> AsyncIterator[Seen]:
    clock.pass_by(timedelta(seconds=30))  # for a fresh code
    context = await browser.new_context()
    seen = Seen(await context.new_page())

    def told(message: ConsoleMessage) -> None:
        if message.type == "error":  # among them what breaks the content policy
            seen.faults.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((address, "data:")):
            seen.faults.append(f"asks for {request.url}")

    seen.page.on("pageerror", lambda error: seen.faults.append(str(error)))
    seen.page.on("console", told)
    seen.page.on("request", asked)
    await sign_in(seen.page, address, name)
    yield seen
    await context.close()


async def faults_of(page: Page) -> list[str]:
    found: list[str] = []
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        if await page.evaluate(PAGE_WIDER):
            found.append(f"wider than {width}")
        found += [f"{width}: {one}" for one in await page.evaluate(TOO_WIDE)]
        found += [f"{width}: {one}" for one in await page.evaluate(TOO_TALL)]
        found += [f"{width}: {one}" for one in await page.evaluate(TOO_SMALL)]
    for wrong in ("[style], style", "script:not([src])"):
        if await page.locator(wrong).count():
            found.append(f"has {wrong}")
    for most, what in ((1, "script[src]"), (2, "link[rel=stylesheet]")):
        if await page.locator(what).count() > most:
            found.append(f"more than {most} {what}")
    await page.set_viewport_size({"width": 1366, "height": 768})
    # Evaluated beside the page: its policy allows no script of others.
    await page.evaluate(AXE)
    return found + list(await page.evaluate(RUN_AXE))


@pytest.mark.parametrize(
    ("language", "theme"), [("zh-CN", "light"), ("en", "dark")], ids=["zh", "en"]
)
async def test_every_page_is_accessible_fits_and_asks_nobody_else(
    browser: Browser, language: str, theme: str
) -> None:
    """Design 13.1, 13.3, 13.5 and 13.6."""
    wrong = {}
    rows = await pages()
    async with console() as (address, clock):
        for role in sorted({min(row.roles) for row in rows if row.roles}):
            async with browser_of(browser, address, clock, role) as seen:
                for row in rows:
                    if not row.roles or min(row.roles) != role:
                        continue
                    look = f"lang={language}&theme={theme}"
                    await seen.page.goto(f"{address}{row.path}?{look}")
                    found = await faults_of(seen.page) + seen.faults
                    seen.faults.clear()
                    if found:
                        wrong[row.path] = found

    assert wrong == {}


async def test_every_page_of_one_thing_is_accessible_fits_and_asks_nobody_else(
    browser: Browser,
) -> None:
    """Design 13.1, 13.3, 13.5 and 13.6."""
    wrong = {}
    async with full_house() as full:
        seeing = browser_of(browser, full.address, full.clock, ALL)
        async with seeing as seen:
            for _, path in full.pages(of_one_thing=True):
                look = f"{'&' if '?' in path else '?'}lang=zh-CN&theme=dark"
                await seen.page.goto(f"{full.address}{path}{look}")
                found = await faults_of(seen.page) + seen.faults
                seen.faults.clear()
                if found:
                    wrong[path] = found

    assert wrong == {}
