"""Occupancy comes out the same whatever the order in which doors are heard."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from controller.store import occupancy
from controller.store.database import make_engine
from controller.store.migrate import upgrade
from controller.store.tables import METADATA
from domain.access_events import OccupancyBecameUnknown, PersonEntered, PersonLeft
from domain.events import Event
from domain.ids import DoorId, PersonId, ZoneId
from domain.occupancy import fold
from tests.offices import NINE

HALL = ZoneId("hall")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder: Path = tmp_path_factory.mktemp("occupancy")
    made = make_engine(f"sqlite:///{folder / 'office.db'}")
    upgrade(made)
    return made


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    """What the doors of one hall saw, in the order in which it happened."""
    events: list[Event] = []
    for number in range(draw(st.integers(0, 12))):
        door = DoorId(draw(st.sampled_from("ab")))
        at = NINE + timedelta(seconds=number)
        person = PersonId(draw(st.sampled_from(["E1", "E2", "E3"])))
        match draw(st.sampled_from(["in", "out", "unknown", "reset"])):
            case "in":
                events.append(
                    PersonEntered(
                        door=door, at=at, zone=HALL, person=person, declaration=None
                    )
                )
            case "out":
                events.append(
                    PersonLeft(
                        door=door, at=at, zone=HALL, person=person, declaration=None
                    )
                )
            case "unknown":
                events.append(
                    OccupancyBecameUnknown(door=door, at=at, zone=HALL, cause="fire")
                )
            case _:
                events.append(
                    OccupancyBecameUnknown(door=door, at=at, zone=HALL, cause="reset")
                )
    return events


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories(), st.data())
def test_late_doors_change_nothing_about_who_is_inside(
    engine: Engine, story: list[Event], data: st.DataObject
) -> None:
    """Doors tell in any interleaving, each in its own order, in batches of any size."""
    queues = {name: [e for e in story if e.door == name] for name in "ab"}
    told: list[Event] = []
    while any(queues.values()):
        name = data.draw(st.sampled_from(sorted(n for n, q in queues.items() if q)))
        told.append(queues[name].pop(0))
    cut = data.draw(st.integers(0, len(told)))

    with engine.connect() as connection:
        for table in (METADATA.tables["movements"], METADATA.tables["doubts"]):
            connection.execute(table.delete())
        occupancy.record(connection, told[:cut])
        occupancy.record(connection, told[cut:])
        seen = occupancy.occupancy(connection).zone(HALL)
        connection.rollback()

    expected = fold(story).zone(HALL)
    assert dict(seen.stays) == dict(expected.stays)
    assert seen.doubtful == expected.doubtful
