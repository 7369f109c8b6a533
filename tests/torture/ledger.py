"""Reads what a door and the office hold, straight from their files, and compares it.

The processes that wrote them are dead when this reads. Every problem is a sentence.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from domain.alarm_events import AlarmCode, AlarmRaised
from domain.errors import SignatureInvalid
from domain.events import Event
from domain.ids import DoorId
from domain.journal import Entry, first_break
from wire import json_v1, sealing
from wire.envelope import decode

# Alarms that would say that the torture had damaged something.
_DAMAGE = {
    str(AlarmCode.JOURNAL_FORKED),
    str(AlarmCode.JOURNAL_UNAVAILABLE),
    str(AlarmCode.MESSAGE_QUARANTINED),
}


class State(NamedTuple):
    """`tip`: the highest number in the journal; `acked`: the controller has it."""

    tip: int
    acked: int


def journal(path: Path) -> tuple[Entry, ...]:
    with _reading(path) as db:
        rows = db.execute(
            "SELECT seq, previous, body, signature FROM entries ORDER BY seq"
        )
        return tuple(Entry(*row) for row in rows)


def state(path: Path) -> State:
    """Also of a journal that is being written."""
    with _reading(path) as db:
        db.execute("BEGIN")
        tip = db.execute("SELECT max(seq) FROM entries").fetchone()[0]
        acked = db.execute(
            "SELECT value FROM settings WHERE key = 'acked_seq'"
        ).fetchone()
        return State(-1 if tip is None else tip, -1 if acked is None else int(acked[0]))


def log(database: Path, door: str) -> tuple[Entry, ...]:
    """What the office holds of one sender, in the order of its one log."""
    with _reading(database) as db:
        rows = db.execute(
            "SELECT seq, signed, signature FROM envelopes WHERE door = ?"
            " ORDER BY position",
            (door,),
        ).fetchall()
    return tuple(
        Entry(seq, decode(signed).previous, signed, signature)
        for seq, signed, signature in rows
    )


def left_over(database: Path) -> list[str]:
    """What the office could not take, or still waits for."""
    with _reading(database) as db:
        put_aside = db.execute("SELECT door, seq, reason FROM quarantine").fetchall()
        waiting = db.execute("SELECT door, seq FROM waiting").fetchall()
    return [
        *(f"quarantined: {door} {seq}: {why}" for door, seq, why in put_aside),
        *(f"waits behind a gap: {door} {seq}" for door, seq in waiting),
    ]


def differences(
    door: DoorId, recorded: Sequence[Entry], held: Sequence[Entry], public: bytes
) -> list[str]:
    """How the office's log of a door is not its journal, entry by entry."""
    problems = []
    for whose, entries in (("journal", recorded), ("log", held)):
        numbers = [e.seq for e in entries]
        if numbers != list(range(len(entries))):
            problems.append(f"{door}: the {whose}'s numbers are not 0, 1, 2, …")
        broken = first_break(tuple(entries))
        if broken is not None:
            problems.append(f"{door}: the {whose}'s chain breaks at {broken}")
        problems += [
            f"{door}: the {whose}'s entry {e.seq} is not signed by it"
            for e in entries
            if not _is_signed(e, public)
        ]
    if list(recorded) != list(held):
        problems.append(
            f"{door}: {len(recorded)} entries recorded, {len(held)} held, or others"
        )
    problems += [
        f"{door}: entry {e.seq} alarms {event.code}: {event.detail}"
        for e, event in zip(recorded, events(recorded), strict=True)
        if isinstance(event, AlarmRaised) and event.code in _DAMAGE
    ]
    return problems


def events(entries: Sequence[Entry]) -> list[Event]:
    return [json_v1.event_of(decode(e.body)) for e in entries]


def _is_signed(entry: Entry, public: bytes) -> bool:
    try:
        sealing.verify(public, entry.body, entry.signature)
    except SignatureInvalid:
        return False
    return True


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        yield db
