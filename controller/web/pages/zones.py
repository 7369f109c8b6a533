"""Zones as installed: the list of them, and what the sign of each says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from config.locales import display_words
from config.schema import Door, Site
from config.zone_sign import sign_of
from controller.papers.paper import A3, A4
from controller.papers.zone_sign import BARS, Said, SignText
from controller.web.pages.frame import lasting
from controller.web.words import LANGUAGES, Language, Words, words
from domain.credentials import Factor
from domain.zones import LEVEL_DEMANDS, Zone, ZoneLevel

SIZES: Final = {"a4": A4, "a3": A3}


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneRow:
    id: str
    name: str
    bars: int
    level: str
    who: str
    asks: tuple[str, ...]
    forbidden: tuple[str, ...]
    responsible: str
    doors: tuple[str, ...]
    capacity: str
    dwell: tuple[str, ...]


def doors_of(site: Site, zone: Zone) -> tuple[Door, ...]:
    return tuple(door for door in site.doors.values() if door.zone == zone.id)


def factors(site: Site, zone: Zone) -> tuple[Factor, ...]:
    """What the way in asks for of staff at every door of the zone: its level's
    factors, and those that all of its doors demand beyond."""
    least = LEVEL_DEMANDS[zone.level].factors
    doors = doors_of(site, zone)
    if not doors:
        return least
    shared = [f for f in doors[0].factors if all(f in door.factors for door in doors)]
    wanted = {*least, *shared}
    return tuple(factor for factor in _ORDER if factor in wanted)


# In which a door asks for them.
_ORDER: Final = (Factor.BADGE, Factor.FINGERPRINT, Factor.FACE, Factor.PIN)


def zone_row(zone: Zone, site: Site, say: Words) -> ZoneRow:
    sign = sign_of(zone, say.language)
    return ZoneRow(
        id=zone.id,
        name=say.of(zone),
        bars=BARS[zone.level],
        level=_capital(sign.level),
        who=say(f"sign.who.{zone.level}"),
        asks=_steps(zone, site, say.language) + ((sign.two_person,) * zone.two_person),
        forbidden=tuple(text for _, text in sign.forbidden),
        responsible=sign.responsible,
        doors=tuple(say.of(door) for door in doors_of(site, zone)),
        capacity="" if zone.capacity is None else str(zone.capacity),
        dwell=tuple(
            say(
                "zones.dwell_of",
                who=say(f"zones.class.{each.who}"),
                span=lasting(say, each.limit),
            )
            for each in zone.dwell
        ),
    )


def sign_text(zone: Zone, site: Site, language: Language, at: datetime) -> SignText:
    say = words(language)
    second = words(next(one for one in LANGUAGES if one != language))
    sign, other = (sign_of(zone, each.language) for each in (say, second))
    said = [
        (conduct, Said(_capital(text), _capital(beside)))
        for (conduct, text), (_, beside) in zip(
            sign.forbidden, other.forbidden, strict=True
        )
    ]
    local = at.astimezone(site.tz)
    return SignText(
        title=say("sign.title", zone=say.of(zone)),
        language=language,
        level=zone.level,
        level_word=Said(_capital(sign.level), _capital(other.level)),
        name=Said(sign.name, other.name),
        forbidden=tuple(said),
        who=say(f"sign.who.{zone.level}"),
        steps=_steps(zone, site, language),
        together=_capital(sign.two_person),
        visitors=say(f"sign.visitors.{_visitors(zone)}"),
        responsible=say("sign.responsible", who=sign.responsible)
        if sign.responsible
        else "",
        foot=say("sign.foot", site=say.of(site), day=f"{local:%Y-%m-%d}"),
    )


def _visitors(zone: Zone) -> str:
    return "core" if zone.level is ZoneLevel.CORE else "escorted"


def _steps(zone: Zone, site: Site, language: Language) -> tuple[str, ...]:
    said = display_words(language)
    steps = [_capital(said.text(f"steps.{each}")) for each in factors(site, zone)]
    if LEVEL_DEMANDS[zone.level].declaration:
        say = words(language)
        steps.append(say("sign.declaration"))
    return tuple(steps)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
