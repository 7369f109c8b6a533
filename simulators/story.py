"""A story: who does what at which door when, and what should come of it.

Values only; `simulators.scenario` reads them from a file, `simulators.stage` plays
them. Steps are timed from the previous step's first presentation; presentations of
one step are a second apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from config.schema import PersonSpec
from domain.ids import DoorId, PersonId, VisitId
from domain.policy import Awaited, Outcome, Side
from simulators.people import Shown
from simulators.story_visits import DeskStep, VisitSpec

DEFAULT_AFTER: Final = timedelta(seconds=30)
PRESENTATIONS_APART: Final = timedelta(seconds=1)
OPENS_AFTER: Final = timedelta(seconds=2)  # from the grant
SHUTS_AFTER: Final = timedelta(seconds=3)  # from the opening
FORCED_FOR: Final = timedelta(seconds=5)
SERVED_FOR: Final = timedelta(hours=1)


class Deed(StrEnum):
    """What a `do` step does. Without a door, to all of them."""

    # People: need `person`.
    REVOKE = "revoke"  # one zone's grants with `door`, else all
    LEAVE = "leave"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    DE_SECRECY = "de_secrecy"
    GRANT = "grant"  # the zone of `door`, for ever, with the rank its level asks for
    # The half-year's review of grants.
    CONFIRM_GRANT = "confirm_grant"  # the person's for the zone of `door`
    LET_LAPSE = "let_lapse"  # the officer, for the zone of `door`: what is held
    DAY_BADGE = "day_badge"  # for who forgot theirs, presented as "badge:<id>.day"
    RETURN_DAY_BADGE = "return_day_badge"
    WITHDRAW_BADGE = "withdraw_badge"  # the person's own
    # Orders from the office.
    LOCKDOWN = "lockdown"
    RELEASE_LOCKDOWN = "release_lockdown"
    UNLOCK = "unlock"
    RESET_OCCUPANCY = "reset_occupancy"
    START_SERVICE = "start_service"  # for an hour
    END_SERVICE = "end_service"
    # At the door.
    FIRE = "fire"
    END_FIRE = "end_fire"
    FORCE_DOOR = "force_door"
    HOLD_DOOR = "hold_door"
    PRESS_EXIT = "press_exit"
    TURN_HANDLE = "turn_handle"
    TAMPER = "tamper"
    END_TAMPER = "end_tamper"
    # Network and power.
    CUT_NETWORK = "cut_network"
    RESTORE_NETWORK = "restore_network"
    CUT_POWER = "cut_power"
    RESTORE_POWER = "restore_power"
    KILL_BROKER = "kill_broker"
    START_BROKER = "start_broker"
    # Devices and clock.
    SILENCE_SENSOR = "silence_sensor"  # the fingerprint module
    RESTORE_SENSOR = "restore_sensor"
    KILL_CAMERA = "kill_camera"
    RESTORE_CAMERA = "restore_camera"
    JAM_LOCK = "jam_lock"
    FREE_LOCK = "free_lock"
    BREAK_CONTACT = "break_contact"  # it never reports again
    MEND_CONTACT = "mend_contact"
    DISTRUST_CLOCK = "distrust_clock"
    TRUST_CLOCK = "trust_clock"
    FILL_DISK = "fill_disk"  # the door's journal can't be written
    FREE_DISK = "free_disk"
    HEAT_ROOM = "heat_room"  # the climate sensor's room
    COOL_ROOM = "cool_room"
    WAIT = "wait"
    # At the visitor desk: need `visit`, and concern one `person` or everybody of it.
    REQUEST_VISIT = "request_visit"
    APPROVE_VISIT = "approve_visit"
    APPROVE_CORE = "approve_core"  # by the secrecy committee, before the visit is
    REFUSE_VISIT = "refuse_visit"
    CANCEL_VISIT = "cancel_visit"
    BLOCK_VISIT = "block_visit"
    IDENTIFY = "identify"
    SIGN_UNDERTAKING = "sign_undertaking"
    DECLINE_UNDERTAKING = "decline_undertaking"
    DECLARE_DEVICES = "declare_devices"
    TURN_AWAY = "turn_away"
    CHECK_IN = "check_in"
    HANDOVER = "handover"
    CHECK_OUT = "check_out"


NEEDS_PERSON: Final = frozenset(
    {
        Deed.REVOKE,
        Deed.LEAVE,
        Deed.SUSPEND,
        Deed.REINSTATE,
        Deed.DE_SECRECY,
        Deed.GRANT,
        Deed.CONFIRM_GRANT,
        Deed.DAY_BADGE,
        Deed.RETURN_DAY_BADGE,
        Deed.WITHDRAW_BADGE,
    }
)
NEEDS_DOOR: Final = frozenset(
    {Deed.GRANT, Deed.CONFIRM_GRANT, Deed.LET_LAPSE, Deed.UNLOCK}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """None: not asked. Lists mean "contains at least these"."""

    outcome: Outcome | None
    people: tuple[str, ...] | None
    waiting_for: tuple[Awaited, ...] | None
    reasons: tuple[str, ...] | None
    clauses: tuple[str, ...] | None
    alarms: tuple[str, ...] | None
    no_alarms: tuple[str, ...] | None = None  # of these, none


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step, `line` in its file. Either `shown` (somebody presents) or `deed`."""

    number: int  # from 1
    line: int
    after: timedelta | None  # None: the default
    door: DoorId | None
    side: Side
    person: PersonId | None
    shown: tuple[Shown, ...]
    passes: bool
    deed: Deed | None
    expect: Expectation | None
    desk: DeskStep | None = None  # of a deed at the visitor desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    path: Path
    title: str
    site: Path
    starts: datetime
    people: Mapping[PersonId, PersonSpec]  # the site's, with the story's laid over
    steps: tuple[Step, ...]
    visits: Mapping[VisitId, VisitSpec] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What came of a step; the fields of the JSON line."""

    step: int
    at: datetime
    door: DoorId | None
    outcome: Outcome | None
    people: tuple[str, ...]
    waiting_for: tuple[str, ...]
    reasons: tuple[str, ...]
    clauses: tuple[str, ...]
    alarms: tuple[str, ...]


def shortfalls(expect: Expectation | None, got: StepResult) -> tuple[str, ...]:
    """What was expected and did not come, in words; empty if all held."""
    if expect is None:
        return ()
    out = []
    if expect.outcome is not None and expect.outcome is not got.outcome:
        out.append(f"outcome should be {expect.outcome}, is {got.outcome or 'nothing'}")
    for name, wanted, came in (
        ("people", expect.people, got.people),
        ("waiting_for", expect.waiting_for, got.waiting_for),
        ("reasons", expect.reasons, got.reasons),
        ("clauses", expect.clauses, got.clauses),
        ("alarms", expect.alarms, got.alarms),
    ):
        missing = [str(w) for w in wanted or () if w not in came]
        if missing:
            have = ", ".join(map(str, came)) or "none"
            out.append(f"{name} should contain {', '.join(missing)}; there are {have}")
    loud = [code for code in expect.no_alarms or () if code in got.alarms]
    if loud:
        out.append(f"alarms should not contain {', '.join(loud)}")
    return tuple(out)
