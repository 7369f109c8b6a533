"""The display at a door in a real Chromium, at both sizes it is made for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from config.locales import words
from domain.door import Phase
from domain.policy import Awaited
from domain.zones import Responsible, ZoneLevel
from edge_agent.display.door_display import DoorDisplay
from edge_agent.display.page import fragment
from edge_agent.display.picture import View
from edge_agent.display.scene import Scene
from edge_agent.display.view import view
from tests.browser import chromium
from tests.builders import LI, WANG
from tests.display_pictures import SHOW, SIZES
from tests.displays import (
    NOW,
    STATES,
    WORKSHOP,
    StillClock,
    denied,
    display_of,
    doorway,
    granted,
    place_of,
    released,
    scene,
    served,
    waiting,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEADLINE: Final = 40  # px at 320 high: readable at three metres

# What is too big for its box or out of sight, and whether rows overlap.
_OVERFLOW: Final = """() => {
  const bad = [];
  const name = e => e.className.baseVal ?? e.className ?? e.tagName;
  for (const e of document.querySelectorAll('#screen *')) {
    const r = e.getBoundingClientRect();
    if (r.width && (r.left < -1 || r.top < -1 || r.right > innerWidth + 1 ||
        r.bottom > innerHeight + 1)) bad.push(`${e.tagName}.${name(e)} is out`);
    if (e instanceof HTMLElement && getComputedStyle(e).display !== 'inline' &&
        e.scrollWidth > e.clientWidth + 1)
      bad.push(`${e.tagName}.${name(e)} overflows`);
  }
  const [top, foot] = ['.top', '.foot'].map(
    s => document.querySelector('#screen ' + s).getBoundingClientRect());
  const middle = document.querySelector('#screen .mid > div:last-child, #screen .sign')
    .getBoundingClientRect();
  if (middle.top < top.bottom - 1 || middle.bottom > foot.top + 1)
    bad.push(`the middle is ${middle.height} high`);
  return bad;
}"""

# The least contrast of any text with what is behind it (WCAG 2.2, 1.4.3).
_CONTRAST: Final = """() => {
  const parse = s => (s.match(/[\\d.]+/g) || []).map(Number);
  const over = (c, b) => c.slice(0, 3).map(
    (v, i) => v * (c[3] ?? 1) + b[i] * (1 - (c[3] ?? 1)));
  const light = c => c.map(v => v / 255).map(
    v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  let least = 99;
  for (const e of document.querySelectorAll('#screen *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own) continue;
    const up = [];
    for (let p = e; p; p = p.parentElement) up.unshift(p);
    let behind = [0, 0, 0], alpha = 1;
    for (const p of up) {
      const style = getComputedStyle(p);
      behind = over(parse(style.backgroundColor), behind);
      alpha *= Number(style.opacity);
    }
    const style = getComputedStyle(e);
    const ink = parse(e instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [light(over([...ink.slice(0, 3), alpha], behind)), light(behind)];
    least = Math.min(least, (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
  }
  return least;
}"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@asynccontextmanager
async def watching(
    browser: Browser, display: DoorDisplay, *, script: bool = True, clock: bool = False
) -> AsyncIterator[Page]:
    """The page of `display`; on leaving, nothing may have been blocked or missing."""
    context = await browser.new_context(
        viewport={"width": 800, "height": 480}, java_script_enabled=script
    )
    page = await context.new_page()
    if clock:
        await page.clock.install()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if _is_bad(m.type) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    try:
        async with served(display) as address:
            await page.goto(address)
            yield page
            await page.goto("about:blank")
            assert complaints == []
            ours = (address, "about:")
            assert [url for url in asked if not url.startswith(ours)] == []
    finally:
        await context.close()


def _is_bad(kind: str) -> bool:
    return kind in ("error", "warning")


def still(shown: Scene) -> DoorDisplay:
    return display_of(shown, StillClock())[0]


async def look_at(page: Page) -> tuple[list[str], float, float]:
    """What overflows, the headline's size in px, the least contrast."""
    size: float = await page.locator("#screen h1").evaluate(
        "e => parseFloat(getComputedStyle(e).fontSize)"
    )
    overflow: list[str] = await page.evaluate(_OVERFLOW)
    contrast: float = await page.evaluate(_CONTRAST)
    return overflow, size, contrast


def _states() -> list[tuple[str, View]]:
    return [(state, view(shown)) for state, shown in STATES.items()]


def _longest() -> list[tuple[str, View]]:
    """Every reason of the catalogue; the longest names, prompts and signs."""
    long = "欧阳买买提江·阿卜杜热合曼"
    wide = replace(
        WORKSHOP,
        name="风电主轴轴承精密磨削车间",
        name_en="Wind-turbine main-shaft bearing grinding workshop",
        level=ZoneLevel.IMPORTANT,
        two_person=True,
        forbidden=tuple(WORKSHOP.forbids),
        responsible=Responsible(
            name=long,
            name_en="Ouyang Maimaitijiang Abudureheman",
            phone="0379-64881234",
        ),
    )
    named: dict[str, Any] = {
        "place": replace(
            place_of(wide), door=replace(place_of(wide).door, name="西侧二号消防通道门")
        ),
        "name_of": lambda person: long,
        "offline_since": NOW - timedelta(hours=1),
    }
    reasons = [code for code in words("zh-CN").sections["door"]]
    return [
        *((code, view(scene(denied(code, "G5.3.2-2a"), **named))) for code in reasons),
        ("the sign", view(scene(**named))),
        ("a pair", view(scene(granted(LI, WANG), phase=Phase.RELEASED, **named))),
        ("an escort", view(scene(waiting(Awaited.ESCORT, lasts=60), **named))),
        ("lockdown", view(scene(doorway=doorway(lockdown=True), **named))),
        ("forced", view(scene(phase=Phase.FORCED, **named))),
    ]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(
    "pictures",
    [
        pytest.param(_states(), id="every state"),
        pytest.param(_longest(), id="the longest words of the catalogue"),
    ],
)
async def test_it_fits_and_can_be_read(
    browser: Browser, pictures: list[tuple[str, View]], width: int, height: int
) -> None:
    """Design 13.4."""
    wrong: dict[str, object] = {}
    async with watching(browser, still(STATES["idle"])) as page:
        await expect(page.locator("#screen h1")).to_be_visible()
        await page.set_viewport_size({"width": width, "height": height})
        for what, picture in pictures:
            await page.evaluate(SHOW, fragment(picture))
            overflow, size, contrast = await look_at(page)
            if overflow or size < HEADLINE or contrast < 4.5:
                wrong[what] = overflow, size, contrast

    assert wrong == {}


async def test_what_happens_at_the_door_appears(browser: Browser) -> None:
    display, door = display_of(STATES["idle"], StillClock())
    async with watching(browser, display) as page:
        await expect(page.locator("#screen h1")).to_have_text("热处理车间")
        await page.evaluate("window.sameDocument = true")

        door.doorway = doorway(Phase.RELEASED)
        display.hear(granted(at=NOW))
        display.hear(released("access", at=NOW))

        await expect(page.locator("#screen h1")).to_have_text("请进")
        await expect(page.locator(".name")).to_have_text("李志远")
        assert await page.evaluate("window.sameDocument") is True


async def test_the_name_is_gone_after_three_seconds(browser: Browser) -> None:
    clock = StillClock()
    display, door = display_of(STATES["idle"], clock)
    async with watching(browser, display) as page:
        door.doorway = doorway(Phase.RELEASED)
        display.hear(granted(at=NOW))
        await expect(page.locator(".name")).to_have_text("李志远")

        clock.at = NOW + timedelta(seconds=2.999)
        display.wake()
        await page.wait_for_timeout(100)
        assert "李志远 " in f"{await page.locator('.name').inner_text()} "

        clock.at = NOW + timedelta(seconds=3)
        display.wake()
        await expect(page.locator(".name")).to_have_count(0)
        text = await page.locator("#screen .mid").inner_text()
        assert "李志远" not in text
        await expect(page.locator("#screen h1")).to_have_text("请进")


async def test_without_script_the_page_keeps_up(browser: Browser) -> None:
    display, _ = display_of(STATES["idle"], StillClock())
    async with watching(browser, display, script=False) as page:
        await expect(page.locator("#screen h1")).to_have_text("热处理车间")

        display.hear(denied("grant.missing", at=NOW))

        await expect(page.locator("#screen h1")).to_have_text("不能进入")


async def test_a_page_that_no_longer_hears_its_door_shows_no_name(
    browser: Browser,
) -> None:
    display, door = display_of(STATES["idle"], StillClock())
    context = await browser.new_context(viewport={"width": 480, "height": 320})
    page = await context.new_page()
    await page.clock.install()
    async with served(display) as address:
        await page.goto(address)
        door.doorway = doorway(Phase.RELEASED)
        display.hear(granted(at=NOW))
        await expect(page.locator(".name")).to_have_text("李志远")

    await asyncio.sleep(0)
    await page.clock.fast_forward(4_100)
    await expect(page.locator("#screen h1")).to_have_text("显示屏失联")
    assert "李志远" not in await page.locator("#screen").inner_text()
    assert (await look_at(page))[0] == []
    await context.close()


async def test_a_page_comes_back_with_its_door(browser: Browser) -> None:
    display, _ = display_of(STATES["idle"], StillClock())
    context = await browser.new_context(viewport={"width": 480, "height": 320})
    page = await context.new_page()
    async with served(display) as address:
        await page.goto(address)
        await expect(page.locator("#screen h1")).to_have_text("热处理车间")
    port = int(address.rpartition(":")[2])

    display.hear(denied("grant.missing", at=NOW))
    async with served(display, port=port):
        await expect(page.locator("#screen h1")).to_have_text("不能进入")
    await context.close()
