"""The frame of the console in a real Chromium: signing in, the lock, the navigation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.boards import BUSY, SITE
from tests.browser import chromium, sign_in
from tests.looks import TOO_FAINT, TOO_SMALL, TOO_WIDE
from tests.operators import PASSWORD
from tests.web_site import Served, SetClock, Told, served

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES = [p.name for p in SITE.people.values()]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@asynccontextmanager
async def console(
    browser: Browser,
    name: str = "guard",
    *,
    script: bool = True,
    clock: SetClock | None = None,
) -> AsyncIterator[tuple[Page, Served]]:
    """A page as that operator, or nobody (""); nothing may have been blocked."""
    context = await browser.new_context(
        viewport={"width": 1366, "height": 768}, java_script_enabled=script
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if _is_csp(m.text) else None)
    async with served(Told(BUSY), beat=0.5, clock=clock) as address:
        if name:
            await sign_in(page, address, name)
        try:
            yield page, address
        finally:
            await context.close()
    assert complaints == []


def _is_csp(text: str) -> bool:
    return "Content Security Policy" in text


async def fill_in(page: Page, address: Served, name: str, password: str) -> None:
    await page.get_by_label("账号").fill(name)
    await page.get_by_label("口令").fill(password)
    await page.keyboard.press("Enter")
    await page.get_by_label("动态码", exact=True).fill(address.gate.code(name))
    await page.keyboard.press("Enter")


@pytest.mark.parametrize("script", [True, False])
async def test_a_guard_signs_in_and_out_by_hand(browser: Browser, script: bool) -> None:
    async with console(browser, "", script=script) as (page, address):
        await page.goto(f"{address}/account")
        await expect(page).to_have_title("登录 · 门神")

        await fill_in(page, address, "guard", PASSWORD + "x")
        await expect(page.get_by_role("alert")).to_contain_text("不相符")
        await expect(page).to_have_title("错误：动态码 · 门神")

        await page.get_by_role("link", name="重新开始").click()
        await fill_in(page, address, "guard", PASSWORD)
        await expect(page.get_by_role("heading", level=1)).to_have_text("我的账号")
        await expect(page.locator("#whoami")).to_contain_text("Op guard 门卫")

        await page.get_by_role("button", name="退出", exact=True).click()
        await expect(page.get_by_role("status")).to_have_text("已退出。")
        await page.goto(f"{address}/")
        await expect(page).to_have_title("登录 · 门神")


async def test_a_recovery_code_lets_in_whoever_lost_their_phone(
    browser: Browser,
) -> None:
    async with console(browser, "") as (page, address):
        await page.goto(address)
        await page.get_by_label("账号").fill("reviewer")
        await page.get_by_label("口令").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name="没带验证器").click()
        code = address.gate.handed["reviewer"].recovery[3]
        await page.get_by_label("恢复码", exact=True).fill(code.lower())
        await page.keyboard.press("Enter")

        await expect(page.get_by_role("heading", level=1)).to_have_text("人员")


async def test_the_navigation_marks_where_one_is_and_goes_by_key(
    browser: Browser,
) -> None:
    async with console(browser, "reviewer") as (page, _):
        nav = page.get_by_role("navigation", name="页面")
        await expect(nav.locator("[aria-current=page]")).to_have_text("实时看板")
        await expect(page.locator("#live")).to_have_text("实时")

        await page.keyboard.press("g")
        await page.keyboard.press("o")

        await expect(page.get_by_role("heading", level=1)).to_have_text("操作员")
        await expect(nav.locator("[aria-current=page]")).to_have_text("操作员")
        await expect(page.locator("#band")).to_contain_text("门被强行打开")
        await expect(page.locator("#live")).to_have_text("实时")


async def names_in(page: Page) -> list[str]:
    html = await page.content()
    return [name for name in [*NAMES, "Op guard"] if name in html]


async def test_five_idle_minutes_hide_every_name_and_the_band_stays_live(
    browser: Browser,
) -> None:
    """Design 13.27."""
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    await page.clock.install()
    clock = SetClock()
    async with served(Told(BUSY), beat=0.5, clock=clock) as address:
        await sign_in(page, address)
        await expect(page.locator("#live")).to_have_text("实时")
        assert await names_in(page) != []

        for _ in range(4):
            await page.clock.fast_forward(60_000)
        await page.clock.fast_forward(5_000)
        await expect(page.locator("#idle-warning")).to_contain_text("秒后锁定")
        await page.clock.fast_forward(60_000)
        await expect(page.get_by_role("link", name="解锁")).to_be_visible()

        assert await names_in(page) == []
        await expect(page.locator("#band")).to_contain_text("门被强行打开")
        await expect(page.locator("#live")).to_have_text("实时")

        await page.get_by_role("link", name="解锁").click()
        await page.get_by_label("口令").fill(PASSWORD)
        await page.get_by_label("动态码").fill(address.gate.code("guard"))
        await page.keyboard.press("Enter")
        await expect(page.locator("#whoami")).to_contain_text("Op guard")
        assert await names_in(page) != []
        await context.close()


async def test_what_was_typed_survives_the_lock(browser: Browser) -> None:
    async with console(browser, "administrator") as (page, address):
        await page.goto(f"{address}/operators")
        await expect(page.locator("#live")).to_have_text("实时")
        await page.evaluate(
            """document.getElementById("main").append(
                Object.assign(document.createElement("textarea"), {id: "work"}))"""
        )
        await page.locator("#work").fill("half a sentence")

        await page.get_by_role("button", name="锁定").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("已锁定")
        assert "Op " not in await page.content()
        await page.get_by_label("口令").fill(PASSWORD)
        await page.get_by_label("动态码").fill("000000")
        await page.keyboard.press("Enter")
        await expect(page.locator("#unlock-problem")).to_contain_text("不相符")
        await page.get_by_label("口令").fill(PASSWORD)
        await page.get_by_label("动态码").fill(address.gate.code("administrator"))
        await page.keyboard.press("Enter")

        await expect(page.locator("#work")).to_have_value("half a sentence")
        await expect(page.locator("#whoami")).to_contain_text("Op administrator")


async def test_a_console_that_was_disabled_goes_to_the_form(browser: Browser) -> None:
    async with console(browser) as (page, address):
        await expect(page.locator("#live")).to_have_text("实时")
        guard = next(o for o in await address.gate.operators.all() if o.id == "guard")
        await address.gate.operators.disable(guard.id, by="test")

        await expect(page).to_have_title("登录 · 门神")


async def test_without_a_script_a_late_form_is_kept(browser: Browser) -> None:
    clock = SetClock()
    opened = console(browser, "administrator", script=False, clock=clock)
    async with opened as (page, address):
        await page.goto(f"{address}/operators")
        clock.pass_by(timedelta(minutes=6))
        await page.get_by_role("button", name="停用 guard").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("已锁定")
        await page.get_by_label("口令").fill(PASSWORD)
        await page.get_by_label("动态码").fill(address.gate.code("administrator"))
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="现在提交").click()

        await expect(page.get_by_role("row", name="guard").first).to_contain_text(
            "停用"
        )


PAGES = (
    "/sign-in",
    "/sign-in/code",
    "/account",
    "/operators",
    "/tokens",
    "/unlock",
    "/nowhere",
)


async def visit(page: Page, address: Served, path: str, look: str) -> None:
    """Each small page, in its own state."""
    await page.context.clear_cookies()
    if path == "/sign-in/code":
        await page.goto(f"{address}/sign-in?{look}")
        await page.locator("#name").fill("guard")
        await page.locator("#password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.locator("#code").wait_for()
        return
    if path != "/sign-in":
        await sign_in(page, address, "administrator")
    await page.goto(f"{address}{path}?{look}")
    if path == "/unlock":
        await page.goto(f"{address}/account?{look}")
        await page.locator("#lock-form button").click()
        await page.locator("#unlock").wait_for()


# Fonts are there and the new size has been laid out: two frames later at the most.
SETTLED = (
    "document.fonts.ready.then(() => new Promise((done) => "
    "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50)))))"
)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_no_small_page_overflows(browser: Browser, language: str) -> None:
    clock = SetClock()
    async with console(browser, "", clock=clock) as (page, address):
        for path in PAGES:
            clock.pass_by(timedelta(seconds=30))
            await visit(page, address, path, f"lang={language}&theme=light")
            for width, height in ((1366, 768), (1024, 768), (768, 1024), (320, 640)):
                await page.set_viewport_size({"width": width, "height": height})
                where = (path, width)

                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, where
                assert await page.evaluate(TOO_WIDE) == [], where
                assert await page.evaluate(TOO_SMALL) == [], where


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_text_of_the_small_pages_can_be_read(
    browser: Browser, theme: str
) -> None:
    clock = SetClock()
    async with console(browser, "", clock=clock) as (page, address):
        for path in PAGES:
            clock.pass_by(timedelta(seconds=30))
            await visit(page, address, path, f"lang=en&theme={theme}")

            assert await page.evaluate(TOO_FAINT) == [], path
