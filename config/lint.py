"""What a sound site may not say, though each line of its file can be read.

Refused is what contradicts the zone's level (a door asks for no less than the guide
does), life safety (nobody is ever kept in), the law (a face is never the only way), or
itself. Doubtful settings that may be meant are warnings.

    check_site(path)   the site, or SiteInvalid with every problem and its line
    lint(site)         the problems alone; empty for a sound site
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from config import durations, lint_devices
from config.lint_devices import Fault
from config.load import site_of, text_of
from config.schema import Door, Site, Timing, Wiring
from config.toml_table import Table, parse
from domain.errors import SiteInvalid
from domain.ids import is_visitor
from domain.people import VISITOR
from domain.zones import LEVEL_DEMANDS, WhenExpired, ZoneLevel

# The loosest face limit: dlib's false accepts are 0.3 % a pair at 0.537 and 2 % at
# its own default of 0.6 (see `hardware.faces.matching`).
LOOSEST_FACE: Final = 0.55


def _s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


# Shortest and longest that make sense; outside, a slip of the pen.
BOUNDS: Final[Mapping[str, tuple[timedelta, timedelta]]] = {
    "factor_window": (_s(1), _s(120)),
    "pair_window": (_s(1), _s(120)),
    "alone_for": (_s(1), _s(600)),
    "escort_window": (_s(1), _s(120)),
    "visitor_alone_for": (_s(1), _s(3600)),
    "release_for": (_s(1), _s(60)),
    "open_for": (_s(3), _s(600)),
    "device_timeout": (_s(0.1), _s(10)),
    "health_every": (_s(5), _s(3600)),
    "climate_every": (_s(5), _s(3600)),
    "roster_validity": (timedelta(hours=1), timedelta(days=30)),
    "journal_kept": (timedelta(days=92), timedelta(days=3660)),  # G5.3.2-3
    "resend_after": (_s(1), _s(3600)),
}


# How long somebody may stay in a zone (G5.3.3-2): outside, a slip of the pen.
SHORTEST_STAY: Final = timedelta(minutes=1)
LONGEST_STAY: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Checked:
    """A sound site, and what about it may or may not be meant."""

    site: Site
    warnings: tuple[str, ...]


def check_site(path: Path) -> Checked:
    """The site in the file at `path`, read and linted.

    Raises:
        SiteInvalid: it has problems; all of them, with their lines.
    """
    text, file = text_of(path), str(path)
    site = site_of(text, file)
    faults = tuple(_faults(site))
    root = parse(text, file)
    problems = tuple(_placed(fault, root) for fault in faults if fault.grave)
    if problems:
        raise SiteInvalid(problems)
    warnings = tuple(_placed(fault, root) for fault in faults if not fault.grave)
    return Checked(site, warnings)


def lint(site: Site) -> tuple[str, ...]:
    """Every problem of `site`, as `doors.rd_lab: what is wrong; what to do`."""
    return tuple(f"{f.where}: {f.what}" for f in _faults(site) if f.grave)


def warnings(site: Site) -> tuple[str, ...]:
    return tuple(f"{f.where}: {f.what}" for f in _faults(site) if not f.grave)


def _faults(site: Site) -> Iterator[Fault]:
    yield from _office(site)
    yield from _zones(site)
    for door in site.doors.values():
        yield from _life_safety(door)
        yield from _timing(door)
        yield from _limits(door)
        yield from _interlock(door, site)
        yield from lint_devices.of_door(door, site.zone_of(door.id))
    yield from lint_devices.of_agents(site)
    yield from _people(site)


def _office(site: Site) -> Iterator[Fault]:
    host = site.controller.host
    if host != "localhost" and not _is_loopback(host):
        yield Fault(
            "controller.host",
            f"`{host}` can be reached from outside, and the page has no sign-in yet; "
            "write 127.0.0.1",
        )
    if site.controller.port == site.broker.port:
        yield Fault("controller.port", "is the broker's port; write another")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _zones(site: Site) -> Iterator[Fault]:
    led_to = {door.zone for door in site.doors.values()}
    for zone in site.zones.values():
        where = f"zones.{zone.id}"
        if zone.two_person and zone.level is not ZoneLevel.CORE:
            yield Fault(
                f"{where}.two_person",
                f"two persons are for core zones (G6.1.2-3), this one is {zone.level}; "
                "make it core or remove two_person",
            )
        if zone.posts and zone.level is not ZoneLevel.GENERAL:
            yield Fault(
                f"{where}.posts",
                f"posts admit to general zones only (G5.3.2-1), this one is "
                f"{zone.level}; remove them and make grants",
            )
        if zone.department is not None and zone.level is ZoneLevel.NON_SECRET:
            yield Fault(
                f"{where}.department",
                "no head decides who comes to a non-secret zone; remove it",
            )
        if (
            zone.level is ZoneLevel.CORE
            and zone.roster_expired is not WhenExpired.REFUSE
        ):
            yield Fault(
                f"{where}.roster_expired",
                "core zones refuse once a roster has ended (G5.1.3-3); remove it",
            )
        if zone.two_person and zone.capacity is not None and zone.capacity < 2:
            yield Fault(
                f"{where}.capacity",
                f"{zone.capacity} is fewer than the two persons who enter together "
                "(G6.1.2-3); write 2 or more",
            )
        for dwell in zone.dwell:
            if not SHORTEST_STAY <= dwell.limit <= LONGEST_STAY:
                yield Fault(
                    f"{where}.dwell.{dwell.who}",
                    f"{durations.written(dwell.limit)} is out of bounds; write "
                    f"{durations.written(SHORTEST_STAY)} to "
                    f"{durations.written(LONGEST_STAY)}",
                )
        if zone.responsible is None and zone.level is not ZoneLevel.NON_SECRET:
            yield Fault(
                where,
                "nobody is named who answers for it, as its sign must (G5.3.1-2); "
                "write `responsible`",
                grave=False,
            )
        if zone.id not in led_to:
            yield Fault(where, "no door leads here; add one", grave=False)


def _life_safety(door: Door) -> Iterator[Fault]:
    where = f"doors.{door.id}"
    if door.wiring is Wiring.FAIL_SECURE and not door.has_handle:
        yield Fault(
            where,
            "a fail-secure lock without a handle keeps people in when the power fails; "
            "fit a handle inside and write `handle = true`",
        )
    if door.wiring is Wiring.FAIL_SAFE:
        lacking = [
            key
            for key, there in (
                ("fire_relay", door.has_fire_relay),
                ("break_glass", door.has_break_glass),
            )
            if not there
        ]
        for key in lacking:
            yield Fault(
                where,
                f"a fail-safe lock is held by power that must be cut without software; "
                f"fit one and write `{key} = true`",
            )


def _timing(door: Door) -> Iterator[Fault]:
    for key, (least, most) in BOUNDS.items():
        value: timedelta = getattr(door.timing, key)
        if not least <= value <= most:
            yield Fault(
                f"doors.{door.id}.timing.{key}",
                f"{durations.written(value)} is out of bounds; write "
                f"{durations.written(least)} to {durations.written(most)} "
                f"(default {durations.written(getattr(Timing(), key))})",
            )


def _limits(door: Door) -> Iterator[Fault]:
    where = f"doors.{door.id}"
    for key in ("verify", "identify"):
        limit: float = getattr(door.faces, key)
        if not 0 < limit <= LOOSEST_FACE:
            yield Fault(
                f"{where}.faces.{key}",
                f"{limit:g} admits strangers, or nobody; write at most {LOOSEST_FACE}",
            )
    if door.faces.identify > door.faces.verify:
        yield Fault(
            f"{where}.faces.identify",
            "naming somebody among all must be stricter than confirming one; write at "
            f"most {door.faces.verify:g}",
        )
    climate = door.climate
    if climate is None:
        return
    if climate.temperature_min_c >= climate.temperature_max_c:
        yield Fault(
            f"{where}.climate", "the lowest temperature is not below the highest; swap"
        )
    if climate.humidity_min_percent >= climate.humidity_max_percent:
        yield Fault(
            f"{where}.climate", "the lowest humidity is not below the highest; swap"
        )


def _interlock(door: Door, site: Site) -> Iterator[Fault]:
    where = f"doors.{door.id}.interlock"
    for id_ in door.interlock:
        other = site.doors.get(id_)
        if id_ == door.id:
            yield Fault(where, "a door cannot wait for itself; name the other one")
        elif other is None:
            yield Fault(where, f"no door `{id_}`; name one of this site")
        else:
            if door.id not in other.interlock:
                yield Fault(
                    where, f"`{id_}` doesn't wait for this door; name it there too"
                )
            if other.agent != door.agent:
                yield Fault(
                    where,
                    f"`{id_}` has another agent, and an interlock must work without a "
                    "network; give both doors the same agent",
                )


def _people(site: Site) -> Iterator[Fault]:
    for person in site.people.values():
        if is_visitor(person.id) != (person.post == VISITOR):
            yield Fault(
                f"people.{person.id}.id",
                "ids that begin with V are visitors' and nobody else's; write another",
            )
        for grant in person.grants:
            zone = site.zones[grant.zone]
            needed = LEVEL_DEMANDS[zone.level].rank
            if needed is not None and not grant.rank.suffices_for(needed):
                yield Fault(
                    f"people.{person.id}",
                    f"the grant for `{zone.id}` was approved by a {grant.rank}, which "
                    f"opens no {zone.level} zone; have it approved by the {needed}",
                    grave=False,
                )
    faces = Counter(p.face for p in site.people.values() if p.face is not None)
    for person in site.people.values():
        if person.face is not None and faces[person.face] > 1:
            yield Fault(
                f"people.{person.id}.face",
                f"{person.face} is somebody else's face too; write another number",
            )


def _placed(fault: Fault, root: Table) -> str:
    """The fault with the line of the nearest table or key that the file has."""
    file, line = root.file, 1
    table, rest = root, fault.where.split(".")
    while rest:
        found = _inside(table, rest[0])
        if found is None:
            break
        (file, line, inner), rest = found, rest[1:]
        if not isinstance(inner, Table):
            inner = _named(inner, rest[0]) if rest else None
            if inner is None:
                break
            file, line, rest = inner.file, inner.line, rest[1:]
        table = inner
    return f"{file}:{line}: {fault.where}: {fault.what}"


def _inside(table: Table, key: str) -> tuple[str, int, object] | None:
    item = table.items.get(key)
    return None if item is None else (item.file, item.line, item.value)


def _named(values: object, id_: str) -> Table | None:
    for value in values if isinstance(values, list) else ():
        if isinstance(value, Table):
            item = value.items.get("id")
            if item is not None and item.value == id_:
                return value
    return None
