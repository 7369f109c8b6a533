"""The live board: is anything wrong, where, and who is in?

Everything the page shows in one value, gathered from what the doors reported. The
page renders it and decides nothing. Places never change by state: levels, zones and
doors come in the order of the site file. What is not known is told as not known:
a door that is lost or has never spoken keeps the last phase it told beside its look.

Instants are aware UTC; the page shows them in the site's time.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.alarm_acts import AlarmCause
from domain.alarm_acts import Called as CalledTo
from domain.alarm_escalation import Calling
from domain.alarm_life import still_wrong
from domain.credentials import Factor
from domain.events import Event
from domain.ids import CONTROLLER, DeviceId, DoorId, PersonId, ZoneId
from domain.policy import Finding, Outcome, Reason, Side
from domain.zones import ZoneLevel


class DoorLook(StrEnum):
    """How a door's tile looks: what matters most about it now."""

    UNKNOWN = "unknown"  # it has never spoken
    OFFLINE = "offline"  # lost: it goes on deciding by itself, unseen
    FIRE = "fire"
    FORCED = "forced"
    HELD = "held"
    LOCKDOWN = "lockdown"
    SERVICE = "service"  # somebody works at it
    OPEN = "open"
    RELEASED = "released"
    SECURED = "secured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A person as the page writes them; the id alone if the register lacks them."""

    id: PersonId
    name: str
    name_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorTile:
    """`since` is when `look` began; None if nothing was ever heard.

    `phase` is the last one the door told, also while it is offline. `last_people` and
    `last_at`: who was granted passage here last.
    """

    door: DoorId
    name: str
    name_en: str
    factors: tuple[Factor, ...]  # what the way in asks for, level and door together
    two_person: bool
    look: DoorLook
    phase: DoorLook
    since: datetime | None
    online: bool
    lockdown: bool
    simulated: bool  # some of its devices are simulations
    last_people: tuple[Named, ...]
    last_at: datetime | None
    service_worker: str = ""
    service_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """Somebody recorded in a zone. `certain`: nothing since has made it doubtful."""

    person: Named
    since: datetime
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Climate:
    at: datetime
    temperature_c: float
    humidity_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonePanel:
    """`doubtful`: somebody unrecorded may be inside."""

    zone: ZoneId
    name: str
    name_en: str
    level: ZoneLevel
    doors: tuple[DoorTile, ...]
    inside: tuple[Inside, ...]  # longest first
    doubtful: bool
    climate: Climate | None  # the latest measured at one of its doors


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    level: ZoneLevel
    zones: tuple[ZonePanel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """Somebody further was called because of an alarm; `by` "": by the clock."""

    to: CalledTo
    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlarm:
    """`since` the first and `last_at` the latest of `times` raisings. `cleared_at`:
    its condition is gone; it stays listed until somebody has resolved it. `resolved_at`
    without that: it is still wrong."""

    id: int
    door: DoorId
    code: Reason
    priority: int  # 1 urgent, 2 important, 3 notice
    since: datetime
    last_at: datetime
    times: int
    person: Named | None
    device: DeviceId | None
    detail: str
    cleared_at: datetime | None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    note: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    cause: AlarmCause | None = None
    sentence: str = ""
    heard_at: datetime | None = None  # when the office heard; None: at `since`
    called: tuple[Called, ...] = ()  # who was, in that order

    @property
    def calling(self) -> Calling:
        """What its further steps depend on."""
        return Calling(
            priority=self.priority,
            owned=self.door != CONTROLLER,
            heard_at=self.heard_at or self.since,
            acknowledged_at=self.acknowledged_at,
            called=frozenset(call.to for call in self.called),
        )

    @property
    def calls(self) -> bool:
        """It wants somebody now: nobody has seen it, or it is still wrong."""
        return self.acknowledged_at is None or still_wrong(self.code, self.cleared_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One line of the stream.

    `position` orders the log as it was received: the key for paging, and the id of a
    server-sent event. `door` spoke, or is the one concerned where the controller did.
    `event` is None where this version cannot read the type. `outcome`, `findings`:
    of attempts. `late`: told long after it happened.
    """

    position: int
    sender: DoorId
    seq: int
    door: DoorId | None
    at: datetime
    received_at: datetime
    type: str
    event: Event | None
    people: tuple[Named, ...]
    side: Side | None
    outcome: Outcome | None
    findings: tuple[Finding, ...]
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """`today` is the site's day."""

    inside: int
    granted_today: int
    refused_today: int
    doors: int
    doors_online: int
    alarms: int  # those that call: unacknowledged, or still wrong
    gaps: int  # doors of which entries are missing
    quarantined: int  # messages nobody could read


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    at: datetime
    levels: tuple[LevelRow, ...]  # highest secrecy first
    alarms: tuple[OpenAlarm, ...]  # unacknowledged, then urgent, then oldest first
    counters: Counters
    events: tuple[EventRow, ...]  # latest first
    position: int = 0  # of the log, up to which this is; 0: of the latest event

    @property
    def tiles(self) -> dict[DoorId, DoorTile]:
        return {
            tile.door: tile
            for row in self.levels
            for zone in row.zones
            for tile in zone.doors
        }
