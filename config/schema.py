"""A site as installed: what a site file (TOML) says, as values.

`config.load` builds these and reports every problem at once; `config.lint` refuses
settings that contradict a zone's level, each other, or life safety. Inside, trust
the types. Durations are `timedelta`; in the file they are written `15s`, `10m`, `72h`,
`92d`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.credentials import Factor
from domain.ids import DeviceId, DoorId, PersonId, ScheduleId, SiteId, ZoneId
from domain.people import PersonState, Post, Rank
from domain.schedule import Schedule
from domain.visit_classes import EscortRatio
from domain.zones import Responsible, Zone


class Role(StrEnum):
    """What a device is for at its door. Values are the keys of `[doors.devices]`."""

    LOCK = "lock"
    CONTACT = "contact"
    EXIT_BUTTON = "exit_button"
    HANDLE = "handle"
    FIRE = "fire"
    TAMPER = "tamper"
    ENTRY_READER = "entry_reader"
    EXIT_READER = "exit_reader"
    KEYPAD = "keypad"
    FINGERPRINT = "fingerprint"
    TOUCH = "touch"  # the fingerprint module's own touch line
    CAMERA = "camera"
    FACE_ENGINE = "face_engine"
    INDICATOR = "indicator"
    CLIMATE = "climate"


class Wiring(StrEnum):
    """How the lock is powered. See `hardware.ports.Lock`."""

    FAIL_SECURE = "fail_secure"  # power releases; a handle opens from inside
    FAIL_SAFE = "fail_safe"  # power holds; fire relay and break-glass cut it


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """One device: which driver, with which options (checked by `hardware.loader`)."""

    id: DeviceId  # "heat_treatment.entry_reader"
    role: Role
    driver: str  # "hardware.drivers.gpio_lock:GpioLock"
    options: Mapping[str, object]
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long things may take at one door. Site defaults, each door may differ."""

    factor_window: timedelta = timedelta(seconds=15)
    pair_window: timedelta = timedelta(seconds=20)  # G6.1.2-3
    alone_for: timedelta = timedelta(seconds=20)  # G6.1.2-3
    escort_window: timedelta = timedelta(seconds=10)  # G5.3.2-2a
    visitor_alone_for: timedelta = timedelta(seconds=60)
    release_for: timedelta = timedelta(seconds=5)
    open_for: timedelta = timedelta(seconds=30)  # then held
    device_timeout: timedelta = timedelta(seconds=1)
    health_every: timedelta = timedelta(minutes=1)
    climate_every: timedelta = timedelta(minutes=5)
    roster_validity: timedelta = timedelta(hours=72)
    journal_kept: timedelta = timedelta(days=92)  # at the door, after acknowledgement
    resend_after: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateLimits:
    """G7.2.3-3. Outside of these, an alarm."""

    temperature_min_c: float = 10.0
    temperature_max_c: float = 28.0
    humidity_min_percent: float = 20.0
    humidity_max_percent: float = 80.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceLimits:
    """Largest Euclidean distance accepted; see facts in `hardware.faces.matching`."""

    verify: float = 0.50  # the badge or finger named the person: 1:1
    identify: float = 0.45  # the face comes first: 1:N among the door's people


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplaySpec:
    """The page for the display at a door, served by its agent on loopback."""

    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    id: DoorId
    name: str
    name_en: str
    zone: ZoneId
    agent: str  # name of the machine (agent) that serves it
    wiring: Wiring
    has_handle: bool  # opens from inside, mechanically
    has_fire_relay: bool  # cuts a fail-safe lock's power without software
    has_break_glass: bool
    factors: tuple[Factor, ...]  # demanded beyond the level
    interlock: tuple[DoorId, ...]  # entry is refused while one of these isn't secured
    devices: Mapping[Role, DeviceSpec]
    timing: Timing
    climate: ClimateLimits | None
    faces: FaceLimits
    display: DisplaySpec | None = None

    def device(self, role: Role) -> DeviceSpec | None:
        return self.devices.get(role)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantSpec:
    """A grant written in a site or scenario file."""

    zone: ZoneId
    rank: Rank
    purpose: str
    since: datetime | None  # None: for ever already
    until: datetime | None
    schedule: ScheduleId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSpec:
    """A person written in a site or scenario file, to start the register with.

    `devices` is what a simulated person keys in at core doors: "none", "deposited"
    or "undeclared". `face`: subject (1..40) of the photographs used in the demo.
    """

    id: PersonId
    name: str
    name_en: str
    post: Post
    state: PersonState
    agreement_until: date | None
    commitment_until: date | None
    training_until: date | None
    grants: tuple[GrantSpec, ...]
    non_face: bool
    devices: str
    face: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSpec:
    """`binary`: None is the pinned NATS server of the package; or a path."""

    host: str = "127.0.0.1"
    port: int = 8883
    binary: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerSpec:
    """`database` is an SQLAlchemy URL; None: SQLite in the data folder."""

    database: str | None = None
    host: str = "127.0.0.1"  # the page; loopback until sign-in exists
    port: int = 8080


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    id: SiteId
    name: str
    name_en: str
    tz: ZoneInfo
    zones: Mapping[ZoneId, Zone]
    doors: Mapping[DoorId, Door]
    people: Mapping[PersonId, PersonSpec]
    schedules: Mapping[ScheduleId, Schedule]
    posts: Mapping[Post, tuple[str, str]]  # post -> name in Chinese, in English
    broker: BrokerSpec = field(default_factory=BrokerSpec)
    controller: ControllerSpec = field(default_factory=ControllerSpec)
    escorts: EscortRatio = field(default_factory=EscortRatio)
    contacts: tuple[Responsible, ...] = ()  # whom to call when nobody answers

    def doors_of(self, agent: str) -> tuple[Door, ...]:
        """The doors that one machine serves, in the order of the file."""
        return tuple(d for d in self.doors.values() if d.agent == agent)

    def zone_of(self, door: DoorId) -> Zone:
        return self.zones[self.doors[door].zone]
