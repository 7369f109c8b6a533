"""A guard's whole day in a real Chromium, over real doors: from signing in to signing
out, everything by the screen, and what the log says of it in the end (design 13).

Nothing here is made up but people and devices (`tests.days`): what the guard sees is
what the doors did.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, expect

from domain.policy import Side
from domain.visit_life import VisitState
from simulators.clock import VirtualClock, run_virtual
from simulators.demo_visitors import CARDS
from simulators.people import badge_number
from simulators.story import Deed
from simulators.visit_day import ARCHIVE, DESK_ESCORT, GRINDING, for_the_desk
from simulators.visit_deeds import bring_to_its_beginning
from tests.browser import chromium
from tests.day_log import summed_up
from tests.days import SITE, Day, a_day
from tests.integration.test_lobby_browser import draw
from tests.pdfs import read

MORNING: Final = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)  # 08:30 at the site
ESCORT: Final = DESK_ESCORT
CLERK: Final = "E1025"
GUEST: Final = "V090"  # 段鹏, who repairs
CARD: Final = CARDS[0]  # lies at the desk


DEVICES: Final = ("laptop sealed", "storage deposited")
THE_DAY: Final = [
    ("signs in", "guard"),
    ("watches", "guard", "door.forced"),
    ("acknowledges", "guard", "door.forced", ""),
    ("VisitorIdentified", "guard"),
    ("declares", "guard", *DEVICES, "locker None"),
    ("declares", "guard", *DEVICES, "locker 1"),
    ("UndertakingSigned", "guard"),
    ("VisitCheckedIn", "guard"),
    ("waits", "entry", GUEST),
    ("passes", "entry", ESCORT, GUEST),
    ("passes", "exit", ESCORT),
    ("alarm", "visit.escort_left"),
    ("acknowledges", "guard", "visit.escort_left", "已叫王强回去"),
    ("unlock_door", "guard", ARCHIVE, "送件"),
    ("prints who is inside", "guard", "1"),
    ("VisitRequested", "guard"),
    ("signs in", "approver"),
    ("refuses", "approver", "无人约见"),
    ("signs out", "approver"),
    ("passes", "entry", ESCORT),
    ("passes", "exit", GUEST),
    ("passes", "exit", ESCORT),
    ("checks out", "guard", "badge", "locker", "media"),
    ("signs in", "lead"),
    ("watches", "lead", "door.forced", "visit.escort_left"),
    ("signs out", "guard"),
]


def test_the_guard_works_a_whole_day_by_the_screen_alone(tmp_path: Path) -> None:
    async def story(clock: VirtualClock) -> None:
        async with a_day(clock, tmp_path) as day, chromium() as browser:
            visit = for_the_desk(SITE, clock.now())
            await bring_to_its_beginning(
                replace(visit, begins=VisitState.APPROVED), day.simulated.controller
            )
            await day.does(Deed.FORCE_DOOR, ARCHIVE)  # in the night
            page = await at_the_console(browser, day, "guard")

            await takes_the_watch_over(page)
            await receives(page, browser, day)
            await sees_them_go_in(page, day)
            await hears_that_the_escort_left(page, day)
            await opens_a_door(page, day)
            await prints_who_is_inside(page, day)
            await turns_a_walk_in_away(page, browser, day)
            await sees_them_out(page, day)
            await hands_over(page, browser, day)

            assert summed_up(await day.log()) == THE_DAY

    run_virtual(story, starts=MORNING)


async def at_the_console(browser: Browser, day: Day, who: str) -> Page:
    """Signed in by hand, with password and code."""
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    await page.clock.install(time=day.clock.now())
    await page.goto(day.address)
    await page.get_by_label("账号").fill(who)
    await page.get_by_label("口令").fill(day.given[who].password)
    await page.keyboard.press("Enter")
    await page.get_by_label("动态码", exact=True).fill(await day.code(who))
    await page.keyboard.press("Enter")
    await expect(page.locator("#whoami")).to_be_visible()
    day.pages.append(page)
    return page


async def live(page: Page) -> None:
    await page.locator(".live--on").wait_for()


async def go(page: Page, key: str) -> None:
    """To the page of that letter."""
    await live(page)
    await page.keyboard.press("g")
    await page.keyboard.press(key)


async def takes_the_watch_over(page: Page) -> None:
    await expect(page.locator("#band")).to_contain_text("门被强行打开")
    await go(page, "s")
    await page.get_by_label("门被强行打开").check()
    await page.get_by_role("button", name="开始值守").click()
    await expect(page.locator("h1")).to_have_text("实时看板")

    await live(page)
    await page.clock.run_for(1_500)  # nobody acknowledges what has only just appeared
    await page.keyboard.press("a")
    await expect(page.locator("#acknowledge-first")).to_have_count(0)


async def receives(page: Page, browser: Browser, day: Day) -> None:
    """Six steps, the undertaking on the lobby's tablet."""
    await go(page, "d")
    await expect(page.locator("#group-expected")).to_contain_text("段鹏")
    await page.get_by_role("link", name="段鹏").click()
    await expect(page.locator("#give-badge")).to_be_disabled()
    await page.locator("#digits").fill("0417")
    await page.locator("#digits").press("Enter")

    for kind, name, how in (
        ("laptop", "笔记本", "封签带入"),
        ("storage", "存储设备", "寄存"),
    ):
        await page.locator("#add").select_option(kind)
        await page.get_by_role("button", name="添加").click()
        device = page.get_by_role("group", name=name)
        for field, value in (("厂商", "联想"), ("型号", "T14"), ("序列号", "PF-3K9H")):
            await device.get_by_label(field).fill(value)
        await device.get_by_label(how).check()
    await page.get_by_label("除以上外无其他设备").check()
    await page.locator("#devices button[value=save]").click()
    await page.locator("#step-3 button").click()  # locker 1, as suggested

    await signs_on_the_tablet(page, browser, day)
    await page.get_by_label("王强").check()
    await page.locator("#step-5 button").click()
    await expect(page.locator("#lacks")).to_have_count(0)
    number = badge_number(CARD).hex().upper()
    await page.get_by_label("段鹏的访客证号").fill(number)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#group-on_site")).to_contain_text("未进区域 柜 1")


async def signs_on_the_tablet(page: Page, browser: Browser, day: Day) -> None:
    here = page.url
    await page.get_by_role("link", name="大厅平板").click()
    await page.locator("#name").fill("一号")
    await page.get_by_role("button", name="生成配对码").click()
    code = await page.locator("#pairing-code").inner_text()
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    tablet = await context.new_page()
    await tablet.goto(f"{day.address}/lobby")
    await tablet.locator("#code").fill(code)
    await tablet.keyboard.press("Enter")

    await page.goto(here)
    await page.locator("#to-tablet").click()
    await page.locator("#main form button").click()
    await tablet.goto(f"{day.address}/lobby")
    await expect(tablet.locator("#visitor")).to_have_text("段鹏")
    await tablet.locator("#doc").evaluate("e => e.scrollTo(0, e.scrollHeight)")
    await expect(tablet.locator("#signing")).to_be_enabled()
    await draw(tablet, [(60, 120), (120, 40), (180, 120)], [(220, 60), (350, 70)])
    await tablet.get_by_label("已读完并理解").check()
    await tablet.get_by_role("button", name="同意并签署").click()
    await expect(tablet.locator("h1")).to_have_text("已签署")
    await context.close()
    await page.goto(here)


async def sees_them_go_in(page: Page, day: Day) -> None:
    """The visitor's badge waits for the escort's, and the board shows both inside."""
    await go(page, "b")
    await live(page)
    await day.shows(GRINDING, Side.ENTRY, CARD, ESCORT)
    log = page.locator("#log")
    await expect(log).to_contain_text("段鹏 等待陪同人")
    await expect(log).to_contain_text("王强 + 段鹏 放行")
    await page.locator("#in-precision_grinding summary").click()
    inside = page.locator("#in-precision_grinding .who")
    await expect(inside).to_contain_text("王强")
    await expect(inside).to_contain_text("段鹏")


async def hears_that_the_escort_left(page: Page, day: Day) -> None:
    """The alarm announces itself and is acknowledged with a note, by key."""
    await day.shows(GRINDING, Side.EXIT, ESCORT)
    band = page.locator("#band")
    await expect(band).to_contain_text("陪同人")
    await expect(page).to_have_title(re.compile(r"^\(\d\) "))
    await band.locator("a.t").focus()
    await page.keyboard.press("Enter")
    await page.locator("#note").focus()
    await page.keyboard.type("已叫王强回去")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#acknowledged")).to_contain_text("确认")
    await expect(page.locator("#main")).to_contain_text("已叫王强回去")


async def opens_a_door(page: Page, day: Day) -> None:
    await page.goto(f"{day.address}/doors/{ARCHIVE}")
    await page.get_by_label("开门一次").check()
    await page.get_by_label("原因").first.fill("送件")
    await page.get_by_role("button", name="发出指令").click()
    await expect(page.locator("h1")).to_contain_text("开门一次")
    await day.pass_by(4)
    await expect(page.get_by_role("region", name="各门回执")).to_contain_text("已执行")


async def prints_who_is_inside(page: Page, day: Day) -> None:
    await go(page, "m")
    await expect(page.locator("h1")).to_have_text("在场名单")
    printing = page.get_by_role("link", name="打印名单")
    path = await printing.get_attribute("href")
    paper = await page.context.request.get(f"{day.address}{path}")
    assert "段鹏" in read(await paper.body()).text


async def turns_a_walk_in_away(page: Page, browser: Browser, day: Day) -> None:
    """Whom nobody expects is asked for; the approver refuses, and they stay out."""
    await go(page, "d")
    await live(page)
    await page.keyboard.press("n")
    await page.locator("input[value=customer]").check()
    await page.locator("#names").fill("陌生来客")
    await page.locator("#organisation").fill("未预约")
    await page.locator("#purpose").fill("推销刀具")
    await page.locator("#department").fill("production")
    await page.locator("#requested_by").select_option(CLERK)
    await page.locator("#escort").select_option(ESCORT)
    await page.get_by_label("精密磨削车间").check()
    await page.get_by_role("button", name="提交申请").click()
    await expect(page.locator("#main")).to_contain_text("陌生来客")

    manager = await at_the_console(browser, day, "approver")
    asked = manager.locator(".decision", has_text="陌生来客")
    await asked.get_by_label("理由").fill("无人约见")
    await asked.get_by_role("button", name="不批准").click()
    await expect(asked).to_have_count(0)
    await signs_out(manager, day)

    await page.goto(f"{day.address}/desk?over=1")
    await expect(page.locator("#group-over")).to_contain_text("陌生来客")
    await expect(page.locator("#group-over")).to_contain_text("未批准")


async def sees_them_out(page: Page, day: Day) -> None:
    """The escort goes back, both leave, and everything is given back."""
    await day.shows(GRINDING, Side.ENTRY, ESCORT)
    await day.shows(GRINDING, Side.EXIT, CARD)
    await day.shows(GRINDING, Side.EXIT, ESCORT)
    await go(page, "d")
    await expect(page.locator("#group-on_site")).to_contain_text("未进区域")
    await live(page)
    await page.keyboard.press("o")
    await page.get_by_label("笔记本").check()
    await page.get_by_label("存储设备").check()
    for item in ("访客证", "寄存柜已清空", "修后介质留存"):
        await page.get_by_label(item).check()
    await page.get_by_role("button", name="办理离场").click()
    await expect(page.locator("#main")).to_contain_text("今天没有预约")


async def hands_over(page: Page, browser: Browser, day: Day) -> None:
    """The next one takes over each alarm by name; then this one signs out."""
    relief = await at_the_console(browser, day, "lead")
    await go(relief, "s")
    await expect(relief.locator("h1")).to_have_text("开始值守")
    for box in await relief.locator(".takeover input").all():
        await box.check()
    await relief.get_by_role("button", name="开始值守").click()
    await expect(relief.locator("h1")).to_have_text("实时看板")
    await signs_out(page, day)


async def signs_out(page: Page, day: Day) -> None:
    await page.get_by_role("button", name="退出", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("已退出。")
    day.pages.remove(page)
