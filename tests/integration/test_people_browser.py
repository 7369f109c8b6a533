"""People in a real Chromium: without a script, on every width, receipts that come."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser import chromium, sign_in
from tests.looks import TOO_FAINT, TOO_SMALL, TOO_WIDE
from tests.peopled import CHEN, LIST, WANG, answer, peopled, proposed
from tests.web_site import SetClock

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def test_without_a_script_somebody_is_found_frozen_and_followed_to_each_door(
    browser: Browser,
) -> None:
    clock = SetClock()
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    async with peopled(clock=clock) as (address, register):
        await sign_in(page, address, "secrecy_officer")
        await page.goto(f"{address}/people")
        await page.get_by_label("姓名").fill("王强")
        await page.get_by_role("button", name="应用").click()
        await page.get_by_role("link", name="王强").click()
        await page.get_by_label("门", exact=True).select_option("heat_treatment")
        await page.get_by_label("时刻").fill("2026-11-23T15:00")
        await page.get_by_role("button", name="推演").click()
        await expect(page.locator(".verdict--granted")).to_be_visible()
        await page.get_by_role("link", name="冻结…").click()
        await page.get_by_label("原因").fill("涉嫌泄密")
        clock.pass_by(timedelta(minutes=1))
        await page.get_by_label("验证码").fill(address.gate.code("secrecy_officer"))
        await page.get_by_role("button", name="冻结").click()
        await expect(page.locator("#receipt-heat_treatment")).to_contain_text("未回执")

        await answer(register, "heat_treatment")
        # By itself, within the time the page names.
        heard = page.locator("#receipt-heat_treatment:not(.unanswered)")
        await expect(heard).to_be_visible(timeout=8_000)
        await context.close()


@pytest.mark.parametrize(("language", "theme"), [("zh-CN", "dark"), ("en", "light")])
async def test_no_page_of_people_overflows_and_every_text_can_be_read(
    browser: Browser, language: str, theme: str
) -> None:
    clock = SetClock()
    context = await browser.new_context()
    page = await context.new_page()
    async with peopled(clock=clock) as (address, register):
        await proposed(register)
        await sign_in(page, address, "secrecy_officer")
        await page.goto(f"{address}/people/import?lang={language}&theme={theme}")
        await page.locator("#file").set_input_files(
            {"name": "a.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
        )
        await page.locator("main form button").first.click()
        await page.locator("#counts").wait_for()
        plan = page.url.removeprefix(address)
        for path in (
            plan,
            "/people",
            f"/people/{CHEN}?door=heat_treatment&at=2026-11-23T15:00",
            f"/people/{WANG}/transfer",
            f"/people/{WANG}/leave",
            "/people/proposals",
            f"/people/{CHEN}/qualifications",
        ):
            await page.goto(f"{address}{path}")
            for width, height in ((1366, 768), (1024, 768), (768, 1024), (320, 640)):
                await page.set_viewport_size({"width": width, "height": height})
                where = (path, width)
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, where
                assert await page.evaluate(TOO_WIDE) == [], where
                assert await page.evaluate(TOO_SMALL) == [], where
            assert await page.evaluate(TOO_FAINT) == [], path
        await context.close()
