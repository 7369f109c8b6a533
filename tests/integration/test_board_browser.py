"""The live board in a real Chromium: what an operator sees and can do."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from controller.services.board import Board, DoorLook
from domain.door_events import DoorForced
from domain.ids import DoorId
from domain.policy import Verdict
from tests.boards import (
    BUSY,
    CALM,
    NOW,
    SITE,
    ago,
    alarm,
    board,
    denied,
    finding,
    granted,
    plain_tile,
    row,
    with_zone,
)
from tests.browser import chromium, sign_in
from tests.looks import ALARMING, TOO_FAINT, TOO_SMALL, TOO_WIDE
from tests.operators import new_gate
from tests.web_site import SetClock, Told, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@asynccontextmanager
async def watching(
    browser: Browser,
    source: Told,
    *,
    path: str = "/",
    script: bool = True,
    scheme: str = "light",
) -> AsyncIterator[Page]:
    """A signed-in page over `source`; on leaving, nothing may have been blocked."""
    context = await browser.new_context(
        viewport={"width": 1366, "height": 768},
        java_script_enabled=script,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = await context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if _is_bad(m) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    async with served(source, beat=0.5) as address:
        await sign_in(page, address)
        if path != "/":
            await page.goto(address + path)
        try:
            yield page
        finally:
            await context.close()
        assert complaints == []
        assert [url for url in asked if not url.startswith(address)] == []


def _is_bad(said: ConsoleMessage) -> bool:
    # Reloaded, a page may not sound before it is touched; it says so itself.
    silent = "AudioContext was not allowed to start" in said.text
    return said.type in ("error", "warning") and not silent


def forced() -> Board:
    tile = replace(plain_tile("archive"), look=DoorLook.FORCED, since=NOW)
    shown = board(tiles={"archive": tile})
    return replace(
        shown,
        alarms=(alarm("archive", "door.forced", 1, NOW),),
        events=(row(5, DoorForced(door=DoorId("archive"), at=NOW)),),
    )


async def test_what_happens_appears_without_reloading(browser: Browser) -> None:
    """Design 13.8."""
    source = Told()
    async with watching(browser, source) as page:
        await expect(page.locator("#live")).to_have_text("实时")
        await page.evaluate("window.sameDocument = true")

        source.tell(forced())

        await expect(page.locator("#door-archive")).to_have_class(
            re.compile("tile--forced")
        )
        await expect(page.locator("#band")).to_contain_text("门被强行打开")
        await expect(page.locator("#band")).to_contain_text("14:32:08")
        await expect(page.locator("#event-5")).to_contain_text("门被强行打开")
        await expect(page).to_have_title("(1) 实时看板 · 门神")
        assert await page.evaluate("window.sameDocument")


async def test_a_refusal_arrives_with_its_reasons_and_clauses(browser: Browser) -> None:
    source = Told()
    refusal = denied(
        "archive", NOW, "E1014", finding("grant.missing", Verdict.FORBID, "G2.4")
    )
    async with watching(browser, source, path="/?lang=en") as page:
        source.tell(replace(CALM, events=(row(7, refusal),)))

        line = page.locator("#event-7")
        await expect(line).to_contain_text("Zhu Lin refused")
        await expect(line).to_contain_text("G2.4")


async def test_a_late_event_goes_where_its_own_time_belongs(browser: Browser) -> None:
    source = Told(
        replace(
            CALM,
            events=(
                row(2, granted("canteen", ago(10), "E1026")),
                row(1, granted("canteen", ago(30), "E1025")),
            ),
        )
    )
    async with watching(browser, source) as page:
        late = row(3, granted("archive", ago(20), "E1009"), late=True)
        source.tell(replace(source.shown, events=(late, *source.shown.events)))

        await expect(page.locator("#event-3")).to_contain_text("补到")
        ids = await page.eval_on_selector_all(".ev", "all => all.map(e => e.id)")
        assert ids == ["event-2", "event-3", "event-1"]


async def test_names_with_markup_are_text_also_when_they_arrive_live(
    browser: Browser,
) -> None:
    source = Told()
    nasty = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    async with watching(browser, source) as page:
        tile = replace(plain_tile("archive"), name=nasty)
        source.tell(board(tiles={"archive": tile}))

        await expect(page.locator("#door-archive .nm")).to_have_text(nasty)
        assert (
            await page.locator("#door-archive img, #door-archive script").count() == 0
        )


async def test_language_and_theme_change_and_stay(browser: Browser) -> None:
    async with watching(browser, Told(BUSY)) as page:
        await page.get_by_role("link", name="切换到英文").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Live board")
        assert await page.locator("html").get_attribute("lang") == "en"

        await page.get_by_role("link", name="Change theme, now Auto").click()
        await page.get_by_role("link", name="Change theme, now Light").click()
        await expect(page.get_by_role("link", name="now Dark")).to_be_visible()
        assert await _background(page) == "rgb(18, 21, 24)"

        await page.reload()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Live board")
        assert await _background(page) == "rgb(18, 21, 24)"


@pytest.mark.parametrize(
    ("scheme", "colour"), [("dark", "rgb(18, 21, 24)"), ("light", "rgb(236, 238, 239)")]
)
async def test_auto_follows_the_machine(
    browser: Browser, scheme: str, colour: str
) -> None:
    async with watching(browser, Told(), scheme=scheme) as page:
        assert await _background(page) == colour


async def _background(page: Page) -> str:
    colour: str = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


async def test_without_a_script_the_page_is_complete(browser: Browser) -> None:
    async with watching(browser, Told(BUSY), script=False) as page:
        assert await page.locator("a.tile").count() == 11
        assert await page.locator(".al").count() == 4
        assert await page.locator(".ev").count() == len(BUSY.events)
        await expect(page.locator("#band")).to_contain_text("门被强行打开")
        await expect(page.locator("#live")).to_contain_text("静态页")
        await expect(page.get_by_text("没有本区域的授权")).to_be_visible()

        await page.get_by_role("link", name="只看异常").click()
        await expect(page.locator("#door-canteen")).to_be_hidden()
        await expect(page.locator("#door-heat_treatment")).to_be_visible()
        await expect(page.get_by_text("1 门正常").first).to_be_visible()

        await page.locator("#door-heat_treatment").click()
        await expect(page.locator("h1")).to_have_text("热处理车间")
        await page.get_by_role("link", name="看实时").click()
        await expect(page.locator("#door-canteen")).to_be_visible()
        assert await page.locator('.ev:not([data-door="heat_treatment"])').count() == 0
        assert await page.locator(".ev").count() > 0


async def test_filters_stay_while_updates_arrive(browser: Browser) -> None:
    source = Told()
    async with watching(browser, source, path="/?door=archive") as page:
        source.tell(
            replace(
                forced(),
                events=(
                    row(6, granted("canteen", NOW, "E1026")),
                    *forced().events,
                ),
            )
        )

        await expect(page.locator("#event-5")).to_be_visible()
        assert await page.locator("#event-6").count() == 0
        await expect(page.locator("#door-archive")).to_have_attribute(
            "aria-current", "true"
        )


async def test_a_lost_link_is_said_and_what_was_missed_arrives(
    browser: Browser,
) -> None:
    """Design 13.13."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.clock.install()
    gate = await new_gate(SITE, SetClock())
    async with served(Told(BUSY), beat=3600, gate=gate) as address:
        await sign_in(page, address)
        await expect(page.locator("#live")).to_have_text("实时")

    await page.clock.fast_forward(9_000)
    await expect(page.locator("#stale")).to_be_hidden()
    await page.clock.fast_forward(2_000)
    await expect(page.locator("#stale")).to_contain_text("与控制端断线")
    await expect(page.locator("#stale")).to_contain_text("14:32:")
    await expect(page.locator("#live")).to_contain_text("断线")
    await expect(page.locator("#band")).to_be_hidden()
    await expect(page.locator("#filter")).to_be_hidden()
    for part in (".zones", ".alist", ".stream", ".figs"):
        await expect(page.locator(part)).to_have_css("filter", "grayscale(1)")

    missed = row(4800, granted("archive", ago(1), "E1009"))
    port = int(address.rpartition(":")[2])
    back = Told(replace(BUSY, events=(missed, *BUSY.events)))
    async with served(back, port=port, gate=gate):
        await expect(page.locator("#event-4800")).to_be_visible(timeout=10_000)
        await expect(page.locator("#stale")).to_be_hidden()
        await expect(page.locator("#band")).to_be_visible()
        assert await page.locator(".ev").count() == len(BUSY.events) + 1
        await context.close()
    await gate.close()


async def test_focus_and_an_open_list_survive_updates(browser: Browser) -> None:
    source = Told()
    async with watching(browser, source) as page:
        await expect(page.locator("#live")).to_have_text("实时")
        await page.locator("#in-archive summary").click()
        await page.locator("#door-archive").focus()

        shown = with_zone(forced(), "archive", doubtful=True)
        source.tell(shown)

        await expect(page.locator("#zone-archive")).to_contain_text("存疑")
        await expect(page.locator("#door-archive")).to_be_focused()
        await expect(page.locator("#in-archive")).to_have_attribute("open", "")


async def test_rows_wait_while_somebody_reads(browser: Browser) -> None:
    source = Told(replace(CALM, events=(row(1, granted("canteen", NOW, "E1026")),)))
    async with watching(browser, source) as page:
        await expect(page.locator("#live")).to_have_text("实时")
        await page.locator("#log").focus()
        fresh = row(2, granted("archive", NOW, "E1009"))
        source.tell(replace(source.shown, events=(fresh, *source.shown.events)))

        await expect(page.locator("#held-back")).to_have_text("1 条新事件")
        assert await page.locator("#event-2").count() == 0
        await page.locator("#held-back").click()
        await expect(page.locator("#event-2")).to_be_visible()
        await expect(page.locator("#held-back")).to_be_hidden()


async def test_keys_filter_and_walk_without_a_mouse(browser: Browser) -> None:
    async with watching(browser, Told(BUSY)) as page:
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.locator("#door-heat_treatment").focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("#door-rd_lab")).to_be_focused()

        await page.keyboard.press("x")
        await page.wait_for_url("**/?show=abnormal")
        await expect(page.locator("#door-canteen")).to_be_hidden()
        await page.keyboard.press("e")
        await page.wait_for_url("**/?show=abnormal&events=all")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_nothing_is_wider_than_its_place(browser: Browser, language: str) -> None:
    """Design 13.3."""
    path = f"/?lang={language}&theme=light"
    async with watching(browser, Told(BUSY), path=path) as page:
        for width, height in ((1366, 768), (1024, 768), (768, 1024), (320, 640)):
            await page.set_viewport_size({"width": width, "height": height})

            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            assert await page.evaluate(TOO_WIDE) == [], width
            assert await page.evaluate(TOO_SMALL) == [], width


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_text_can_be_read(browser: Browser, theme: str) -> None:
    """Design 13.5."""
    async with watching(browser, Told(BUSY), path=f"/?theme={theme}") as page:
        assert await page.evaluate(TOO_FAINT) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_quiet_site_has_no_colour_of_an_alarm_and_a_busy_one_has(
    browser: Browser, theme: str
) -> None:
    """Design 13.7."""
    source = Told()
    async with watching(browser, source, path=f"/?theme={theme}") as page:
        await expect(page.locator("#live")).to_have_text("实时")
        assert await page.evaluate(ALARMING) == []

        source.tell(forced())
        await expect(page.locator("#band")).to_contain_text("门被强行打开")
        assert await page.evaluate(ALARMING) != []


async def test_two_hundred_doors_fold_and_the_abnormal_one_shows(
    browser: Browser,
) -> None:
    zone = CALM.levels[0].zones[0]
    many = tuple(
        replace(zone.doors[0], door=DoorId(f"d{n}"), name=f"侧门 {n}")
        for n in range(200)
    )
    shown = with_zone(CALM, zone.zone, doors=many)
    source = Told(shown)
    async with watching(browser, source) as page:
        await expect(page.get_by_text("200 门正常")).to_be_visible()
        await expect(page.locator("#d7")).to_be_hidden()

        lost = replace(many[7], look=DoorLook.OFFLINE, online=False, since=NOW)
        source.tell(with_zone(CALM, zone.zone, doors=(*many[:7], lost, *many[8:])))

        await expect(page.locator("#door-d7")).to_be_visible()
        size = await page.evaluate(
            "performance.getEntriesByType('navigation')[0].encodedBodySize"
        )
        assert size < 150_000
