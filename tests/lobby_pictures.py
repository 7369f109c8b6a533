"""Pictures of the lobby's tablet, and of the guard's and the officer's pages for it."""

from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page

from controller.web.roles import TABLET_COOKIE
from tests.browser import sign_in
from tests.lobbies import Tablet, lobby

_TABLET: Final = (1280, 800)
_NAME: Final = "何志远"
# 何志远, as somebody in a hurry would write it.
_WRITTEN: Final = (
    "[[168,149,127,247],[139,202,134,335],[187,168,322,142],[298,149,306,230,293,317,"
    "252,317],[202,221,211,274,257,247,206,221],[399,183,532,151],[464,127,454,233],"
    "[413,235,516,218],[403,293,384,324],[433,271,490,322,519,286],[639,139,724,122],"
    "[625,187,745,168],[673,192,632,278],[700,185,709,250,762,242],[601,168,603,247,"
    "570,305,646,310,868,341]]"
)
_CONSOLE: Final = (
    ("tablets", "zhao", "/lobby/tablets"),
    ("tablet-send", "zhao", "/lobby/send?visit=T1&person=VT1"),
    ("undertakings", "secrecy_officer", "/undertakings"),
    ("undertaking-text", "secrecy_officer", "/undertakings/repair"),
)


async def shoot_lobby(browser: Browser, folder: Path) -> None:
    async def shoot(page: Page, name: str) -> None:
        path = folder / f"{name}.png"
        await page.screenshot(path=path)
        print(path)

    async def on(page: Page, tablet: Tablet) -> None:
        url = f"{tablet.address}/lobby"
        await page.context.add_cookies(
            [{"name": TABLET_COOKIE, "value": tablet.token, "url": url}]
        )
        await page.goto(url)

    async with lobby() as site:
        context = await browser.new_context(
            viewport={"width": _TABLET[0], "height": _TABLET[1]}
        )
        page = await context.new_page()
        await page.goto(f"{site.address}/lobby")
        await shoot(page, "lobby-pairing")
        tablet, id_ = await site.paired()
        await on(page, tablet)
        await shoot(page, "lobby-idle")
        await site.visit("T1", _NAME)
        await site.send("T1", id_)
        for language in ("zh-CN", "en"):
            await tablet.post("/lobby/language", task="1", language=language)
            await page.goto(f"{site.address}/lobby")
            await shoot(page, f"lobby-text-{language}")
        await tablet.post("/lobby/language", task="1", language="zh-CN")
        await tablet.sign(typed=_NAME)
        await site.paired("二号")
        for language, theme in product(("zh-CN", "en"), ("light", "dark")):
            site.clock.pass_by(timedelta(minutes=1))
            seat = await browser.new_context(viewport={"width": 1366, "height": 768})
            desk = await seat.new_page()
            for name, who, path in _CONSOLE:
                await sign_in(desk, site.address, who)
                sep = "&" if "?" in path else "?"
                look = f"{sep}lang={language}&theme={theme}"
                await desk.goto(f"{site.address}{path}{look}")
                await desk.locator(".live--on").wait_for()
                await shoot(desk, f"{name}-{language}-{theme}")
            await seat.close()
        await context.close()
    async with lobby() as site:
        context = await browser.new_context(
            viewport={"width": _TABLET[0], "height": _TABLET[1]}
        )
        page = await context.new_page()
        tablet, _ = await site.reading()
        # Left unticked, so that the page comes back with what was drawn.
        await on(page, tablet)
        await page.locator("#doc").evaluate("e => e.scrollTo(0, e.scrollHeight)")
        await page.locator("#strokes").evaluate("(e, v) => { e.value = v; }", _WRITTEN)
        await page.locator("#sign").evaluate(
            "e => { e.noValidate = true; e.submit(); }"
        )
        await page.locator("#problems").wait_for()
        await page.locator("#doc").evaluate("e => e.scrollTo(0, e.scrollHeight)")
        await shoot(page, "lobby-drawn")
        await tablet.sign(strokes=_WRITTEN)
        await page.goto(f"{site.address}/lobby")
        await shoot(page, "lobby-signed")
        await context.close()
