"""Alarms by ear in a real Chromium: what sounds, when, and at whose console.

Every oscillator that the page starts is noted with the page's own time; the page's
clock is moved by hand.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from controller.services.alarm_desk import AlarmDesk
from domain.alarm_acts import Called
from domain.alarm_events import AlarmCode
from domain.events import Event
from tests.alarms import Register, alarmed, raised
from tests.browser import chromium, sign_in
from tests.looks import TOO_SMALL, TOO_WIDE
from tests.web_site import Served, SetClock

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What the page asks of the browser's own oscillators.
LISTEN: Final = """
    window.tones = [];
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (at) {
        window.tones.push([Date.now(), this.frequency.value]);
        return start.call(this, at);
    };
"""
FORCED: Final = raised("heat_treatment", AlarmCode.DOOR_FORCED, 1, ago=1)
HELD: Final = raised("archive", AlarmCode.DOOR_HELD, 2, ago=1)
CLOCK: Final = raised("archive", AlarmCode.CLOCK_STEPPED, 3, ago=1)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@asynccontextmanager
async def console(
    browser: Browser, *story: Event, name: str = "guard", touched: bool = True
) -> AsyncIterator[tuple[Page, Served, Register]]:
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    await page.clock.install()
    await page.add_init_script(LISTEN)
    async with alarmed(story) as (address, register):
        await sign_in(page, address, name)
        await page.locator(".live--on").wait_for()
        if touched:
            await page.locator("h1").click()
            await page.wait_for_function("document.querySelector('#sound-off').hidden")
        yield page, address, register
        await context.close()


async def tones(page: Page) -> int:
    """How many since the last look."""
    count: int = await page.evaluate("window.tones.splice(0).length")
    return count


async def pass_by(page: Page, seconds: int) -> int:
    """Second for second; how many tones there were."""
    for _ in range(seconds):
        await page.clock.run_for(1_000)
    return await tones(page)


async def test_an_urgent_alarm_sounds_at_once_and_until_it_is_acknowledged(
    browser: Browser,
) -> None:
    """Design 13.8."""
    async with console(browser) as (page, address, register):
        assert await pass_by(page, 30) == 0

        await register.tell([FORCED])
        await expect(page.locator("#band")).to_contain_text("门被强行打开")
        assert await tones(page) == 3
        assert await pass_by(page, 17) == 9  # three each 5 s

        guard = next(o for o in await address.gate.operators.all() if o.id == "guard")
        await AlarmDesk(register.office).acknowledge(1, by=guard)
        await expect(page.locator("#band")).to_contain_text("guard")
        await tones(page)
        assert await pass_by(page, 30) == 0


async def test_an_important_alarm_sounds_each_20_s_and_a_notice_once(
    browser: Browser,
) -> None:
    async with console(browser) as (page, _, register):
        await register.tell([CLOCK])
        await expect(page.locator("#band")).to_contain_text("档案")
        assert await tones(page) == 1
        assert await pass_by(page, 60) == 0

        await register.tell([HELD])
        await expect(page.locator("#band")).to_have_class("band band--2")
        assert await tones(page) == 2
        assert await pass_by(page, 45) == 4


async def test_silence_is_for_present_alarms_and_ends(browser: Browser) -> None:
    async with console(browser, FORCED) as (page, _, register):
        await page.keyboard.press("F9")
        await tones(page)
        await expect(page.locator("#hushed")).to_contain_text("静音")
        assert await pass_by(page, 50) == 0

        await register.tell([HELD])  # a new one sounds at once
        await expect(page.locator("#alarms")).to_contain_text("久开未关")
        assert await tones(page) == 2

        await pass_by(page, 12)
        await expect(page.locator("#hushed")).to_be_hidden()
        assert await pass_by(page, 10) >= 6


async def test_a_page_nobody_touched_says_that_it_is_silent(browser: Browser) -> None:
    async with console(browser, FORCED, touched=False) as (page, _, _):
        bar = page.locator("#sound-off")
        await expect(bar).to_contain_text("声音未启用")
        assert await pass_by(page, 10) == 0
        for width, height in ((1366, 768), (320, 640)):
            await page.set_viewport_size({"width": width, "height": height})
            assert await page.evaluate(TOO_WIDE) == [], width
            assert await page.evaluate(TOO_SMALL) == [], width

        await page.locator("#sound-on").click()
        await expect(bar).to_be_hidden()
        assert await pass_by(page, 6) >= 3


async def test_on_the_next_page_an_alarm_goes_on_and_a_notice_is_not_repeated(
    browser: Browser,
) -> None:
    async with console(browser, CLOCK) as (page, address, _):
        assert await pass_by(page, 3) == 1
        await page.goto(f"{address}/alarms")
        await page.locator(".live--on").wait_for()
        await page.locator("h1").click()
        assert await pass_by(page, 10) == 0


async def test_a_locked_console_sounds_and_cannot_be_silenced(browser: Browser) -> None:
    async with console(browser) as (page, _, register):
        await page.locator("#lock-form button").click()
        await page.locator('a[href^="/unlock"]').wait_for()
        await page.locator("#live").click()
        await register.tell([FORCED])
        await expect(page.locator("#band")).to_contain_text("门被强行打开")
        await page.keyboard.press("F9")

        assert await pass_by(page, 11) >= 6
        await expect(page.locator("#hush")).to_be_hidden()


async def test_other_consoles_sound_once_the_shift_lead_is_called(
    browser: Browser,
) -> None:
    async with console(browser, FORCED, name="reviewer") as (page, address, register):
        assert await pass_by(page, 20) == 0
        guard = next(o for o in await address.gate.operators.all() if o.id == "guard")
        await AlarmDesk(register.office).call(
            1, by=guard, to=Called.SHIFT_LEAD, note="nobody answers"
        )

        await expect(page.locator("#band")).to_contain_text("已呼叫：班长")
        assert await pass_by(page, 6) >= 3


async def test_the_band_counts_down_to_the_next_call(browser: Browser) -> None:
    async with console(browser, FORCED) as (page, _, _):
        next_ = page.locator("#band .next")
        await page.clock.run_for(5_000)
        await expect(next_).to_have_text(re.compile(r"5\d 秒后呼叫班长"))
        before = await next_.inner_text()
        await page.clock.run_for(3_000)
        assert int(before.split()[0]) - int((await next_.inner_text()).split()[0]) >= 3


async def test_what_is_still_wrong_is_told_once_more_after_ten_minutes(
    browser: Browser,
) -> None:
    async with console(browser, FORCED) as (page, address, register):
        guard = next(o for o in await address.gate.operators.all() if o.id == "guard")
        await AlarmDesk(register.office).acknowledge(1, by=guard)
        await expect(page.locator("#band")).to_contain_text("guard")
        await tones(page)
        clock = address.gate.clock
        assert isinstance(clock, SetClock)
        for minutes in (4, 4, 2):  # used in between, or it locks itself
            clock.pass_by(timedelta(minutes=minutes))
            await page.request.get(f"{address}/account")
        await register.tell([])

        await expect(page.locator("#band")).to_have_attribute(
            "data-sounds", "1.1:1:once:guard+shift_lead"
        )
        assert await pass_by(page, 30) == 3


async def test_starting_a_watch_sounds_once_and_takes_over(browser: Browser) -> None:
    async with console(browser, touched=False) as (page, address, _):
        await page.goto(f"{address}/watch/start")
        await page.locator(".live--on").wait_for()
        await page.get_by_role("button", name="开始值守").click()
        await page.wait_for_function("document.querySelector('#sound-off').hidden")
        assert await tones(page) == 2
        await page.clock.run_for(1_000)
        await page.wait_for_url(f"{address}/")
