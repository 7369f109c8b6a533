"""What a door watches over: devices, company, roster, clock, machine, climate.

    each function: Doorway, what was seen -> Turn

Law: a condition raises its alarm once when it begins and clears it once when it
ends; `Doorway.raised` remembers which hold. Thresholds clear a little below where
they raise, so that a value on the edge does not chatter.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.agent_events import (
    ClimateMeasured,
    ClockStepped,
    ClockTrustChanged,
    DeviceFailed,
    DeviceRecovered,
    RosterApplied,
    RosterRefused,
)
from domain.alarm_events import AlarmCleared, AlarmCode
from domain.doorway import Doorway, Setting, Turn, alarm
from domain.ids import DeviceId, PersonId, is_visitor
from domain.occupancy import ZoneOccupancy
from domain.policy import Reason
from domain.roster import WARN_BEFORE_END

# Used part of the disk, in percent: two calls before it is full.
STORAGE_STEPS: Final = (70.0, 90.0)
STORAGE_SLACK: Final = 2.0
# °C. A Pi throttles at 80 (Raspberry Pi documentation, "Frequency management").
HOT: Final = 80.0
HOT_SLACK: Final = 5.0
# Half a percent and a degree: more than the noise of an SHT3x.
CLIMATE_SLACK: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """G7.2.3-3: the climate a server room must keep."""

    temperature_min_c: float
    temperature_max_c: float
    humidity_min_percent: float
    humidity_max_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the machine says of itself; None where it cannot tell."""

    cpu_temperature_c: float | None
    disk_free_percent: float | None
    under_voltage: bool | None


def condition(
    doorway: Doorway,
    code: AlarmCode,
    holds: bool,
    *,
    setting: Setting,
    at: datetime,
    key: str = "",
    device: DeviceId | None = None,
    person: PersonId | None = None,
    detail: str = "",
) -> Turn:
    """Raise or clear the alarm of a condition, if it has changed. `key` tells apart
    conditions that share a code."""
    name = f"{code}:{device or key}"
    if holds == (name in doorway.raised):
        return Turn(doorway)
    if holds:
        event = alarm(setting, at, code, device=device, person=person, detail=detail)
        return Turn(replace(doorway, raised=doorway.raised | {name}), (event,))
    over = AlarmCleared(
        door=setting.door, at=at, code=Reason(str(code)), device=device, target=None
    )
    return Turn(replace(doorway, raised=doorway.raised - {name}), (over,))


# --- devices ---


def device_down(
    doorway: Doorway,
    device: DeviceId,
    *,
    error: str,
    setting: Setting,
    at: datetime,
) -> Turn:
    """A device does not answer; a camera that is down alarms at once (G6.2.2-1)."""
    told = condition(
        doorway,
        _device_code(device, setting),
        True,
        setting=setting,
        at=at,
        device=device,
        detail=error,
    )
    if not told.events:
        return told
    failed = DeviceFailed(door=setting.door, at=at, device=device, error=error)
    return Turn(told.doorway, (failed, *told.events))


def device_up(
    doorway: Doorway, device: DeviceId, *, setting: Setting, at: datetime
) -> Turn:
    code = _device_code(device, setting)
    told = condition(doorway, code, False, setting=setting, at=at, device=device)
    if not told.events:
        return told
    back = DeviceRecovered(door=setting.door, at=at, device=device)
    return Turn(told.doorway, (back, *told.events))


def is_down(doorway: Doorway, device: DeviceId, setting: Setting) -> bool:
    return f"{_device_code(device, setting)}:{device}" in doorway.raised


def device_changed(
    doorway: Doorway, device: DeviceId, *, detail: str, setting: Setting, at: datetime
) -> Turn:
    """A module is not the one that was set up, or holds what we did not put in."""
    code = AlarmCode.DEVICE_CHANGED
    return Turn(doorway, (alarm(setting, at, code, device=device, detail=detail),))


def _device_code(device: DeviceId, setting: Setting) -> AlarmCode:
    return AlarmCode.CAMERA_DOWN if device == setting.camera else AlarmCode.DEVICE_DOWN


# --- company ---


def company(
    doorway: Doorway, here: ZoneOccupancy, *, setting: Setting, at: datetime
) -> Turn:
    """Who is inside has changed: in a two-person zone nobody is alone (G6.1.2-3)."""
    if not (setting.zone.two_person and setting.watches_zone):
        return Turn(doorway)
    staff = [p for p in here.certain if not is_visitor(p)]  # no visitor is company
    if len(staff) != 1:
        code = AlarmCode.ALONE_INSIDE
        over = condition(doorway, code, False, setting=setting, at=at)
        return replace(over, doorway=replace(over.doorway, alone_until=None))
    told = f"{AlarmCode.ALONE_INSIDE}:" in doorway.raised
    until = doorway.alone_until or (None if told else at + setting.alone_for)
    return Turn(replace(doorway, alone_until=until))


def alone_too_long(
    doorway: Doorway, here: ZoneOccupancy, *, setting: Setting, at: datetime
) -> Turn:
    if doorway.alone_until is None or at < doorway.alone_until:
        return Turn(doorway)
    alone = next((p for p in here.certain if not is_visitor(p)), None)
    told = condition(
        doorway,
        AlarmCode.ALONE_INSIDE,
        alone is not None,
        setting=setting,
        at=at,
        person=alone,
    )
    return replace(told, doorway=replace(told.doorway, alone_until=None))


# --- roster ---


def roster_applied(
    doorway: Doorway,
    *,
    number: int,
    people: int,
    valid_until: datetime,
    setting: Setting,
    at: datetime,
) -> Turn:
    """A roster was stored: this event is the receipt of what it carries."""
    applied = RosterApplied(
        door=setting.door, at=at, number=number, people=people, valid_until=valid_until
    )
    after = replace(doorway, roster_until=valid_until)
    return Turn(after, (applied,)).then(lambda d: roster_end(d, setting=setting, at=at))


def roster_refused(
    doorway: Doorway,
    *,
    number: int | None,
    reason: str,
    setting: Setting,
    at: datetime,
) -> Turn:
    refused = RosterRefused(door=setting.door, at=at, number=number, reason=reason)
    told = alarm(setting, at, AlarmCode.ROSTER_REJECTED, detail=reason)
    return Turn(doorway, (refused, told))


def roster_end(doorway: Doorway, *, setting: Setting, at: datetime) -> Turn:
    """Tell that the roster ends in 24 h, and that it has ended; each once."""
    until = doorway.roster_until
    if until is None:
        return Turn(doorway)
    ended = at >= until
    ending = not ended and at >= until - WARN_BEFORE_END
    steps = (t for t in (until - WARN_BEFORE_END, until) if t > at)
    aware = replace(doorway, roster_next=next(steps, None))
    return _conditions(
        aware,
        lambda d: condition(
            d,
            AlarmCode.ROSTER_ENDING,
            ending,
            setting=setting,
            at=at,
            detail=f"valid until {until.isoformat()}",
        ),
        lambda d: condition(
            d,
            AlarmCode.ROSTER_EXPIRED,
            ended,
            setting=setting,
            at=at,
            detail=f"valid until {until.isoformat()}",
        ),
    )


# --- clock ---


def clock_trust(
    doorway: Doorway, *, trusted: bool, source: str, setting: Setting, at: datetime
) -> Turn:
    event = ClockTrustChanged(door=setting.door, at=at, trusted=trusted, source=source)
    return Turn(doorway, (event,)).then(
        lambda d: condition(
            d, AlarmCode.CLOCK_UNTRUSTED, not trusted, setting=setting, at=at
        )
    )


def clock_stepped(
    doorway: Doorway, *, by: timedelta, setting: Setting, at: datetime
) -> Turn:
    stepped = ClockStepped(door=setting.door, at=at, by=by)
    detail = f"by {by.total_seconds():+.1f} s"
    told = alarm(setting, at, AlarmCode.CLOCK_STEPPED, detail=detail)
    return Turn(doorway, (stepped, told))


# --- machine and climate ---


def machine(doorway: Doorway, seen: Machine, *, setting: Setting, at: datetime) -> Turn:
    """Disk at 70 and 90 percent, heat, under-voltage: each has its alarm."""

    def storage(step: float) -> Callable[[Doorway], Turn]:
        return lambda d: _above(
            d,
            AlarmCode.STORAGE_LOW,
            None if seen.disk_free_percent is None else 100 - seen.disk_free_percent,
            limit=step,
            slack=STORAGE_SLACK,
            unit="% of the disk used",
            setting=setting,
            at=at,
        )

    return _conditions(
        doorway,
        *(storage(step) for step in STORAGE_STEPS),
        lambda d: _above(
            d,
            AlarmCode.TEMPERATURE,
            seen.cpu_temperature_c,
            limit=HOT,
            slack=HOT_SLACK,
            unit="°C",
            setting=setting,
            at=at,
        ),
        lambda d: condition(
            d,
            AlarmCode.POWER_LOW,
            seen.under_voltage is True,
            setting=setting,
            at=at,
        ),
    )


def climate(
    doorway: Doorway,
    *,
    temperature_c: float,
    humidity_percent: float,
    limits: Limits | None,
    device: DeviceId,
    setting: Setting,
    at: datetime,
) -> Turn:
    """One reading of the climate, and whether it is out of limits (G7.2.3-3)."""
    event = ClimateMeasured(
        door=setting.door,
        at=at,
        temperature_c=temperature_c,
        humidity_percent=humidity_percent,
    )
    measured = Turn(doorway, (event,))
    if limits is None:
        return measured
    told = f"{AlarmCode.CLIMATE}:{device}" in doorway.raised
    slack = CLIMATE_SLACK if told else 0.0
    out = not (
        limits.temperature_min_c + slack <= temperature_c
        and temperature_c <= limits.temperature_max_c - slack
        and limits.humidity_min_percent + slack <= humidity_percent
        and humidity_percent <= limits.humidity_max_percent - slack
    )
    return measured.then(
        lambda d: condition(
            d,
            AlarmCode.CLIMATE,
            out,
            setting=setting,
            at=at,
            device=device,
            detail=f"{temperature_c:.1f} °C, {humidity_percent:.0f} %",
        )
    )


def _above(
    doorway: Doorway,
    code: AlarmCode,
    value: float | None,
    *,
    limit: float,
    slack: float,
    unit: str,
    setting: Setting,
    at: datetime,
) -> Turn:
    if value is None:
        return Turn(doorway)
    key = f"{limit:g}"
    told = f"{code}:{key}" in doorway.raised
    holds = value >= limit - (slack if told else 0.0)
    return condition(
        doorway,
        code,
        holds,
        setting=setting,
        at=at,
        key=key,
        detail=f"{value:.0f} {unit}",
    )


def _conditions(doorway: Doorway, *steps: Callable[[Doorway], Turn]) -> Turn:
    turn = Turn(doorway)
    for step in steps:
        turn = turn.then(step)
    return turn
