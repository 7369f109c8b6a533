"""A site file (TOML) as `config.schema` values.

Every problem is reported at once, each with its line. What contradicts the zone's
level, life safety or itself is `config.lint`'s business; here the file only has to
say everything, in the right form, about things that exist.

    [site]         id, name, name_en, timezone
    [timing]       defaults for every door; [faces] likewise
    [posts]        post = ["中文", "English"]
    [schedules.X]  hours, holidays, holiday_hours (`config.hours`)
    [[zones]]      id, name, name_en, level, two_person, anti_passback, posts, …
    [templates.X]  what doors have in common
    [[doors]]      id, zone, template, wiring, devices.ROLE = { driver = …, … }
    [[people]]     see `config.people`
    [broker], [controller], [escorts], [[contacts]]

A door with a `template` is laid over it, table by table; a template may have a
template itself. `{door}` in any text of it becomes the door's id. A device that the
template has and this door hasn't: `devices.keypad = false`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.doors import read_door, templated
from config.hours import read_schedule
from config.people import Known, merge_person, read_person
from config.schema import (
    BrokerSpec,
    ControllerSpec,
    Door,
    FaceLimits,
    PersonSpec,
    Site,
    Timing,
)
from config.settings import read_dwell, read_escorts, read_faces, read_timing
from config.toml_reader import Problems, Reader
from config.toml_table import parse
from domain.errors import SiteInvalid
from domain.ids import CONTROLLER, DoorId, PersonId, ScheduleId, SiteId, ZoneId
from domain.people import Department, Post
from domain.schedule import Schedule
from domain.visit_classes import EscortRatio
from domain.zones import Conduct, Responsible, WhenExpired, Zone, ZoneLevel

__all__ = ["load_site", "merge_person", "site_of", "text_of"]

_PASSBACK: Final = frozenset({ZoneLevel.CORE, ZoneLevel.IMPORTANT})


def load_site(path: Path) -> Site:
    """The site that the file at `path` describes.

    Raises:
        SiteInvalid: it can't be read; all problems, with their lines.
    """
    return site_of(text_of(path), str(path))


def text_of(path: Path) -> str:
    """The text of a file a person wrote.

    Raises:
        SiteInvalid: it is missing, unreadable or not UTF-8.
    """
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        problem = f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8"
    except OSError as error:
        problem = f"{path}: cannot be read: {error.strerror}; check path and rights"
    raise SiteInvalid((problem,))


def site_of(text: str, file: str) -> Site:
    """The site that `text` describes; `file` is its name in problems.

    Raises:
        SiteInvalid: all problems, with their lines.
    """
    problems = Problems()
    root = Reader(parse(text, file), problems)
    id_, name, name_en, tz = _head(root)
    posts = _posts(root)
    schedules = _schedules(root)
    zones = _zones(root, posts, schedules)
    doors = _doors(root, zones)
    known = Known(zones=zones, schedules=schedules, posts=posts, tz=tz)
    people = _people(root, known)
    broker, controller = _broker(root), _controller(root)
    escorts = read_escorts(root, EscortRatio())
    contacts = tuple(map(_reached, root.tables("contacts")))
    root.finish()
    problems.raise_if_any()
    return Site(
        id=id_,
        name=name,
        name_en=name_en,
        tz=tz,
        zones=zones,
        doors=doors,
        people=people,
        schedules=schedules,
        posts=posts,
        broker=broker,
        controller=controller,
        escorts=escorts,
        contacts=contacts,
    )


def _head(root: Reader) -> tuple[SiteId, str, str, ZoneInfo]:
    reader = root.table_at("site")
    if reader is None:
        root.problem(None, "[site] is missing; write id, name and timezone there")
        return SiteId(""), "", "", ZoneInfo("UTC")
    id_ = reader.identifier("id")
    name = reader.text("name")
    name_en = reader.text("name_en", default=name)
    zone = reader.text("timezone", default="Asia/Shanghai")
    try:
        tz = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reader.problem(
            "timezone", f"no time zone `{zone}`; write one like Asia/Shanghai"
        )
        tz = ZoneInfo("UTC")
    reader.finish()
    return SiteId(id_), name, name_en, tz


def _posts(root: Reader) -> dict[Post, tuple[str, str]]:
    reader = root.table_at("posts")
    if reader is None:
        return {}
    posts: dict[Post, tuple[str, str]] = {}
    for post in reader.table.items:
        names = reader.texts(post)
        if len(names) == 2:
            posts[Post(post)] = (names[0], names[1])
        else:
            reader.problem(post, 'has not two names; write ["中文", "English"]')
    return posts


def _schedules(root: Reader) -> dict[ScheduleId, Schedule]:
    return {
        ScheduleId(name): read_schedule(name, reader)
        for name, reader in root.each_table("schedules").items()
    }


def _zones(
    root: Reader,
    posts: Mapping[Post, tuple[str, str]],
    schedules: Mapping[ScheduleId, Schedule],
) -> dict[ZoneId, Zone]:
    zones: dict[ZoneId, Zone] = {}
    for reader in root.tables("zones"):
        zone = _zone(reader, posts, schedules)
        if zone.id in zones:
            reader.problem("id", f"zone `{zone.id}` is there twice; rename one")
        zones[zone.id] = zone
    if not zones:
        root.problem(None, "there is no zone; write at least one [[zones]]")
    return zones


def _zone(
    reader: Reader,
    posts: Mapping[Post, tuple[str, str]],
    schedules: Mapping[ScheduleId, Schedule],
) -> Zone:
    name = reader.text("name")
    level = reader.choice("level", ZoneLevel)
    listed = reader.texts("posts")
    for post in listed:
        reader.check_known("posts", post, posts, "post")
    schedule = reader.name_of("schedule", schedules, "schedule", optional=True)
    department = reader.text("department", default=None)
    zone = Zone(
        id=ZoneId(reader.identifier("id")),
        name=name,
        name_en=reader.text("name_en", default=name),
        level=level,
        two_person=reader.flag("two_person", default=False),
        anti_passback=reader.flag("anti_passback", default=level in _PASSBACK),
        posts=frozenset(map(Post, listed)),
        schedule=ScheduleId(schedule) if schedule is not None else None,
        roster_expired=reader.choice(
            "roster_expired", WhenExpired, default=WhenExpired.REFUSE
        ),
        capacity=reader.integer("capacity", default=None, least=1, most=10_000),
        dwell=read_dwell(reader),
        forbidden=reader.choices("forbidden", Conduct),
        responsible=_responsible(reader),
        department=Department(department) if department is not None else None,
    )
    reader.finish()
    return zone


def _responsible(outer: Reader) -> Responsible | None:
    """Who answers for the zone, for its sign."""
    reader = outer.table_at("responsible")
    return None if reader is None else _reached(reader)


def _reached(reader: Reader) -> Responsible:
    name = reader.text("name")
    spec = Responsible(
        name=name,
        name_en=reader.text("name_en", default=name),
        phone=reader.text("phone"),
    )
    reader.finish()
    return spec


def _doors(root: Reader, zones: Mapping[ZoneId, Zone]) -> dict[DoorId, Door]:
    timing, faces = read_timing(root, Timing()), read_faces(root, FaceLimits())
    templates = root.each_table("templates")
    doors: dict[DoorId, Door] = {}
    for plain in root.tables("doors"):
        reader = templated(plain, templates)
        door = read_door(reader, zones, timing, faces)
        if door.id in doors:
            reader.problem("id", f"door `{door.id}` is there twice; rename one")
        if door.id == CONTROLLER:
            reader.problem("id", f"`{CONTROLLER}` names the office; choose another")
        doors[door.id] = door
    if not doors:
        root.problem(None, "there is no door; write at least one [[doors]]")
    return doors


def _people(root: Reader, known: Known) -> dict[PersonId, PersonSpec]:
    people: dict[PersonId, PersonSpec] = {}
    for reader in root.tables("people"):
        person = read_person(reader, known)
        if person.id in people:
            reader.problem("id", f"person `{person.id}` is there twice; remove one")
        people[person.id] = person
    return people


def _broker(root: Reader) -> BrokerSpec:
    reader = root.table_at("broker")
    if reader is None:
        return BrokerSpec()
    default = BrokerSpec()
    binary = reader.text("binary", default=None)
    spec = BrokerSpec(
        host=reader.text("host", default=default.host),
        port=reader.integer("port", default=default.port, least=1, most=65535),
        binary=Path(binary) if binary else None,
    )
    reader.finish()
    return spec


def _controller(root: Reader) -> ControllerSpec:
    reader = root.table_at("controller")
    if reader is None:
        return ControllerSpec()
    default = ControllerSpec()
    spec = ControllerSpec(
        database=reader.text("database", default=None),
        host=reader.text("host", default=default.host),
        port=reader.integer("port", default=default.port, least=1, most=65535),
    )
    reader.finish()
    return spec
