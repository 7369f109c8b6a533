"""The review of grants in a real Chromium: the keys, and that it fits."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from domain.review import ReviewState
from tests.browser import chromium, sign_in
from tests.looks import TOO_FAINT, TOO_SMALL, TOO_WIDE
from tests.peopled import HEAT
from tests.reviewed import reviewing

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def test_y_and_n_decide_the_row_in_focus_and_go_on_to_the_next(
    browser: Browser,
) -> None:
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    async with reviewing() as it:
        first, second, third, *_ = await it.items(HEAT)
        await sign_in(page, it.address, "zone_owner")
        await page.goto(f"{it.address}/review")
        await page.locator(".live--on").wait_for()
        await page.locator(f"#grant-{first.grant} [data-act=y]:focus").wait_for()

        await page.keyboard.press("y")
        await page.locator(f"#grant-{second.grant} [data-act=y]:focus").wait_for()
        await page.keyboard.press("n")
        await page.locator(f"#grant-{third.grant} [data-act=y]:focus").wait_for()
        await page.locator("h1").click()  # the focus is nowhere
        await page.keyboard.press("y")
        await page.reload()

        await expect(page.locator(f"#grant-{second.grant}")).to_contain_text("已收回")
        states = [item.state for item in (await it.items(HEAT))[:3]]
        assert states == [
            ReviewState.CONFIRMED,
            ReviewState.WITHDRAWN,
            ReviewState.OUTSTANDING,
        ]
    await context.close()


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768), (768, 1024), (320, 640)])
async def test_every_width_and_both_themes_hold_the_page(
    browser: Browser, size: tuple[int, int]
) -> None:
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, java_script_enabled=True
    )
    page = await context.new_page()
    async with reviewing() as it:
        await sign_in(page, it.address, "secrecy_officer")
        for look in ("lang=zh-CN&theme=light", "lang=en&theme=dark"):
            await page.goto(f"{it.address}/review?{look}")
            assert await page.evaluate(TOO_WIDE) == []
            assert await page.evaluate(TOO_SMALL) == []
            assert await page.evaluate(TOO_FAINT) == []
    await context.close()
