"""The glossary has every word of the house, in both languages, and they exist."""

import importlib
import re
from typing import Final

from tests.docs.files import ROOT

_ROW: Final = re.compile(r"^\|([^|]+)\|([^|]+)\|([^|]+)\|([^|]*)\|$", re.MULTILINE)
_CODE: Final = re.compile(r"`([\w.]+):(\w+)`")

# One word per thing: those that every layer must use alike.
WORDS: Final = frozenset(
    {
        *("person", "post", "credential", "factor", "grant", "zone", "zone level"),
        *("door", "reader", "lock", "contact", "exit button", "visit", "visitor"),
        *("escort", "undertaking", "device declaration", "roster", "journal", "log"),
        *("segment", "hold", "operator"),
    }
)


def _rows() -> dict[str, tuple[str, str]]:
    """Each word, its Chinese, and where it lives in code."""
    text = (ROOT / "docs/glossary.md").read_text("utf-8")
    rows = {
        word.strip(): (chinese.strip(), code.strip())
        for word, chinese, _, code in _ROW.findall(text)
    }
    return {w: row for w, row in rows.items() if w not in ("word", "---")}


def test_every_word_of_the_house_is_there() -> None:
    assert WORDS - set(_rows()) == set()


def test_every_word_has_its_chinese() -> None:
    assert [w for w, (c, _) in _rows().items() if not re.search(r"[一-鿿]", c)] == []


def test_every_place_in_code_exists() -> None:
    lost = [
        f"{word}: {module}:{name}"
        for word, (_, code) in _rows().items()
        for module, name in _CODE.findall(code)
        if not hasattr(importlib.import_module(module), name)
    ]

    assert lost == []
