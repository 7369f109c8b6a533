"""What the sign at a zone's entrance says (G5.3.1-2): in print and on the display.

Level, forbidden conduct, who answers for the zone and how to reach them; one text for
both, so that paper and screen can't differ.
"""

from dataclasses import dataclass

from config.locales import display_words, words
from domain.zones import Conduct, Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSign:
    """`responsible` is empty where the site file names nobody. `two_person` is empty
    where nobody needs company (G6.1.2-3)."""

    level: str
    name: str
    forbidden: tuple[tuple[Conduct, str], ...]
    two_person: str
    responsible: str


def sign_of(zone: Zone, language: str) -> ZoneSign:
    """The sign of `zone` in `language`, "zh-CN" or "en"."""
    said, english = display_words(language), language == "en"
    who = zone.responsible
    return ZoneSign(
        level=words(language).of(zone.level),
        name=zone.name_en if english else zone.name,
        forbidden=tuple((c, said.text(f"conduct.{c}")) for c in zone.forbids),
        two_person=said.text("sign.two_person") if zone.two_person else "",
        responsible=""
        if who is None
        else said.text(
            "sign.responsible",
            name=who.name_en if english else who.name,
            phone=who.phone,
        ),
    )
