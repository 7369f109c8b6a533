"""Which events a filter of the stream lets through."""

from dataclasses import replace
from typing import Final

import pytest

from controller.services.board import EventRow
from controller.services.event_filter import NO_FILTER, EventFilter, EventKind, kind_of
from domain.alarm_acts import AlarmAcknowledged
from domain.door_events import DoorForced, LockSecured
from domain.events import Event
from domain.ids import CONTROLLER, DoorId, ZoneId
from domain.operators import OperatorId
from domain.policy import Reason
from domain.zones import ZoneLevel
from tests.boards import BUSY, NOW, SITE, denied, granted, row

HEAT: Final = DoorId("heat_treatment")
ACKNOWLEDGED: Final = AlarmAcknowledged(
    door=CONTROLLER,
    at=NOW,
    target=HEAT,
    code=Reason("door.forced"),
    device=None,
    since=NOW,
    by=OperatorId("guard"),
    note="",
)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (granted("archive", NOW, "E1009"), EventKind.ENTRY),
        (denied("archive", NOW, "E1009"), EventKind.REFUSAL),
        (DoorForced(door=HEAT, at=NOW), EventKind.ALARM),
        (ACKNOWLEDGED, EventKind.ACT),
        (LockSecured(door=HEAT, at=NOW), EventKind.DOOR),
        (None, EventKind.DOOR),
    ],
)
def test_an_event_is_of_one_kind(event: Event | None, kind: EventKind) -> None:
    assert kind_of(event) is kind


def wanted(only: EventFilter = NO_FILTER) -> list[EventRow]:
    return [each for each in BUSY.events if only.wants(each, SITE)]


def test_without_a_filter_everything_is_wanted() -> None:
    assert wanted() == list(BUSY.events)
    assert not NO_FILTER
    assert EventFilter(kind=EventKind.ACT)


def test_a_place_is_a_door_its_zone_and_its_level() -> None:
    by_door = wanted(EventFilter(door=HEAT))
    by_zone = wanted(EventFilter(zone=SITE.doors[HEAT].zone))
    core = wanted(EventFilter(level=ZoneLevel.CORE))

    assert {each.door for each in by_door} == {HEAT}
    assert set(map(id, by_door)) <= set(map(id, by_zone))
    assert {SITE.zone_of(r.door).level for r in core if r.door} == {ZoneLevel.CORE}
    assert set(map(id, by_zone)) <= set(map(id, core))


def test_all_parts_of_a_filter_must_fit() -> None:
    refusals = wanted(EventFilter(kind=EventKind.REFUSAL))
    elsewhere = {each.door for each in refusals} - {DoorId("archive")}

    assert elsewhere
    both = wanted(EventFilter(kind=EventKind.REFUSAL, door=DoorId("archive")))
    assert {each.door for each in both} == {DoorId("archive")}
    assert wanted(EventFilter(door=HEAT, zone=ZoneId("archive"))) == []


def test_what_concerns_no_door_is_in_no_place() -> None:
    siteless = replace(row(1, ACKNOWLEDGED), door=None)

    assert EventFilter(kind=EventKind.ACT).wants(siteless, SITE)
    assert not EventFilter(level=ZoneLevel.CORE).wants(siteless, SITE)
