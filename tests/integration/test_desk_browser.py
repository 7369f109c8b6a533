"""The visitor desk in a real Chromium: a guard takes somebody in and out by screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from controller.services.visit_office import VisitOffice
from domain.ids import VisitId
from domain.visit_life import VisitState
from tests.boards import CALM
from tests.browser import chromium, sign_in
from tests.desks import ask, busy_desk, desk_gate, let_in, office_of
from tests.integration.test_every_page_browser import AXE, RUN_AXE
from tests.looks import TOO_FAINT, TOO_SMALL, TOO_WIDE
from tests.photos import camera_jpeg
from tests.web_site import Served, SetClock, Told, served

pytestmark = pytest.mark.asyncio(loop_scope="module")

_WIDTHS = ((1366, 768), (1024, 768), (768, 1024), (320, 640))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@asynccontextmanager
async def desk(
    *, busy: bool = False
) -> AsyncIterator[tuple[Served, VisitOffice, Told]]:
    clock = SetClock()
    gate = await desk_gate(clock)
    try:
        if busy:
            await busy_desk(gate, clock)
        told = Told(replace(CALM, at=clock.now()))
        async with served(told, clock=clock, gate=gate) as address:
            yield address, office_of(gate), told
    finally:
        await gate.close()


async def _in_and_out(page: Page) -> None:
    """From the list to the badge and out again, with what the page shows."""
    await page.get_by_role("link", name="访客值守").first.click()
    await page.get_by_role("link", name="段鹏").click()
    await expect(page.locator("#give-badge")).to_be_disabled()
    await expect(page.locator("#lacks")).to_contain_text("身份未核对")
    await page.locator("#digits").fill("0417")
    await page.locator("#digits").press("Enter")

    await page.locator("#add").select_option("storage")
    await page.get_by_role("button", name="添加").click()
    device = page.get_by_role("group", name="存储设备")
    await expect(device.get_by_role("radio")).to_have_count(2)  # no way in
    await device.get_by_label("厂商").fill("金士顿")
    await device.get_by_label("型号").fill("64 GB")
    await device.get_by_label("序列号").fill("DT-0093")
    await device.get_by_label("寄存").check()
    await page.get_by_label("除以上外无其他设备").check()
    await page.locator("#devices button[value=save]").click()

    await expect(page.locator("#locker")).to_have_value("1")  # the lowest that is free
    await page.locator("#step-3 button").click()
    await page.locator("#typed").fill("段鹏")
    await page.get_by_role("button", name="已当面签署").click()
    await page.get_by_label("胡斌").check()
    await page.locator("#step-5 button").click()
    await expect(page.locator("#lacks")).to_have_count(0)
    await page.get_by_label("段鹏的访客证号").fill("F91A2B3C4D")
    await page.locator("#give-badge").click()

    await expect(page.locator("#group-on_site")).to_contain_text("柜 1")
    await page.get_by_role("link", name="段鹏").click()
    await page.get_by_label("存储设备").check()
    for item in ("访客证", "寄存柜已清空", "修后介质留存"):
        await page.get_by_label(item).check()
    await page.get_by_role("button", name="办理离场").click()
    await expect(page.locator("#main")).to_contain_text("今天没有预约")


@pytest.mark.parametrize("scripted", [True, False])
async def test_a_guard_takes_a_visitor_from_expected_to_the_way_out(
    browser: Browser, scripted: bool
) -> None:
    """Design 13.2."""
    context = await browser.new_context(
        viewport={"width": 1366, "height": 768}, java_script_enabled=scripted
    )
    page = await context.new_page()
    async with desk() as (address, office, _):
        await ask(office, "T1", "段鹏", "启明精密维修")
        await let_in(office, VisitId("T1"), steps=0)
        await sign_in(page, address, "zhao")
        await _in_and_out(page)

        assert (await office.visit(VisitId("T1"))).state is VisitState.CHECKED_OUT
        await context.close()


async def test_a_photograph_is_taken_with_the_box_ticked_and_seen_on_the_page(
    browser: Browser,
) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    async with desk() as (address, office, _):
        await ask(office, "T1", "段鹏", "启明精密维修")
        await let_in(office, VisitId("T1"), steps=0)
        await sign_in(page, address, "zhao")
        await page.goto(f"{address}/visits/T1/check-in")
        photo, tick = page.locator("#photo"), page.get_by_label("来访人同意")
        await photo.set_input_files(
            {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": camera_jpeg()}
        )
        await page.get_by_role("button", name="保存照片").click()
        unticked = page.url  # the browser holds it back
        await tick.check()
        await page.get_by_role("button", name="保存照片").click()
        face = page.get_by_role("img", name="段鹏的照片")
        await expect(face).to_be_visible()
        width = await face.evaluate("e => e.naturalWidth")
        await page.get_by_role("button", name="撤回同意").click()
        await expect(face).to_have_count(0)

        assert unticked.endswith("/visits/T1/check-in")
        assert width == 360
        await context.close()


async def test_the_keys_lead_to_walk_in_steps_badge_and_check_out(
    browser: Browser,
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    async with desk() as (address, office, _):
        await ask(office, "T1", "段鹏", "启明精密维修")
        await let_in(office, VisitId("T1"), steps=4)
        await sign_in(page, address, "zhao")
        await page.goto(f"{address}/desk")
        await page.locator(".live--on").wait_for()
        await page.keyboard.press("n")
        await expect(page.locator("#names")).to_be_focused()
        await page.keyboard.press("n")  # typed, as nothing else happens in a field
        await expect(page.locator("#names")).to_have_value("n")

        await page.goto(f"{address}/visits/T1/check-in")
        await page.locator(".live--on").wait_for()
        await page.keyboard.press("2")
        await expect(page.locator("#add")).to_be_focused()
        await page.keyboard.press("Escape")
        await page.keyboard.press("5")
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        badge = page.get_by_label("段鹏的访客证号")
        await expect(badge).to_be_focused()
        await page.locator(".live--on").wait_for()
        await badge.fill("F91A2B3C4D")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#group-on_site")).to_be_visible()
        await page.locator(".live--on").wait_for()
        await page.keyboard.press("o")
        await expect(page.locator("#checking-out")).to_contain_text("段鹏")
        await context.close()


async def test_the_list_renews_itself_and_keeps_the_focus(browser: Browser) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.clock.install()
    async with desk() as (address, office, told):
        await ask(office, "T1", "段鹏", "启明精密维修")
        await let_in(office, VisitId("T1"), steps=0)
        await sign_in(page, address, "zhao")
        await page.goto(f"{address}/desk")
        await page.locator(".live--on").wait_for()
        await page.locator("#row-T1").focus()
        await ask(office, "T2", "高翔", "江北风电", starts=5)
        told.tell(CALM)
        await page.clock.fast_forward(6_000)
        await expect(page.locator("#row-T2")).to_be_visible()
        await expect(page.locator("#row-T1")).to_be_focused()
        await context.close()


@pytest.mark.parametrize(("language", "theme"), [("zh-CN", "dark"), ("en", "light")])
async def test_no_page_of_the_desk_overflows_and_every_text_can_be_read(
    browser: Browser, language: str, theme: str
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    pages = (
        ("zhao", "/desk"),
        ("zhao", "/visits/T1/check-in?visitor=VT1"),
        ("zhao", "/visits/T5/check-in"),
        ("zhao", "/visits/T3/check-out"),
        ("zhao", "/visits/T3"),
        ("zhao", "/visits/T3/check-in"),
        ("zhao", "/visitor-badges"),
        ("zhao", "/visits/new"),
        ("manager", "/visits"),
    )
    async with desk(busy=True) as (address, _, _):
        signed_in = ""
        for who, path in pages:
            if who != signed_in:
                await sign_in(page, address, who)
                signed_in = who
            look = f"{'&' if '?' in path else '?'}lang={language}&theme={theme}"
            await page.goto(f"{address}{path}{look}")
            for width, height in _WIDTHS:
                await page.set_viewport_size({"width": width, "height": height})
                where = (path, width)
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, where
                assert await page.evaluate(TOO_WIDE) == [], where
                assert await page.evaluate(TOO_SMALL) == [], where
            assert await page.evaluate(TOO_FAINT) == [], path
            await page.evaluate(AXE)
            assert await page.evaluate(RUN_AXE) == [], path
        await context.close()


async def test_an_overdue_visit_is_the_only_colour_of_the_list(
    browser: Browser,
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    async with desk(busy=True) as (address, _, _):
        await sign_in(page, address, "zhao")
        await page.goto(f"{address}/desk")
        first = page.locator("#desk tbody").first
        await expect(first).to_have_class("tgroup tgroup--2")
        await expect(page.locator(".tgroup--2")).to_have_count(1)
        await context.close()
