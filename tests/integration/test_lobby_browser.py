"""The lobby's tablet in a real Chromium: a finger, a clock, a page without script."""

from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser, BrowserContext, Page, expect

from controller.services.strokes import drawn, kept
from controller.services.undertakings import check_code
from controller.web.roles import TABLET_COOKIE
from domain.ids import PersonId, VisitId
from domain.tablets import IDLE
from tests.browser import chromium, sign_in
from tests.lobbies import Tablet, lobby
from tests.looks import TOO_FAINT, TOO_WIDE

AXE: Final = AXE_FILE_PATH.read_text("utf-8")
# WCAG 2.2 AA, and what axe holds good practice.
RUN_AXE: Final = """async () => (await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})).violations.map(v => `${v.impact} ${v.id}: ${v.nodes[0].html.slice(0, 120)}`)"""

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "何志远"
T1, HE = VisitId("T1"), PersonId("VT1")
SMALLER_THAN_A_THUMB = """() => [...document.querySelectorAll(
    "a, button, summary, input:not([type=hidden])")]
    .filter(e => e.offsetParent && !e.matches(".skip"))
    .filter(e => e.offsetWidth < 44 || e.offsetHeight < 44)
    .map(e => e.outerHTML.slice(0, 80))"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def at(context: BrowserContext, tablet: Tablet) -> Page:
    """A page of that tablet, which must break no rule of ours."""
    await context.add_cookies(
        [
            {
                "name": TABLET_COOKIE,
                "value": tablet.token,
                "url": f"{tablet.address}/lobby",
            }
        ]
    )
    page = await context.new_page()
    page.on("console", lambda message: _no_violation(message.text))
    return page


def _no_violation(said: str) -> None:
    assert "Content Security Policy" not in said, said


async def draw(page: Page, *lines: list[tuple[float, float]]) -> None:
    box = await page.locator("#pad").bounding_box()
    assert box is not None
    for (x, y), *rest in lines:
        await page.mouse.move(box["x"] + x, box["y"] + y)
        await page.mouse.down()
        for x, y in rest:
            await page.mouse.move(box["x"] + x, box["y"] + y, steps=6)
        await page.mouse.up()


async def test_who_has_read_to_the_end_signs_by_hand(browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    async with lobby() as site:
        tablet, id_ = await site.paired()
        page = await at(context, tablet)
        await page.goto(f"{site.address}/lobby")
        await expect(page.locator("h1")).to_have_text("欢迎来访")
        await site.visit("T1", NAME)
        await site.send("T1", id_)
        await expect(page.locator("#visitor")).to_have_text(NAME)  # by itself
        agree = page.get_by_role("button", name="同意并签署")

        await expect(agree).to_be_disabled()
        await draw(page, [(50, 50), (300, 60)])
        assert await page.locator("#strokes").input_value() == ""

        await page.locator("#doc").evaluate("e => e.scrollTo(0, e.scrollHeight)")
        await expect(agree).to_be_enabled()
        await draw(page, [(9, 9), (200, 20)])
        await page.get_by_role("button", name="清除重写").click()
        await draw(page, [(60, 120), (120, 40), (180, 120)], [(220, 60), (350, 70)])
        await page.get_by_label("已读完并理解").check()
        await agree.click()

        await expect(page.locator("h1")).to_have_text("已签署")
        found = await site.visits.undertaking(T1, HE)
        assert found is not None
        paper = found[0]
        assert paper.digest is not None
        assert paper.strokes is not None
        assert paper.photo is False
        await expect(page.locator("#check-code")).to_have_text(check_code(paper.digest))
        lines = kept(paper.strokes).lines
        assert drawn(paper.strokes.decode()) is not None
        assert len(lines) == 2
        assert [line[0] < line[-1] for line in lines] == [True, True]
        assert lines[0][0][0] == pytest.approx(60 / 416 * 1000, abs=4)
        assert NAME not in await page.content()
    await context.close()


async def test_without_script_a_name_is_typed_and_witnessed(browser: Browser) -> None:
    """Design 13.2."""
    context = await browser.new_context(java_script_enabled=False)
    guards = await browser.new_context()
    async with lobby() as site:
        tablet, _ = await site.reading()
        page = await at(context, tablet)
        await page.goto(f"{site.address}/lobby")
        await expect(page.locator("#pad")).to_be_hidden()
        end = await page.locator("#end").bounding_box()
        form = await page.locator("#sign").bounding_box()
        assert end is not None
        assert form is not None
        assert form["y"] > end["y"]  # the form stands after the text
        agree = page.get_by_role("button", name="同意并签署")
        await page.get_by_label("已读完并理解").check()
        await agree.click()
        await expect(page.locator("#problems")).to_contain_text("请签名")
        await page.get_by_label("姓名", exact=True).fill(NAME)
        await agree.click()
        await expect(page.locator("h1")).to_have_text("请稍候")

        desk = await guards.new_page()
        await sign_in(desk, site.address, "zhao")
        await desk.goto(f"{site.address}/lobby/tablets")
        await desk.get_by_role("button", name="见证").click()
        await page.goto(f"{site.address}/lobby")
        await expect(page.locator("h1")).to_have_text("已签署")
        await page.get_by_role("button", name="完成").click()
        await expect(page.locator("h1")).to_have_text("欢迎来访")
    await context.close()
    await guards.close()


async def test_two_minutes_without_use_leave_no_name_in_the_document(
    browser: Browser,
) -> None:
    """Design 13.19."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    async with lobby() as site:
        tablet, id_ = await site.reading()
        page = await at(context, tablet)
        await page.clock.install()
        await page.goto(f"{site.address}/lobby")
        await expect(page.locator("#clears")).to_contain_text("2 分钟")
        await page.clock.fast_forward(95_000)
        await expect(page.locator("#clears")).to_contain_text("秒后清空")
        await page.get_by_role("button", name="我还在").click()
        await page.clock.fast_forward(95_000)
        assert NAME in await page.content()

        await page.clock.fast_forward(30_000)  # the office may not answer
        assert NAME not in await page.content()
        site.clock.pass_by(IDLE)
        await page.clock.fast_forward(10_000)
        await expect(page.locator("h1")).to_have_text("欢迎来访")

        # What the guard takes off goes at once, wherever the page is.
        await site.send("T1", id_)
        await page.clock.fast_forward(3_000)
        await expect(page.locator("#visitor")).to_have_text(NAME)
        await site.desk.take_off(id_)
        await page.clock.fast_forward(3_000)
        await expect(page.locator("h1")).to_have_text("欢迎来访")
        await page.go_back()
        assert NAME not in await page.content()
    await context.close()


async def test_the_guards_list_follows_what_happens_at_the_tablet(
    browser: Browser,
) -> None:
    context = await browser.new_context()
    async with lobby() as site:
        tablet, _ = await site.reading()
        page = await context.new_page()
        await sign_in(page, site.address, "zhao")
        await page.goto(f"{site.address}/lobby/tablets")
        await expect(page.locator("#tablets")).to_contain_text("正在阅读")
        await tablet.sign(typed=NAME)

        await page.get_by_role("button", name="见证").click()
        await expect(page.locator("#tablets")).to_contain_text("已签")
    await context.close()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_page_of_the_tablet_fits_reads_and_is_hit_with_a_thumb(
    browser: Browser, language: str
) -> None:
    """Design 13.6."""
    context = await browser.new_context()
    async with lobby() as site:
        tablet, id_ = await site.reading()
        page = await at(context, tablet)

        async def look() -> None:
            await page.goto(f"{site.address}/lobby")
            for width, height in ((1280, 800), (800, 1280), (320, 640)):
                await page.set_viewport_size({"width": width, "height": height})
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, page.url
                assert await page.evaluate(TOO_WIDE) == [], width
                assert await page.evaluate(SMALLER_THAN_A_THUMB) == [], width
            assert await page.evaluate(TOO_FAINT) == []
            await page.set_viewport_size({"width": 1280, "height": 800})
            await page.evaluate(AXE)
            assert await page.evaluate(RUN_AXE) == []

        await tablet.post("/lobby/language", task="1", language=language)
        await look()
        await tablet.sign(typed=NAME)
        await look()
        await site.post(f"/lobby/tablets/{id_}/witness", task="1")
        await look()
        await tablet.press("/lobby/done")
        await look()
        await context.clear_cookies()
        await look()
    await context.close()


@pytest.mark.parametrize(("language", "theme"), [("zh-CN", "dark"), ("en", "light")])
async def test_no_page_of_the_guards_overflows(
    browser: Browser, language: str, theme: str
) -> None:
    context = await browser.new_context()
    async with lobby() as site:
        tablet, _ = await site.reading()
        await tablet.sign(typed=NAME, strokes="", photo="1")
        await site.desk.add("二号", by=site.guard)
        page = await context.new_page()
        await sign_in(page, site.address, "zhao")
        for path in (
            "/lobby/tablets?",
            f"/lobby/send?visit={T1}&person={HE}&",
            "/undertakings?",
            "/undertakings/repair?",
        ):
            await page.goto(f"{site.address}{path}lang={language}&theme={theme}")
            for width, height in ((1366, 768), (768, 1024), (320, 640)):
                await page.set_viewport_size({"width": width, "height": height})
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (path, width)
                assert await page.evaluate(TOO_WIDE) == [], (path, width)
            assert await page.evaluate(TOO_FAINT) == [], path
    await context.close()
