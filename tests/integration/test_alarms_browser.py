"""Alarms in a real Chromium: the band's button, the key, and the forms by hand."""

from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from controller.services.alarm_desk import AlarmDesk
from controller.store import envelopes
from domain.alarm_acts import AlarmAcknowledged
from domain.alarm_events import AlarmCode
from tests.alarms import alarmed, cleared
from tests.boards import NOW
from tests.browser import chromium, sign_in
from tests.looks import TOO_FAINT, TOO_SMALL, TOO_WIDE

# A key that an input method has not let go of yet.
COMPOSING = """document.body.dispatchEvent(new KeyboardEvent("keydown",
    { key: "a", isComposing: true, bubbles: true }))"""

# An input method is still at work on what is typed.
COMPOSED: Final = """() => document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key: "a", isComposing: true, bubbles: true }))"""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def test_the_key_acknowledges_exactly_the_alarm_in_the_band(
    browser: Browser,
) -> None:
    """Not while it has only just appeared, nor while somebody types or composes
    (design 13.9)."""
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    await page.clock.install()
    async with alarmed() as (address, register):
        desk = AlarmDesk(register.office)
        await sign_in(page, address)
        await page.goto(f"{address}/alarms/3")
        await page.locator(".live--on").wait_for()
        band = page.locator("#band")
        await expect(band).to_contain_text("热处理")

        await page.keyboard.press("a")  # too early
        await page.clock.fast_forward(1_500)
        await page.locator("#note").fill("a")
        await page.locator("#note").press("a")
        await page.locator("#note").blur()
        await page.evaluate(COMPOSED)
        assert (await desk.one(1)).acknowledged_at is None

        await page.evaluate(COMPOSING)
        assert (await desk.one(1)).acknowledged_at is None
        await page.keyboard.press("a")
        await expect(band).not_to_contain_text("热处理")
        assert (await desk.one(1)).acknowledged_by == "guard"
        others = [(await desk.one(n)).acknowledged_at for n in (2, 3)]
        assert others == [None, None]
        entries = await register.office.database.read(
            lambda c: envelopes.page(c, kind="alarm_acknowledged")
        )
        said = [entry.event for entry in entries]
        assert [(e.by, e.at) for e in said if isinstance(e, AlarmAcknowledged)] == [
            ("guard", NOW)
        ]
        await context.close()


async def test_without_a_script_an_alarm_is_acknowledged_and_closed(
    browser: Browser,
) -> None:
    """Design 13.2."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    async with alarmed() as (address, register):
        await sign_in(page, address, "shift_lead")
        await page.locator("#acknowledge-first").click()
        assert (await AlarmDesk(register.office).one(1)).acknowledged_by == "shift_lead"
        over = cleared("heat_treatment", AlarmCode.DOOR_FORCED, ago=1)
        await register.tell([over])
        await page.goto(f"{address}/alarms")
        await page.get_by_role("link", name="门被强行打开").last.click()
        await page.get_by_label("操作不当").check()
        await page.get_by_label("说明").fill("料架推车顶开门扇")
        await page.get_by_role("button", name="结案").click()

        await expect(page.locator("#resolved")).to_contain_text("Op shift_lead")
        await context.close()


async def test_a_role_that_acknowledges_nothing_has_no_button(browser: Browser) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    async with alarmed() as (address, _):
        await sign_in(page, address, "reviewer")

        await expect(page.locator("#band")).to_contain_text("门被强行打开")
        await expect(page.locator("#acknowledge-first")).to_be_hidden()
        await context.close()


@pytest.mark.parametrize(("language", "theme"), [("zh-CN", "dark"), ("en", "light")])
async def test_no_page_of_alarms_overflows_and_every_text_can_be_read(
    browser: Browser, language: str, theme: str
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    async with alarmed() as (address, register):
        guard = next(o for o in await address.gate.operators.all() if o.id == "guard")
        await AlarmDesk(register.office).acknowledge(2, by=guard, note="seen")
        await sign_in(page, address, "shift_lead")
        for path in ("/alarms", "/alarms/1", "/alarms/2"):
            await page.goto(f"{address}{path}?lang={language}&theme={theme}")
            for width, height in ((1366, 768), (1024, 768), (320, 640)):
                await page.set_viewport_size({"width": width, "height": height})
                where = (path, width)
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, where
                assert await page.evaluate(TOO_WIDE) == [], where
                assert await page.evaluate(TOO_SMALL) == [], where
            assert await page.evaluate(TOO_FAINT) == [], path
        await context.close()
