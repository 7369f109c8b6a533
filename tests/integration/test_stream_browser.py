"""The board under load in a real Chromium: filters, pausing, floods, many doors."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from statistics import median
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from controller.services.board import Board, EventRow
from domain.access_events import AccessDenied
from domain.alarm_events import AlarmCode
from domain.door_events import LockSecured
from domain.events import Event
from domain.ids import DeviceId, DoorId
from tests.alarms import alarmed, raised
from tests.boards import BUSY, CALM, NOW, SITE, ago, denied, granted, row, with_zone
from tests.browser import chromium, sign_in
from tests.web_site import Served, Told, served

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOORS: Final = tuple(SITE.doors)
FRAME_MS: Final = """() => new Promise(done => {
    const begun = performance.now();
    document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    requestAnimationFrame(() => done(performance.now() - begun));
})"""

FIRST_BYTE_MS: Final = """() => {
    const [went] = performance.getEntriesByType("navigation");
    return went.responseStart - went.requestStart;
}"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@asynccontextmanager
async def watching(
    browser: Browser, source: Told, *, path: str = "/", script: bool = True
) -> AsyncIterator[tuple[Page, Served]]:
    context = await browser.new_context(
        viewport={"width": 1366, "height": 768}, java_script_enabled=script
    )
    page = await context.new_page()
    async with served(source, beat=0.5) as address:
        await sign_in(page, address)
        await page.goto(f"{address}{path}")
        if script:
            await page.locator(".live--on").wait_for()
        yield page, address
        await context.close()


def story(first: int, count: int) -> tuple[EventRow, ...]:
    """Latest first: grants, every third a lock, every fifth a refusal."""
    told = []
    for n in range(first, first + count):
        door, at = DOORS[n % len(DOORS)], ago(-n / 10)
        event: Event = granted(door, at, "E1009")
        if n % 3 == 0:
            event = LockSecured(door=door, at=at)
        elif n % 5 == 0:
            event = denied(door, at, "E1009")
        told.append(row(n, event))
    return tuple(reversed(told))


def notable(rows: Sequence[EventRow]) -> int:
    return sum(not isinstance(each.event, LockSecured) for each in rows)


def with_events(rows: tuple[EventRow, ...]) -> Board:
    return replace(CALM, events=rows)


@pytest.mark.parametrize("script", [True, False])
async def test_the_stream_is_filtered_by_kind_and_place_and_the_address_holds_it(
    browser: Browser, script: bool
) -> None:
    async with watching(browser, Told(BUSY), script=script) as (page, _):
        await page.locator("select[name=kind]").select_option("refusal")
        await page.locator("select[name=level]").select_option("important")
        await page.get_by_role("button", name="应用").click()
        await page.wait_for_url("**/?kind=refusal&level=important&zone=")
        kinds = await page.eval_on_selector_all(
            ".ev", "all => all.map(e => [e.dataset.kind, e.dataset.level].join())"
        )

        assert set(kinds) == {"refusal,important"}
        await page.get_by_role("link", name="去掉“拒绝”筛选").click()
        await page.wait_for_url("**/?level=important")
        levels = await page.eval_on_selector_all(
            ".ev", "all => all.map(e => e.dataset.level)"
        )
        assert set(levels) == {"important"}
        assert len(levels) > len(kinds)


async def test_what_arrives_live_is_filtered_too(browser: Browser) -> None:
    source = Told()
    async with watching(browser, source, path="/?kind=refusal") as (page, _):
        rows = story(1, 40)
        source.tell(with_events(rows))
        refused = [r for r in rows if isinstance(r.event, AccessDenied)]

        await expect(page.locator(".ev")).to_have_count(len(refused))
        await expect(page.locator(".ev:not([data-kind=refusal])")).to_have_count(0)


async def test_space_pauses_and_the_counter_equals_what_is_withheld(
    browser: Browser,
) -> None:
    """Design 13.15."""
    source = Told()
    async with watching(browser, source) as (page, _):
        source.tell(with_events(story(1, 20)))
        await expect(page.locator("#event-20")).to_be_attached()
        await page.mouse.move(5, 300)

        await page.keyboard.press("Space")
        held = page.locator("#held-back")
        await expect(held).to_have_text("暂停 · 新 0 条")
        for first in (21, 41, 61):
            source.tell(with_events(story(first, 20)))
            await expect(held).to_have_text(
                f"暂停 · 新 {notable(story(21, first - 1))} 条"
            )
        assert await page.locator(".ev").count() == 20

        await page.keyboard.press("Space")
        await expect(held).to_be_hidden()
        assert await page.locator(".ev").count() == 80
        order = await page.eval_on_selector_all(
            ".ev", "all => all.map(e => Number(e.dataset.order))"
        )
        assert order == sorted(order, reverse=True)


async def test_space_on_a_button_is_the_buttons(browser: Browser) -> None:
    async with watching(browser, Told(BUSY)) as (page, _):
        await page.locator("#in-archive summary").focus()
        await page.keyboard.press("Space")

        await expect(page.locator("#in-archive")).to_have_attribute("open", "")
        await expect(page.locator("#pause")).to_have_attribute("aria-pressed", "false")
        await page.locator("#pause").click()
        await expect(page.locator("#pause")).to_have_attribute("aria-pressed", "true")


async def test_focus_stays_where_it_is_over_500_updates_and_the_list_holds_back(
    browser: Browser,
) -> None:
    """Design 13.14."""
    source = Told()
    async with watching(browser, source) as (page, _):
        source.tell(with_events(story(1, 50)))
        await expect(page.locator("#event-50")).to_be_attached()
        await page.mouse.move(5, 300)
        await page.locator("#door-archive").focus()
        for first in range(51, 551, 50):
            shown = with_zone(
                with_events(story(first, 50)), "archive", doubtful=first % 100 == 1
            )
            source.tell(shown)
            await expect(page.locator(f"#event-{first + 49}")).to_be_attached()
        await expect(page.locator("#door-archive")).to_be_focused()
        assert await page.locator(".ev").count() == 300  # no more than that

        await page.locator("#log").focus()
        source.tell(with_events(story(551, 50)))
        await expect(page.locator("#held-back")).to_have_text(
            f"{notable(story(551, 50))} 条新事件"
        )
        assert await page.locator("#event-600").count() == 0


async def test_in_a_flood_the_urgent_alarm_is_first_and_keys_are_answered(
    browser: Browser,
) -> None:
    """200 alarms in 60 s, most of them of two types. Design 13.12."""
    held = [
        raised(DOORS[n % 10], AlarmCode.DEVICE_DOWN, 2, ago=60 - n * 0.3)
        for n in range(199)
    ]
    flood = [
        replace(each, device=DeviceId(f"reader-{n}")) for n, each in enumerate(held)
    ]
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    async with alarmed(flood[:20]) as (address, register):
        await sign_in(page, address)
        await page.locator(".live--on").wait_for()
        await page.locator("a.tile").first.focus()
        waits = []
        for first in range(20, 199, 20):
            await register.tell(flood[first : first + 20])
            waits.append(await page.evaluate(FRAME_MS))
        await register.tell([raised("archive", AlarmCode.DOOR_FORCED, 1, ago=0)])

        await expect(page.locator("#band")).to_contain_text("门被强行打开")
        await expect(page).to_have_title("(200) 实时看板 · 门神")
        lines = page.locator("#alarms .al")
        await expect(lines).to_have_count(2)
        await expect(lines.first).to_contain_text("涉密档案室")
        await expect(lines.last).to_contain_text("10 门")
        assert median(waits) <= 100
        await context.close()


async def test_nothing_blinks_under_reduced_motion_and_else_once_a_second(
    browser: Browser,
) -> None:
    look = (
        "e => getComputedStyle(e).animationName + getComputedStyle(e).animationDuration"
    )
    source = Told(BUSY)
    async with watching(browser, source) as (page, _):
        sign = page.locator("#band .blink")
        assert await sign.evaluate(look) == "blink1s"
        await page.emulate_media(reduced_motion="reduce")
        assert await sign.evaluate(look) == "none0s"


async def test_a_thousand_doors_are_one_small_page_with_one_style_and_one_script(
    browser: Browser,
) -> None:
    """Design 13.30."""
    zone = CALM.levels[0].zones[0]
    many = tuple(
        replace(zone.doors[0], door=DoorId(f"d{n}"), name=f"侧门 {n}")
        for n in range(1024)
    )
    shown = with_zone(replace(CALM, events=story(1, 50)), zone.zone, doors=many)
    source = Told(shown)
    async with watching(browser, source) as (page, _):
        size = await page.evaluate(
            "performance.getEntriesByType('navigation')[0].encodedBodySize"
        )
        waits = []
        for _ in range(3):
            await page.reload()
            waits.append(await page.evaluate(FIRST_BYTE_MS))

        assert min(waits) <= 200
        assert await page.locator("a.tile").count() >= 1024
        assert size <= 150_000
        assert await page.locator("script").count() == 1
        assert await page.locator("link[rel=stylesheet]").count() <= 2  # a theme's too
        assert shown.at == NOW
