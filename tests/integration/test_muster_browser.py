"""The muster in a real Chromium, as it is printed."""

from playwright.async_api import Page

from tests.browser import chromium, sign_in
from tests.mustered import mustered
from tests.pdfs import read

# Everything visible, in its printed colours: is any of it not a grey?
_COLOURED = """() => [...document.querySelectorAll("main *")].filter(e => {
    const style = getComputedStyle(e);
    const grey = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number);
        return Math.max(r, g, b) - Math.min(r, g, b) < 12; };
    return e.checkVisibility() && !(grey(style.color) && grey(style.backgroundColor));
}).map(e => e.outerHTML.slice(0, 80))"""


async def test_the_page_prints_on_one_sheet_of_a4_without_nav_and_in_grey() -> None:
    """Design 13.28."""
    async with chromium() as browser, mustered() as (address, _):
        page: Page = await browser.new_page(color_scheme="dark")
        await sign_in(page, address, "guard")
        await page.goto(f"{address}/muster")
        await page.emulate_media(media="print")
        coloured = await page.evaluate(_COLOURED)
        shown = [
            await page.locator(part).is_visible()
            for part in (".nav", ".top", ".bands", ".acts", ".skip", "h1", ".tick-box")
            for part in [f"{part} >> nth=0"]
        ]
        got = read(await page.pdf(format="A4"))

    assert coloured == []
    assert shown == [False, False, False, False, False, True, True]
    assert len(got.pages) == 1
    assert "周建华" in got.text
    assert "何志远" in got.text
    assert "名单可能不全" in got.text
