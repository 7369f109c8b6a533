"""The board reads the same again and again: only what changed is made anew."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from controller.services.board import DoorLook
from controller.services.door_view import DoorView
from controller.services.projections import load_view, project
from controller.store import doors, envelopes
from controller.store.database import open_database
from controller.store.envelopes import Stored
from domain.door_events import LockReleased, LockSecured
from domain.events import Event
from domain.ids import DoorId
from domain.journal import EMPTY
from wire import json_v1
from wire.envelope import encode, sign
from wire.sealing import make_signing_key

LAB, STORE = DoorId("lab"), DoorId("store")
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
KEY = make_signing_key()


def told(position: int, seq: int, event: Event) -> Stored:
    envelope = json_v1.envelope_of(event, seq=seq, previous=EMPTY.digest)
    return Stored(
        position=position,
        door=event.door,
        seq=seq,
        type=envelope.type,
        at=event.at,
        received_at=event.at,
        signed=sign(KEY, encode(envelope)),
        event=event,
    )


async def test_only_what_changed_between_two_readings_is_made_anew(
    tmp_path: Path,
) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/office.db")
    first = [
        told(1, 1, LockSecured(door=LAB, at=NOW)),
        told(2, 1, LockSecured(door=STORE, at=NOW)),
    ]
    later = told(3, 2, LockReleased(door=LAB, at=NOW + timedelta(1), cause="access"))

    def read(connection: Connection) -> tuple[list[object], dict[DoorId, DoorView]]:
        events = [entry.event for entry in envelopes.page(connection)]
        views = doors.rows(connection).items()
        return [*events], {door: load_view(door, row) for door, row in views}

    def take(connection: Connection, *entries: Stored) -> None:
        envelopes.append(connection, entries)
        project(connection, entries)

    await database.write(lambda c: take(c, *first))
    events, views = await database.read(read)
    await database.write(lambda c: take(c, later))
    events_again, views_again = await database.read(read)

    assert events_again[0] == later.event
    assert all(a is b for a, b in zip(events_again[1:], events, strict=True))
    assert views_again[STORE] is views[STORE]
    assert views_again[LAB].phase is DoorLook.RELEASED
    await database.close()
