"""A door's service: what it mutes, what it doesn't, and when it is over."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from domain.agent_events import CommandReceived, CommandRefused
from domain.alarm_events import AlarmCleared, AlarmCode, AlarmRaised
from domain.commands import EndService, StartService, UnlockDoor
from domain.door import Input
from domain.door_events import LockReleased, ServiceEnded, ServiceNoted, ServiceStarted
from domain.doorway import Deadline, Doorway, deadlines, settled
from domain.events import Event
from domain.ids import DeviceId, DoorId
from domain.policy import Reason
from domain.service import AT_MOST, Service, begun, kept, muted, noted, restored
from domain.zones import ZoneLevel
from tests.builders import NINE
from tests.unit.domain.test_movement import SETTING, moved
from tests.unit.domain.test_obedience import obeyed

LAB: Final = DoorId("lab")
HOUR: Final = timedelta(hours=1)
INSTANT: Final = timedelta(microseconds=1)
SERVICE: Final = Service(worker="Sun", since=NINE, until=NINE + HOUR)


def raised(code: AlarmCode, device: str | None = None) -> AlarmRaised:
    return AlarmRaised(
        door=LAB,
        at=NINE,
        code=Reason(code),
        priority=1,
        person=None,
        device=None if device is None else DeviceId(device),
        detail="",
        silent=False,
        target=None,
    )


def over(code: AlarmCode) -> AlarmCleared:
    return AlarmCleared(door=LAB, at=NINE, code=Reason(code), device=None, target=None)


def told(
    service: Service | None,
    *events: Event,
    after: timedelta = timedelta(),
    level: ZoneLevel = ZoneLevel.IMPORTANT,
) -> tuple[Service | None, list[str]]:
    left = noted(service, events, door=LAB, level=level, at=NINE + after)
    return left.service, [type(each).__name__ for each in left.events]


@pytest.mark.parametrize("code", AlarmCode)
def test_service_mutes_what_work_causes_and_nothing_else(code: AlarmCode) -> None:
    work = {
        AlarmCode.DOOR_HELD,
        AlarmCode.DOOR_NOT_OPENED,
        AlarmCode.CONTACT_SILENT,
        AlarmCode.LOCK_FAULT,
        AlarmCode.TAMPER,
        AlarmCode.DEVICE_DOWN,
    }
    below = {AlarmCode.DOOR_FORCED, AlarmCode.CAMERA_DOWN}

    for level in ZoneLevel:
        expected = code in work or (code in below and level is not ZoneLevel.CORE)
        assert muted(code, level) is expected


def test_it_holds_from_its_first_instant_to_the_one_before_its_last() -> None:
    alarm = raised(AlarmCode.TAMPER)

    assert told(SERVICE, alarm)[1] == ["ServiceNoted"]
    assert told(SERVICE, alarm, after=HOUR - INSTANT)[1] == ["ServiceNoted"]
    assert told(SERVICE, alarm, after=HOUR) == (None, ["ServiceEnded", "AlarmRaised"])


def test_a_clock_that_was_set_back_ends_it() -> None:
    left = noted(SERVICE, (), door=LAB, level=ZoneLevel.CORE, at=NINE - INSTANT)

    assert left.service is None
    assert [e.cause for e in left.events if isinstance(e, ServiceEnded)] == ["clock"]


def test_what_is_still_wrong_at_its_end_is_an_alarm_then() -> None:
    tamper, device = raised(AlarmCode.TAMPER), raised(AlarmCode.DEVICE_DOWN, "reader")
    service, _ = told(SERVICE, tamper, device, raised(AlarmCode.LOCK_FAULT))
    service, _ = told(service, over(AlarmCode.TAMPER))
    left = noted(service, (), door=LAB, level=ZoneLevel.CORE, at=NINE + HOUR)
    again = [e for e in left.events if isinstance(e, AlarmRaised)]

    assert again == [replace(device, at=NINE + HOUR)]


def test_without_service_nothing_is_changed() -> None:
    assert told(None, raised(AlarmCode.TAMPER)) == (None, ["AlarmRaised"])


@pytest.mark.parametrize("asked", [HOUR, AT_MOST, AT_MOST + INSTANT, 99 * HOUR])
def test_it_lasts_four_hours_at_most(asked: timedelta) -> None:
    started = begun(LAB, NINE, worker="Sun", until=NINE + asked, reason="", by="lead")

    assert started.service is not None
    assert started.service.until == NINE + min(asked, AT_MOST)
    assert [e.until for e in started.events if isinstance(e, ServiceStarted)] == [
        started.service.until
    ]


def test_it_is_the_same_after_a_power_cut_but_never_a_longer_one() -> None:
    text = kept(SERVICE)
    longer = {**text, "until": (NINE + 5 * HOUR).isoformat()}

    assert restored(**text) == SERVICE
    assert restored(**kept(None)) is None
    assert restored(**longer) is None
    assert restored(**{**text, "since": "2026-11-23T09:00:00"}) is None


def test_the_order_begins_it_and_the_other_ends_it() -> None:
    started = obeyed(Doorway(), StartService("reader", "Sun", NINE + HOUR))
    tampered = settled(moved(started.doorway, Input.TAMPERED), setting=SETTING, at=NINE)
    ended = obeyed(tampered.doorway, EndService("done"))

    assert [type(e) for e in started.events] == [CommandReceived, ServiceStarted]
    assert deadlines(started.doorway)[Deadline.SERVICE] == NINE + HOUR
    assert [type(e) for e in tampered.events] == [ServiceNoted]
    assert [type(e) for e in ended.events] == [
        CommandReceived,
        ServiceEnded,
        AlarmRaised,
    ]
    assert ended.doorway.service is None
    assert deadlines(ended.doorway)[Deadline.SERVICE] is None


def test_ending_none_is_received_and_changes_nothing() -> None:
    turn = obeyed(Doorway(), EndService("done"))

    assert [type(e) for e in turn.events] == [CommandReceived]
    assert turn.doorway == Doorway()


def test_none_begins_where_it_could_not_be_recorded() -> None:
    order = StartService("reader", "Sun", NINE + HOUR)
    turn = obeyed(Doorway(), order, writable=False)

    assert turn.doorway.service is None
    assert isinstance(turn.events[0], CommandRefused)


def test_it_opens_nothing_and_closes_nothing() -> None:
    started = obeyed(Doorway(), StartService("reader", "Sun", NINE + HOUR))
    opened = obeyed(started.doorway, UnlockDoor("delivery"))

    assert started.effects == ()
    assert started.doorway.door == Doorway().door
    assert any(isinstance(e, LockReleased) for e in opened.events)
