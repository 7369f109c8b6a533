"""The undertakings (保密承诺书) as shipped: one text a kind of visit and language.

Written after the guide, 5.3.2-2, 5.4.3-1 and 5.5.3, in words of our own; a company has
its lawyer read them. They start the register of texts; from then on the officer edits
them there, and each wording that was ever signed is kept.

A file is `ID.LANGUAGE.toml`, with a `title` and a `body`.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from domain.visit_classes import CLASS_DEMANDS

FOLDER: Final = Path(__file__).with_suffix("")
LANGUAGES: Final = ("zh-CN", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedText:
    id: str
    language: str
    title: str
    body: str


@cache
def shipped() -> tuple[ShippedText, ...]:
    """Every text that some class of visits is to sign, in every language."""
    ids = dict.fromkeys(demands.undertaking for demands in CLASS_DEMANDS.values())
    return tuple(_read(id_, language) for id_ in ids for language in LANGUAGES)


def _read(id_: str, language: str) -> ShippedText:
    table = tomllib.loads((FOLDER / f"{id_}.{language}.toml").read_text("utf-8"))
    return ShippedText(
        id=id_, language=language, title=table["title"], body=table["body"].strip()
    )
