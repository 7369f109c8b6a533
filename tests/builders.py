"""One world in which all is well. Tests change one thing at a time.

Monday 2026-11-23, nine in the morning in Shanghai. Li, a process technician with
every qualification, stands before four doors, one of each level, and may pass all of
them: by grants at core, important and general, by employment at the canteen.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.attempt import Presentation
from domain.credentials import Declaration, Factor
from domain.ids import DoorId, GrantId, PersonId, ScheduleId, ZoneId
from domain.people import (
    Grant,
    Person,
    PersonState,
    Post,
    Qualifications,
    Rank,
)
from domain.policy import Facts, Presence, Request, Side
from domain.schedule import MINUTES_A_DAY, Schedule, Window
from domain.visit_classes import EscortRatio
from domain.zones import LEVEL_DEMANDS, WhenExpired, Zone, ZoneLevel

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
NINE: Final = datetime(2026, 11, 23, 1, tzinfo=UTC)  # 09:00 in Shanghai
A_MOMENT: Final = timedelta(microseconds=1)
LAST_DAY: Final = date(2027, 6, 30)

LI: Final = PersonId("E1003")
WANG: Final = PersonId("E1004")
ZHAO: Final = PersonId("E1005")

OFFICE: Final = Schedule(
    id=ScheduleId("office"),
    windows=tuple(Window(day, 8 * 60, 18 * 60) for day in range(5)),
    holidays=frozenset({date(2026, 10, 1)}),
    holiday_windows=(),
)
NEVER: Final = Schedule(
    id=ScheduleId("never"), windows=(), holidays=frozenset(), holiday_windows=()
)
ALWAYS: Final = Schedule(
    id=ScheduleId("always"),
    windows=tuple(Window(day, 0, MINUTES_A_DAY) for day in range(7)),
    holidays=frozenset(),
    holiday_windows=(),
)

NO_DEVICES: Final = Declaration(None)


def zone(level: ZoneLevel, **changes: object) -> Zone:
    """The zone of that level; its id is the level's name."""
    plain = Zone(
        id=ZoneId(str(level)),
        name=f"区 {level}",
        name_en=f"the {level} zone",
        level=level,
        two_person=False,
        anti_passback=level in (ZoneLevel.CORE, ZoneLevel.IMPORTANT),
        posts=frozenset(),
        schedule=None,
        roster_expired=WhenExpired.REFUSE,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field


def grant(level: ZoneLevel, **changes: object) -> Grant:
    """For the zone of that level, for ever, approved by whom the level asks for."""
    plain = Grant(
        id=GrantId(f"g-{level}"),
        zone=ZoneId(str(level)),
        rank=LEVEL_DEMANDS[level].rank or Rank.DEPARTMENT_HEAD,
        approved_by=None,
        purpose="淬火工艺调试",
        since=NINE - timedelta(days=30),
        until=None,
        schedule=None,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field


QUALIFIED: Final = Qualifications(
    agreement_until=LAST_DAY, commitment_until=LAST_DAY, training_until=LAST_DAY
)


def person(id_: PersonId = LI, **changes: object) -> Person:
    """Li, or somebody like Li."""
    plain = Person(
        id=id_,
        name="李工",
        post=Post("process_technician"),
        state=PersonState.ACTIVE,
        qualifications=QUALIFIED,
        grants=tuple(grant(level) for level in ZoneLevel),
        withdrawn=None,
        non_face=False,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field


def request(level: ZoneLevel, **changes: object) -> Request:
    """Everything that this level asks for, presented at its entry."""
    demands = LEVEL_DEMANDS[level]
    plain = Request(
        door=DoorId(str(level)),
        side=Side.ENTRY,
        at=NINE,
        person=LI,
        factors=frozenset(demands.factors),
        unknown=False,
        mismatch=False,
        declaration=NO_DEVICES if demands.declaration else None,
        partner=None,
        escort=None,
        led=frozenset(),
        ahead=0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field


def facts(level: ZoneLevel, **changes: object) -> Facts:
    plain = Facts(
        zone=zone(level),
        tz=SHANGHAI,
        door_factors=(),
        person=person(),
        right=None,
        escorts=(),
        deputies=(),
        ratio=EscortRatio(),
        led={},
        inside=0,
        schedules={s.id: s for s in (OFFICE, NEVER, ALWAYS)},
        presence=Presence.OUTSIDE,
        face_available=True,
        lockdown=False,
        interlocked=False,
        clock_trusted=True,
        roster_expired=False,
        journal_writable=True,
        blocked=False,
        delayed=False,
        internal_fault=False,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field


def shown(
    factor: Factor, who: PersonId | None = LI, *, seconds: float = 0, **more: object
) -> Presentation:
    """`factor` of `who`, so many seconds after nine."""
    at = NINE + timedelta(seconds=seconds)
    plain = Presentation(factor=factor, person=who, at=at)
    return replace(plain, **more)  # type: ignore[arg-type]  # any field
