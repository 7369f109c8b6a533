"""What can still be read and verified in a damaged journal file. Blocking.

A page that is gone takes its rows with it; every other row is looked for by its
number, and taken only if this door signed it.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

from domain.errors import AccessSystemError
from domain.ids import DoorId
from edge_agent.journal_rows import EntryRow
from wire import envelope, sealing

# Numbers in a row that cannot be read before salvage gives up.
_HOLE: Final = 4096
# Tables that are carried over as they are, with their columns.
CARRIED: Final = {
    "nonces": "?, ?",
    "occupancy": "?, ?, ?, ?, ?, ?",
    "slots": "?, ?, ?, ?, ?, ?",
}


def readable(db: sqlite3.Connection, table: str, where: str = "1 = 1") -> list[Any]:
    """As many rows of a damaged table as can be read."""
    rows: list[Any] = []
    with suppress(sqlite3.Error):
        rows.extend(db.execute(f"SELECT * FROM {table} WHERE {where}"))  # noqa: S608  our own tables
    return rows


def salvaged(
    db: sqlite3.Connection, *, after: int, ours: Callable[[EntryRow], bool]
) -> Iterator[EntryRow]:
    """Entries behind `after` that are `ours`, skipping those that can't be read."""
    first = readable(db, "entries", "seq = (SELECT min(seq) FROM entries)")
    seq, missed = max([after + 1, *(int(row[0]) for row in first)]), 0
    while missed < _HOLE:
        for row in readable(db, "entries", f"seq = {seq:d}"):
            if ours(row):
                yield row
                missed = -1
        missed += 1
        seq += 1


def signed_by(door: DoorId, public: bytes) -> Callable[[EntryRow], bool]:
    """Whether a row is what `door` once wrote, whole and unaltered."""

    def ours(row: EntryRow) -> bool:
        seq, _, previous, body, signature = row
        try:
            sealing.verify(public, body, signature)
            found = envelope.decode(body)
        except (AccessSystemError, TypeError):
            return False
        return (found.door, found.seq, found.previous) == (door, seq, previous)

    return ours
