"""Words that are 1.8 times as long as the English ones overflow nothing (design 13.29).

A language that nobody has translated into yet, such as one with long words: every page
of the router, also those of one thing, must hold it at every width.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copytree
from typing import Final

import pytest
from playwright.async_api import Page

from config import locales
from controller.web.words import words
from tests.browser import chromium, sign_in
from tests.full_house import full_house
from tests.integration.test_every_page_browser import PAGE_WIDER, SIZES
from tests.looks import TOO_TALL, TOO_WIDE

TIMES: Final = 1.8
_PLACE: Final = re.compile(r"(\{[^}]*\})")


def lengthened(sentence: str) -> str:
    """Its vowels doubled, and its own words again until it is long enough."""
    parts = [
        part if part.startswith("{") else re.sub(r"([aeiou])", r"\1\1", part)
        for part in _PLACE.split(sentence)
    ]
    longer = "".join(parts)
    own = _PLACE.sub("", longer).split() or [""]
    wanted = round(len(sentence) * TIMES)
    for word in own * 3:
        missing = wanted - len(longer) - 1
        if missing <= 0:
            break
        longer += f" {word[:missing]}"
    return longer


def _flat(table: Mapping[str, object], path: str = "") -> Iterator[str]:
    for key, value in table.items():
        where = f"{path}.{json.dumps(key)}" if path else json.dumps(key)
        if isinstance(value, Mapping):
            yield from _flat(value, where)
        else:
            assert isinstance(value, str), where
            yield f"{where} = {json.dumps(lengthened(value), ensure_ascii=False)}"


@pytest.fixture
def long_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "locales"
    copytree(locales.FOLDER, folder)
    for path in (folder / "en.toml", *folder.glob("pages/*.en.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        path.write_text("\n".join(_flat(table)), "utf-8")
    monkeypatch.setattr(locales, "FOLDER", folder)
    words.cache_clear()
    locales.words.cache_clear()
    yield
    monkeypatch.undo()
    words.cache_clear()
    locales.words.cache_clear()


async def overflows(page: Page) -> list[str]:
    found: list[str] = []
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        if await page.evaluate(PAGE_WIDER):
            found.append(f"the page is wider than {width}")
        for look in (TOO_WIDE, TOO_TALL):
            found += [f"{width}: {one}" for one in await page.evaluate(look)]
    return found


@pytest.mark.usefixtures("long_english")
async def test_words_nearly_twice_as_long_overflow_no_page() -> None:
    wrong = {}
    async with full_house() as full, chromium() as browser:
        pages = full.pages()
        for who in sorted({name for name, _ in pages}):
            context = await browser.new_context()
            page = await context.new_page()
            await sign_in(page, full.address, who)
            for path in [path for name, path in pages if name == who]:
                look = f"{'&' if '?' in path else '?'}lang=en&theme=light"
                got = await page.goto(f"{full.address}{path}{look}")
                assert got is not None
                assert got.status == 200, path
                if found := await overflows(page):
                    wrong[path] = found
            await context.close()

    assert wrong == {}
