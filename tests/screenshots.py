"""Take the pictures of the page: `make screenshots`.

Every state of the board at once, with drawn people, in both languages and themes,
into `screenshots/`; and the one that the README shows, into `docs/pictures/`.
"""

import argparse
import asyncio
import shutil
from pathlib import Path
from typing import Final

from playwright.async_api import Browser

from tests.boards import BUSY, CALM
from tests.browser import chromium, sign_in
from tests.web_site import Served, Told, served

ROOT: Final = Path(__file__).parents[1]
README_PICTURE: Final = ROOT / "docs" / "pictures" / "board.png"
_DESK: Final = (1366, 768)
_TABLET: Final = (1024, 768)


async def _shoot(
    browser: Browser,
    address: Served,
    path: Path,
    *,
    language: str,
    theme: str,
    size: tuple[int, int] = _DESK,
    lost: bool = False,
) -> None:
    width, height = size
    context = await browser.new_context(viewport={"width": width, "height": height})
    page = await context.new_page()
    if lost:
        await page.clock.install()
    await sign_in(page, address)
    await page.goto(f"{address}/?lang={language}&theme={theme}")
    await page.locator(".live--on").wait_for()
    if lost:
        await page.clock.fast_forward(12_000)
        await page.locator("#stale").wait_for()
    await page.screenshot(path=path)
    await context.close()
    print(path)


async def _all(folder: Path) -> None:
    async with chromium() as browser:
        async with served(Told(BUSY)) as address:
            for language in ("zh-CN", "en"):
                for theme in ("light", "dark"):
                    path = folder / f"board-{language}-{theme}.png"
                    await _shoot(browser, address, path, language=language, theme=theme)
            await _shoot(
                browser,
                address,
                folder / "board-tablet.png",
                language="zh-CN",
                theme="light",
                size=_TABLET,
            )
        async with served(Told(BUSY), beat=3600) as address:
            await _shoot(
                browser,
                address,
                folder / "board-lost.png",
                language="zh-CN",
                theme="dark",
                lost=True,
            )
        async with served(Told(CALM)) as address:
            await _shoot(
                browser,
                address,
                folder / "board-calm.png",
                language="zh-CN",
                theme="light",
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "screenshots")
    into = parser.parse_args().into.resolve()
    into.mkdir(parents=True, exist_ok=True)
    asyncio.run(_all(into))
    README_PICTURE.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(into / "board-zh-CN-dark.png", README_PICTURE)
    print(README_PICTURE)
