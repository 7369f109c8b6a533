"""The muster as words: the same for the page and for paper, so that both say one thing.

Zones in which nobody is, as far as is known for sure, are only named. What is not known
is said: a door that is away, a person whose stay is doubtful, somebody unrecorded.
"""

from dataclasses import dataclass
from datetime import timedelta

from config import locales
from config.schema import Site
from controller.papers.zone_sign import BARS
from controller.services.muster import AwayDoor, Muster, Mustered, MusterZone
from controller.web.pages.frame import Times, lasting
from controller.web.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterRow:
    name: str
    id: str
    since: str
    whence: str  # of a visitor: organisation and escorts
    visitor: bool
    doubt: str  # empty if it is certain that they are inside


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterGroup:
    """`level` is empty and `bars` None for those in no zone."""

    id: str
    name: str
    level: str
    bars: int | None
    rows: tuple[MusterRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterSheet:
    title: str
    site: str
    at: str
    figures: tuple[tuple[str, int], ...]
    reliable: bool
    verdict: str
    groups: tuple[MusterGroup, ...]
    empty: str  # names of the zones where nobody is


def muster_sheet(found: Muster, site: Site, say: Words, times: Times) -> MusterSheet:
    shown = [zone for zone in found.zones if zone.people or not zone.reliable]
    groups = [_group(zone, found, say, times) for zone in shown]
    if found.elsewhere:
        groups.append(
            MusterGroup(
                id="elsewhere",
                name=say("muster.elsewhere"),
                level="",
                bars=None,
                rows=_rows(found.elsewhere, found, say, times),
                notes=(),
            )
        )
    return MusterSheet(
        title=say("muster.title"),
        site=say.of(site),
        at=f"{found.at.astimezone(times.tz):%Y-%m-%d %H:%M:%S}",
        figures=(
            (say("muster.inside"), found.inside),
            (say("muster.staff"), found.inside - found.visitors),
            (say("muster.visitors"), found.visitors),
        ),
        reliable=found.reliable,
        verdict=say("muster.reliable") if found.reliable else say("muster.unreliable"),
        groups=tuple(groups),
        empty=say("page.between").join(
            say.of(zone) for zone in found.zones if zone not in shown
        ),
    )


def _group(zone: MusterZone, found: Muster, say: Words, times: Times) -> MusterGroup:
    notes = [_away(door, say, times) for door in zone.away]
    if zone.doubtful:
        notes.append(say("muster.doubtful"))
    return MusterGroup(
        id=zone.zone,
        name=say.of(zone),
        level=locales.words(say.language).of(zone.level),
        bars=BARS[zone.level],
        rows=_rows(zone.people, found, say, times),
        notes=tuple(notes),
    )


def _away(door: AwayDoor, say: Words, times: Times) -> str:
    name = say.of(door)
    if door.since is None:
        return say("muster.never", door=name)
    since = times.short(door.since)
    if door.last_at is None:
        return say("muster.away", door=name, since=since)
    return say(
        "muster.away_last", door=name, since=since, last=times.short(door.last_at)
    )


def _rows(
    people: tuple[Mustered, ...], found: Muster, say: Words, times: Times
) -> tuple[MusterRow, ...]:
    return tuple(
        MusterRow(
            name=say.of(each.person),
            id=each.person.id,
            since=say(
                "muster.for",
                since=times.short(each.since),
                span=lasting(say, max(found.at - each.since, timedelta())),
            ),
            whence=_whence(each, say),
            visitor=each.visitor,
            doubt="" if each.certain else say("muster.uncertain"),
        )
        for each in people
    )


def _whence(who: Mustered, say: Words) -> str:
    if not who.visitor:
        return ""
    escorts = say("muster.comma").join(say.of(escort) for escort in who.escorts)
    led = say("muster.escort", who=escorts) if escorts else ""
    return say("page.between").join(filter(None, (who.organisation, led)))
