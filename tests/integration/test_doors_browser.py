"""A guard opens a door in Chromium: signed, sent, obeyed by the door, and shown."""

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from domain.ids import DoorId
from tests.boards import SITE
from tests.browser import chromium, sign_in
from tests.door_consoles import door_console
from tests.looks import TOO_FAINT, TOO_SMALL, TOO_WIDE

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOOR = DoorId("archive")
_PAGES = (
    "/doors/rd_lab",
    "/commands",
    "/posture?order=end_lockdown&zone=",
    "/day-badges?q=E",
)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.mark.parametrize("script", [True, False])
async def test_a_guard_opens_a_door_once_and_sees_that_it_obeyed(
    browser: Browser, tmp_path: Path, script: bool
) -> None:
    context = await browser.new_context(java_script_enabled=script)
    page = await context.new_page()
    async with door_console(tmp_path) as (address, world):
        await sign_in(page, address)
        await page.locator(f"#door-{DOOR}").click()
        await page.get_by_label("开门一次").check()
        await page.get_by_label("原因").fill("送件")
        await page.get_by_role("button", name="发出指令").click()

        receipts = page.get_by_role("region", name="各门回执")
        await expect(page.get_by_text("1 门中 1 门已确认")).to_be_visible()
        await expect(receipts).to_contain_text("已执行")
        asked = [(c.issued_by, c.order.reason) for c in world.doors[DOOR].commands]
        assert asked == [("guard", "送件")]
        await context.close()


async def test_a_guard_locks_the_site_down_with_keys_and_is_asked_twice(
    browser: Browser, tmp_path: Path
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    async with door_console(tmp_path) as (address, world):
        await sign_in(page, address)
        await page.keyboard.press("F8")
        await expect(page.locator("h1")).to_have_text("态势 · 常态")
        assert await page.get_by_role("button", name="发出指令").count() == 0
        await page.get_by_role("link", name="封锁全场…").click()
        await page.get_by_label("原因").fill("演练")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("11 门中 11 门已确认")).to_be_visible()
        assert all(len(door.commands) == 1 for door in world.doors.values())
        await context.close()


async def test_nothing_is_too_wide_too_small_or_too_faint(
    browser: Browser, tmp_path: Path
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    faults = []
    async with door_console(tmp_path) as (address, world):
        await world.controller.seed(list(SITE.people.values())[:2], {}, by="test")
        await sign_in(page, address, "shift_lead")
        await page.goto(f"{address}/doors/rd_lab")
        await page.locator("input[value='end_lockdown:site']").check()
        await page.locator("#reason").fill("演练结束")
        await page.locator(".command .btn--p").click()
        await expect(page.locator("h1")).to_contain_text("全场")
        act = page.url.removeprefix(address)
        for path, language, theme in product(
            (*_PAGES, act), ("zh-CN", "en"), ("light", "dark")
        ):
            look = f"lang={language}&theme={theme}"
            await page.goto(f"{address}{path}{'&' if '?' in path else '?'}{look}")
            faults += await page.evaluate(TOO_FAINT)
            for width in (1366, 1024, 768, 320):
                await page.set_viewport_size({"width": width, "height": 768})
                found = await page.evaluate(TOO_WIDE) + await page.evaluate(TOO_SMALL)
                faults += [f"{path} {language} {width} {each}" for each in found]
        await context.close()

    assert faults == []
