"""Tables and rows of one door's journal file. Values only; `journal_file` reads and
writes them. Instants are whole microseconds since 1970, UTC.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

from domain.access_events import (
    OccupancyBecameUnknown,
    PersonEntered,
    PersonLeft,
    VisitorHandedOver,
)
from domain.events import Event
from domain.ids import DoorId, PersonId, VisitId, ZoneId
from domain.journal import Entry, Tip

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, previous BLOB NOT NULL,
    body BLOB NOT NULL, signature BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS nonces (nonce TEXT PRIMARY KEY, until INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS occupancy (
    zone TEXT, person TEXT, kind TEXT, tick INTEGER NOT NULL, at INTEGER NOT NULL,
    text TEXT, PRIMARY KEY (zone, person, kind));
CREATE TABLE IF NOT EXISTS slots (
    slot INTEGER PRIMARY KEY, credential TEXT NOT NULL, person TEXT NOT NULL,
    digest BLOB NOT NULL, duress INTEGER NOT NULL, written INTEGER NOT NULL);
"""

# What is kept in `settings` about the chain itself.
ACKED_SEQ, ACKED_DIGEST = "acked_seq", "acked_digest"
BASE_SEQ, BASE_DIGEST = "base_seq", "base_digest"
END_UNKNOWN: Final = "end_unknown"  # nobody here knows which numbers were used
UNCONFIRMED: Final = "unconfirmed"  # new, or carried over: ask before sending
CARRIED_END: Final = "carried_end"  # the last entry taken from a damaged file

EntryRow: TypeAlias = tuple[int, int, bytes, bytes, bytes]
OccupancyRow: TypeAlias = tuple[str, str, str, int, int, str | None]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """One template in the fingerprint module. `written`: it is surely there."""

    slot: int
    credential: str
    person: PersonId
    digest: bytes  # SHA-256 of the template
    duress: bool
    written: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """An occupancy event with its place in the order of this agent's doors."""

    tick: int
    event: PersonEntered | PersonLeft | OccupancyBecameUnknown | VisitorHandedOver


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What opening the file found.

    `damaged`: where a damaged one was moved; `knows_end`: False if nobody can say
    which numbers it had used, so that the controller has to.
    """

    damaged: Path | None
    knows_end: bool
    newest: datetime | None  # of the newest entry
    settings: Mapping[str, str]
    nonces: Mapping[str, datetime]
    occupancy: tuple[Recorded, ...]
    slots: tuple[Slot, ...]

    @property
    def damaged_as(self) -> str | None:
        """The name under which a damaged file was kept."""
        return None if self.damaged is None else self.damaged.name


def tip_of(entry: Entry) -> Tip:
    return Tip(entry.seq, entry.digest)


def entry_row(entry: Entry, at: datetime) -> EntryRow:
    return entry.seq, microseconds(at), entry.previous, entry.body, entry.signature


def acked_settings(tip: Tip) -> dict[str, str]:
    return {ACKED_SEQ: str(tip.seq), ACKED_DIGEST: tip.digest.hex()}


def base_settings(tip: Tip) -> dict[str, str]:
    return {BASE_SEQ: str(tip.seq), BASE_DIGEST: tip.digest.hex()}


def tip_in(settings: Mapping[str, str], seq: str, digest: str) -> Tip | None:
    if seq not in settings:
        return None
    return Tip(int(settings[seq]), bytes.fromhex(settings[digest]))


def occupancy_row(event: Event, tick: int) -> OccupancyRow | None:
    """The row that keeps an event about who is where, and with whom; None for any
    other. Of visitors handed over, `zone` is the visit."""
    match event:
        case PersonEntered():
            key = (event.zone, event.person, "entered")
            return (*key, tick, microseconds(event.at), event.declaration)
        case PersonLeft():
            key = (event.zone, event.person, "left")
            return (*key, tick, microseconds(event.at), event.declaration)
        case OccupancyBecameUnknown():
            return (
                event.zone,
                "",
                "unknown",
                tick,
                microseconds(event.at),
                event.cause,
            )
        case VisitorHandedOver():
            led = (event.visit, event.visitor, "handed_over")
            text = json.dumps([event.old, event.new, event.escorts, event.deputies])
            return (*led, tick, microseconds(event.at), text)
        case _:
            return None


def recorded(row: OccupancyRow, door: DoorId) -> Recorded:
    """The event that `occupancy_row` kept."""
    zone, person, kind, tick, at, text = row
    when, where = instant(at), ZoneId(zone)
    if kind == "unknown":
        unknown = OccupancyBecameUnknown(
            door=door, at=when, zone=where, cause=text or "power"
        )
        return Recorded(tick, unknown)
    if kind == "handed_over":
        old, new, escorts, deputies = json.loads(text or "")
        handed = VisitorHandedOver(
            door=door,
            at=when,
            visit=VisitId(zone),
            visitor=PersonId(person),
            old=PersonId(old),
            new=PersonId(new),
            escorts=tuple(map(PersonId, escorts)),
            deputies=tuple(map(PersonId, deputies)),
        )
        return Recorded(tick, handed)
    make = PersonEntered if kind == "entered" else PersonLeft
    event = make(
        door=door, at=when, zone=where, person=PersonId(person), declaration=text
    )
    return Recorded(tick, event)


def microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
