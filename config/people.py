"""People as site and scenario files write them.

    [[people]]
    id = "E1003"
    name = "王强"                                # default: the id
    post = "process_technician"
    agreement_until = 2027-12-31                # last day of validity; missing: none
    zones = ["heat_treatment"]                  # for ever, by the rank the level asks
    grants = [{ zone = "archive", rank = "department_head", purpose = "…",
                since = 2026-01-01, until = 2026-12-31, schedule = "office" }]

A file may change somebody who is already there (`base`): keys that are written
count, the others stay. `zones` and `grants` together replace what was granted before.

Plain dates in a grant are days of the site's time: it begins with the first instant of
`since` and ends with the last of `until`. An instant is meant exactly, [since, until).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Final

from config.schema import GrantSpec, PersonSpec, Site
from config.toml_reader import Reader
from domain.ids import PersonId, ScheduleId, ZoneId
from domain.people import PersonState, Post, Rank
from domain.zones import LEVEL_DEMANDS, Zone

PURPOSE: Final = "岗位工作"  # of a grant that names none: the work of the post
DEVICES: Final = ("none", "deposited", "undeclared")

# How many people the photographs of the demo show.
_FACES: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a person may refer to. `posts` None: any post will do."""

    zones: Mapping[ZoneId, Zone]
    schedules: Collection[ScheduleId]
    posts: Collection[Post] | None
    tz: tzinfo

    @classmethod
    def of(cls, site: Site, *, any_post: bool) -> "Known":
        """What `site` has; for files that add people to it."""
        return cls(
            zones=site.zones,
            schedules=site.schedules,
            posts=None if any_post else site.posts,
            tz=site.tz,
        )


def merge_person(base: PersonSpec | None, reader: Reader, site: Site) -> PersonSpec:
    """A person of a file that adds to `site`, or changes `base`, one of its people."""
    return read_person(reader, Known.of(site, any_post=True), base=base)


def read_person(
    reader: Reader, known: Known, *, base: PersonSpec | None = None
) -> PersonSpec:
    """The person that a table writes, over `base` if it is somebody already there."""
    id_ = PersonId(reader.text("id"))
    post = _post(reader, known, base)
    devices = reader.text("devices", default=base.devices if base else "none")
    if devices not in DEVICES:
        reader.problem("devices", f"`{devices}` is not one of {', '.join(DEVICES)}")
    spec = PersonSpec(
        id=id_,
        name=reader.text("name", default=base.name if base else str(id_)),
        name_en=reader.text("name_en", default=base.name_en if base else ""),
        post=post,
        state=reader.choice(
            "state", PersonState, default=base.state if base else PersonState.ACTIVE
        ),
        agreement_until=_day(
            reader, "agreement_until", base.agreement_until if base else None
        ),
        commitment_until=_day(
            reader, "commitment_until", base.commitment_until if base else None
        ),
        training_until=_day(
            reader, "training_until", base.training_until if base else None
        ),
        grants=_grants(reader, known, base),
        non_face=reader.flag("non_face", default=base.non_face if base else False),
        devices=devices,
        face=reader.integer(
            "face", default=base.face if base else None, least=1, most=_FACES
        ),
    )
    reader.finish()
    return spec


def _post(reader: Reader, known: Known, base: PersonSpec | None) -> Post:
    if base is not None and not reader.has("post"):
        reader.text("post", default="")
        return base.post
    if known.posts is None:
        return Post(reader.text("post"))
    return Post(reader.name_of("post", known.posts, "post") or "")


def _day(reader: Reader, key: str, kept: date | None) -> date | None:
    day = reader.day(key)
    return day if reader.has(key) else kept


def _grants(
    reader: Reader, known: Known, base: PersonSpec | None
) -> tuple[GrantSpec, ...]:
    zones = reader.texts("zones")
    tables = reader.tables("grants")
    if base is not None and not (reader.has("zones") or reader.has("grants")):
        return base.grants
    grants = [_for_ever(reader, zone, known) for zone in zones]
    grants += [_grant(table, known) for table in tables]
    return tuple(grant for grant in grants if grant is not None)


def _for_ever(reader: Reader, zone: str, known: Known) -> GrantSpec | None:
    reader.check_known("zones", zone, known.zones, "zone")
    there = known.zones.get(ZoneId(zone))
    if there is None:
        return None
    return GrantSpec(
        zone=there.id,
        rank=LEVEL_DEMANDS[there.level].rank or Rank.DEPARTMENT_HEAD,
        purpose=PURPOSE,
        since=None,
        until=None,
        schedule=None,
    )


def _grant(reader: Reader, known: Known) -> GrantSpec | None:
    name = reader.name_of("zone", known.zones, "zone")
    zone = known.zones.get(ZoneId(name or ""))
    asked = LEVEL_DEMANDS[zone.level].rank if zone else None
    schedule = reader.name_of("schedule", known.schedules, "schedule", optional=True)
    grant = GrantSpec(
        zone=ZoneId(name or ""),
        rank=reader.choice("rank", Rank, default=asked or Rank.DEPARTMENT_HEAD),
        purpose=reader.text("purpose", default=PURPOSE),
        since=reader.instant("since", known.tz),
        until=reader.instant("until", known.tz, through=True),
        schedule=ScheduleId(schedule) if schedule is not None else None,
    )
    if grant.since and grant.until and grant.until <= grant.since:
        reader.problem("until", "is not after `since`; write a later moment")
    reader.finish()
    return grant if zone is not None else None
