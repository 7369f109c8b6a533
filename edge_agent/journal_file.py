"""Journal, outbox and settings of one door in one SQLite file. Blocking; one thread.

Laws:

- WAL with synchronous=FULL: what `append` returned is on the disk, or it raised;
- one input of the door is one transaction: its events, the settings that changed and
  the nonce of the command stand or fall together;
- a sequence number is never used twice. After any failure the tip is read again;
- forgetting needs both: acknowledged, and older than the retention;
- a damaged file is moved aside, never deleted; what can still be verified in it is
  carried over, and the chain goes on behind the highest number anybody knows of.

Who is inside is kept beside the entries in a compact form (the last entering and
leaving of each person), so that pruning does not forget it.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from domain.access_events import OccupancyBecameUnknown
from domain.errors import StorageError
from domain.events import Event
from domain.ids import DoorId, PersonId
from domain.journal import EMPTY, Entry, Tip
from edge_agent.journal_rows import (
    ACKED_DIGEST,
    ACKED_SEQ,
    BASE_DIGEST,
    BASE_SEQ,
    CARRIED_END,
    END_UNKNOWN,
    SCHEMA,
    UNCONFIRMED,
    Opened,
    Slot,
    acked_settings,
    base_settings,
    entry_row,
    instant,
    microseconds,
    occupancy_row,
    recorded,
    tip_in,
    tip_of,
)
from edge_agent.journal_salvage import CARRIED, readable, salvaged, signed_by
from wire import envelope, json_v1
from wire.sealing import SigningKey

_PRUNED_AT_ONCE: Final = 2000  # rows; some 20 ms on a Pi, in which an entry may wait


class JournalFile:
    """All methods raise `StorageError` if the disk fails, and change nothing then."""

    def __init__(self, path: Path, door: DoorId, key: SigningKey) -> None:
        self._path = path
        self._door = door
        self._key = key
        self._db: sqlite3.Connection | None = None
        self.tip: Tip = EMPTY
        self.acked: Tip = EMPTY
        self.knows_end = True
        self.unconfirmed = True
        self._read_only = False

    # --- opening ------------------------------------------------------------------

    def open(self, now: datetime) -> Opened:
        """Open or create the file; a damaged one is moved aside first."""
        damaged: Path | None = None
        with self._told("cannot be opened"):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._path.exists() and not self._sound():
                damaged = self._move_aside(now)
            self._db = self._connect(self._path)
            self._db.executescript(SCHEMA)
            # New, or cut off from power before it was ever acknowledged.
            if not {UNCONFIRMED, ACKED_SEQ} & self._settings().keys():
                self._put_settings({UNCONFIRMED: "1"})
            if damaged is not None:
                self._carry_over(damaged)
            self.turn_read_only(self._read_only)
            self._read_ends()
            return self._contents(damaged)

    def close(self) -> None:
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    def limit_growth(self, pages: int) -> None:
        """Let the file grow by so many pages and no more: it is then full."""
        db = self._open_db
        size = int(db.execute("PRAGMA page_count").fetchone()[0])
        db.execute(f"PRAGMA max_page_count={size + pages:d}")

    def turn_read_only(self, read_only: bool) -> None:
        """Refuse every write from now on, also after `open`, or take them again: what
        the system does to a disk that failed. Stories fill disks with it."""
        self._read_only = read_only
        self._open_db.execute(f"PRAGMA query_only={int(read_only)}")

    def _connect(self, path: Path) -> sqlite3.Connection:
        # `psow=0`: a flash card that loses power while it writes may spoil bytes before
        # those it was told to write. So SQLite begins each transaction in a sector of
        # its own, at the price of one page (sqlite.org/psow, sqlite.org/wal).
        uri = f"{path.absolute().as_uri()}?psow=0"
        db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5.0)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        return db

    def _sound(self) -> bool:
        try:
            with closing(sqlite3.connect(self._path)) as db:
                said: object = db.execute("PRAGMA quick_check(1)").fetchone()
                return said == ("ok",)
        except sqlite3.OperationalError:
            raise  # busy, no rights, a disk that fails: not the file's fault
        except sqlite3.DatabaseError:
            return False

    def _move_aside(self, now: datetime) -> Path:
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        aside = self._path.with_name(f"{self._path.stem}.damaged-{stamp}.db")
        for tail in ("", "-wal", "-shm"):
            old = self._path.with_name(self._path.name + tail)
            if old.exists():
                old.rename(aside.with_name(aside.name + tail))
        return aside

    def _read_ends(self) -> None:
        settings = self._settings()
        base = tip_in(settings, BASE_SEQ, BASE_DIGEST) or EMPTY
        self.acked = tip_in(settings, ACKED_SEQ, ACKED_DIGEST) or EMPTY
        row = self._open_db.execute(
            "SELECT seq, previous, body, signature FROM entries"
            " ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        last = base if row is None else tip_of(Entry(*row))
        self.tip = max(last, base, self.acked, key=lambda tip: tip.seq)
        self.knows_end = END_UNKNOWN not in settings
        self.unconfirmed = UNCONFIRMED in settings

    def _contents(self, damaged: Path | None) -> Opened:
        db = self._open_db
        rows = db.execute("SELECT zone, person, kind, tick, at, text FROM occupancy")
        occupancy = [recorded(row, self._door) for row in rows]
        newest = db.execute(
            "SELECT at FROM entries ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        nonces = db.execute("SELECT nonce, until FROM nonces")
        slots = db.execute(
            "SELECT slot, credential, person, digest, duress, written FROM slots"
        )
        return Opened(
            damaged=damaged,
            knows_end=self.knows_end,
            newest=None if newest is None else instant(newest[0]),
            settings=self._settings(),
            nonces={nonce: instant(until) for nonce, until in nonces},
            occupancy=tuple(sorted(occupancy, key=lambda r: r.tick)),
            slots=tuple(
                Slot(slot, credential, PersonId(person), digest, bool(d), bool(w))
                for slot, credential, person, digest, d, w in slots
            ),
        )

    def _settings(self) -> dict[str, str]:
        return dict(self._open_db.execute("SELECT key, value FROM settings"))

    # --- the chain ----------------------------------------------------------------

    def append(
        self,
        events: Iterable[Event],
        *,
        settings: Mapping[str, str],
        nonces: Mapping[str, datetime],
        tick: int,
    ) -> tuple[Entry, ...]:
        """Sign, chain and store the events of one input, flushed to the disk.

        `tick` orders occupancy among the doors of one agent.
        """
        if not self.knows_end:
            raise StorageError(
                f"journal `{self._path}`: its end is unknown until the controller "
                "has said what it holds"
            )
        tip, entries, rows = self.tip, [], []
        for event in events:
            entry = self._entry(event, tip)
            tip = tip_of(entry)
            entries.append(entry)
            rows.append(entry_row(entry, event.at))
        with self._transaction() as db:
            db.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", rows)
            self._put_settings(settings)
            db.executemany(
                "INSERT OR IGNORE INTO nonces VALUES (?, ?)",
                [(nonce, microseconds(until)) for nonce, until in nonces.items()],
            )
            for event in events:
                self._keep_occupancy(event, tick)
        self.tip = tip
        return tuple(entries)

    def unacknowledged(self, after: int, limit: int) -> tuple[Entry, ...]:
        """Entries behind `after`, in order, together at most `limit` bytes but at
        least one, if there is one."""
        found: list[Entry] = []
        size = 0
        with self._told("cannot be read"), closing(self._open_db.cursor()) as cursor:
            cursor.execute(
                "SELECT seq, previous, body, signature FROM entries"
                " WHERE seq > ? ORDER BY seq",
                (after,),
            )
            for row in cursor:
                entry = Entry(*row)
                size += len(entry.body)
                if found and size > limit:
                    break
                found.append(entry)
        return tuple(found)

    def digest_of(self, seq: int) -> bytes | None:
        """The digest of an entry, if it is still held."""
        for known in (self.tip, self.acked):
            if known.seq == seq:
                return known.digest
        with self._told("cannot be read"):
            row = self._open_db.execute(
                "SELECT seq, previous, body, signature FROM entries WHERE seq = ?",
                (seq,),
            ).fetchone()
        return None if row is None else Entry(*row).digest

    def acknowledge(self, tip: Tip) -> None:
        """The controller has committed everything up to `tip`."""
        with self._transaction() as db:
            self._put_settings(acked_settings(tip))
            db.execute("DELETE FROM settings WHERE key = ?", (UNCONFIRMED,))
        self.acked, self.unconfirmed = tip, False
        self.tip = max(self.tip, tip, key=lambda t: t.seq)

    def continue_behind(self, end: Tip) -> None:
        """Go on behind `end`, which the controller holds and this file doesn't.

        What was written here since is signed again with new numbers: its own had been
        used before, in a file that was lost.
        """
        carried = int(self._settings().get(CARRIED_END, "-1"))
        kept = max(self.acked.seq, carried)
        with self._told("cannot be read"):
            rows = self._open_db.execute(
                "SELECT body FROM entries WHERE seq > ? ORDER BY seq", (kept,)
            ).fetchall()
        events = [json_v1.event_of(envelope.decode(body)) for (body,) in rows]
        tip, again = end, []
        for event in events:
            entry = self._entry(event, tip)
            tip = tip_of(entry)
            again.append(entry_row(entry, event.at))
        with self._transaction() as db:
            db.execute("DELETE FROM entries WHERE seq > ?", (kept,))
            db.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", again)
            db.execute(
                "DELETE FROM settings WHERE key IN (?, ?)", (END_UNKNOWN, UNCONFIRMED)
            )
            self._put_settings({**base_settings(end), **acked_settings(end)})
        self.tip, self.acked = tip, end
        self.knows_end, self.unconfirmed = True, False

    def prune(self, before: datetime) -> int:
        """Forget a little of what is acknowledged and older than `before`; how many
        entries. Call again until it says 0. The newest entry always stays."""
        limit = min(self.acked.seq, self.tip.seq - 1)
        with self._transaction() as db:
            rows = db.execute(
                "SELECT seq, at FROM entries WHERE seq <= ? ORDER BY seq LIMIT ?",
                (limit, _PRUNED_AT_ONCE),
            ).fetchall()
            old = 0
            for _, at in rows:
                if at >= microseconds(before):
                    break
                old += 1
            if old:
                last = rows[old - 1][0]
                db.execute("DELETE FROM entries WHERE seq <= ?", (last,))
        return old

    def forget_nonces(self, now: datetime) -> None:
        with self._transaction() as db:
            db.execute("DELETE FROM nonces WHERE until <= ?", (microseconds(now),))

    def put_settings(self, settings: Mapping[str, str]) -> None:
        with self._transaction():
            self._put_settings(settings)

    # --- the fingerprint module's slots -------------------------------------------

    def put_slot(self, slot: Slot) -> None:
        with self._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO slots VALUES (?, ?, ?, ?, ?, ?)",
                (
                    slot.slot,
                    slot.credential,
                    slot.person,
                    slot.digest,
                    slot.duress,
                    slot.written,
                ),
            )

    def drop_slots(self, slots: Iterable[int]) -> None:
        with self._transaction() as db:
            db.executemany("DELETE FROM slots WHERE slot = ?", [(s,) for s in slots])

    # --- salvage ------------------------------------------------------------------

    def _carry_over(self, damaged: Path) -> None:
        """Take from a damaged file whatever can be read and verified."""
        ours = signed_by(self._door, self._key.public)
        with closing(sqlite3.connect(damaged)) as old, self._transaction() as db:
            settings = {str(k): str(v) for k, v in readable(old, "settings")}
            for table, marks in CARRIED.items():
                db.executemany(
                    f"INSERT OR IGNORE INTO {table} VALUES ({marks})",  # noqa: S608  our own tables
                    readable(old, table),
                )
            end, after = -1, int(settings.get(ACKED_SEQ, "-1"))
            for row in salvaged(old, after=after, ours=ours):
                db.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", row)
                end = row[0]
            self._put_settings(settings)
            self._put_settings({UNCONFIRMED: "1", CARRIED_END: str(end)})
            if end < 0 and ACKED_SEQ not in settings:
                self._put_settings({END_UNKNOWN: "1"})

    # --- inside -------------------------------------------------------------------

    @property
    def _open_db(self) -> sqlite3.Connection:
        if self._db is None:
            raise StorageError(f"journal `{self._path}` is not open")
        return self._db

    def _entry(self, event: Event, tip: Tip) -> Entry:
        told = json_v1.envelope_of(event, seq=tip.seq + 1, previous=tip.digest)
        signed = envelope.sign(self._key, envelope.encode(told))
        return Entry(tip.seq + 1, tip.digest, signed.signed, signed.signature)

    def _put_settings(self, settings: Mapping[str, str]) -> None:
        self._open_db.executemany(
            "INSERT OR REPLACE INTO settings VALUES (?, ?)", list(settings.items())
        )

    def _keep_occupancy(self, event: Event, tick: int) -> None:
        row = occupancy_row(event, tick)
        if row is None:
            return
        if isinstance(event, OccupancyBecameUnknown) and event.cause == "reset":
            self._open_db.execute("DELETE FROM occupancy WHERE zone = ?", row[:1])
        self._open_db.execute(
            "INSERT OR REPLACE INTO occupancy VALUES (?, ?, ?, ?, ?, ?)", row
        )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = self._open_db
        with self._told("cannot be written"):
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                # A failed COMMIT may have reached the disk all the same.
                with suppress(sqlite3.Error):
                    self._read_ends()
                raise

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"journal `{self._path}` {what}: {error}") from error
