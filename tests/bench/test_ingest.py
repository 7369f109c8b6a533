"""What the office takes in a second, against the bare work that nobody can avoid."""

import asyncio
import contextlib
import sqlite3
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from config.load import load_site
from config.schema import Site
from controller.services.ingest import Ingest, Taken
from controller.services.post import Post
from controller.services.reading import Reader
from controller.services.recorder import Recorder
from controller.store.database import open_database
from domain.access_events import AccessGranted, PersonEntered
from domain.credentials import Factor
from domain.door_events import DoorClosed, DoorOpened, LockReleased, LockSecured
from domain.events import Event
from domain.ids import DoorId, PersonId
from domain.journal import EMPTY, Tip
from domain.policy import Clause, Finding, Reason, Side, Verdict
from simulators.links import MemoryNetwork
from simulators.simulate import make_keys
from tests.bench.conftest import Tell
from tests.bench.one_door import ROOT
from tests.bench.table import Row
from wire import envelope, frame, json_v1, topics
from wire.clock import SystemClock
from wire.envelope import Signed
from wire.keys import SiteKeys, load_door
from wire.link import Backoff, Message
from wire.sealing import SigningKey

pytestmark = pytest.mark.bench

_BATCHES: Final = 60
_ENTRIES: Final = 8  # people entering at each door, in each batch; 6 events each
_TARGET: Final = 0.5


class _Journal:
    """One door's chain, as its agent would send it."""

    def __init__(self, door: DoorId, site: Site, key: SigningKey) -> None:
        self.door = door
        self.public = key.public
        self._key = key
        self._zone = site.doors[door].zone
        self._topic = topics.events(site.id, door)
        self._tip: Tip = EMPTY

    def batch(self, at: datetime, people: int) -> tuple[Message, list[Signed]]:
        events = [e for n in range(people) for e in self._entry(at, PersonId(f"E{n}"))]
        signed = [self._sign(event) for event in events]
        return Message(self._topic, frame.pack(signed), False, lambda: None), signed

    def _sign(self, event: Event) -> Signed:
        told = json_v1.envelope_of(
            event, seq=self._tip.seq + 1, previous=self._tip.digest
        )
        signed = envelope.sign(self._key, envelope.encode(told))
        self._tip = Tip(self._tip.seq + 1, signed.digest)
        return signed

    def _entry(self, at: datetime, person: PersonId) -> list[Event]:
        door, zone = self.door, self._zone
        notes = ("agreement.current", "commitment.current", "training.current")
        granted = AccessGranted(
            door=door,
            at=at,
            zone=zone,
            side=Side.ENTRY,
            people=(person,),
            factors=(Factor.BADGE, Factor.FINGERPRINT, Factor.FACE),
            findings=(
                Finding(Reason("grant.core"), Verdict.PERMIT, (Clause("G4.2.1"),)),
                *(
                    Finding(Reason(note), Verdict.NOTE, (Clause("G5.1.1-3"),))
                    for note in notes
                ),
            ),
            credential=None,
            camera=None,
            roster=1,
            purposes=("生产",),
            declarations=("none",),
        )
        second = timedelta(seconds=1)
        return [
            granted,
            LockReleased(door=door, at=at, cause="access"),
            DoorOpened(door=door, at=at + second),
            LockSecured(door=door, at=at + second),
            DoorClosed(door=door, at=at + 3 * second, open_for=2 * second),
            PersonEntered(
                door=door,
                at=at + 3 * second,
                zone=zone,
                person=person,
                declaration="none",
            ),
        ]


@contextlib.asynccontextmanager
async def _office(
    site: Site, keys: SiteKeys, path: Path
) -> AsyncIterator[tuple[Ingest, deque[Taken]]]:
    clock, heard = SystemClock(), deque[Taken](maxlen=1)
    network = MemoryNetwork(keys, random=Random(1).random)  # noqa: S311  no secret
    link = network.office_link()
    running = asyncio.create_task(link.run())
    await link.wait_connected()
    database = await open_database(f"sqlite:///{path}")
    yield (
        Ingest(
            site,
            reader=Reader(site.id, keys),
            database=database,
            recorder=Recorder(key=keys.sign, clock=clock),
            post=Post(site=site.id, key=keys.sign, link=link),
            clock=clock,
            backoff=Backoff(Random(1).random),  # noqa: S311  no secret
            heard=heard.append,
        ),
        heard,
    )
    await database.close()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


class _Bare:
    """Hash, signature, insert: one transaction for each batch, flushed."""

    def __init__(self, path: Path, office: Path, keys: Mapping[DoorId, bytes]) -> None:
        self._keys = {
            door: Ed25519PublicKey.from_public_bytes(public)
            for door, public in keys.items()
        }
        self._office = sqlite3.connect(office)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        for (sql,) in self._office.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = 'envelopes' "
            "AND sql IS NOT NULL ORDER BY type DESC"
        ):
            self._db.execute(sql)
        self._insert = ""
        self._last = 0

    def new_rows(self) -> list[tuple[Any, ...]]:
        """What the office has just written into its log, as it stands there."""
        found = self._office.execute(
            "SELECT * FROM envelopes WHERE position > ? ORDER BY position",
            (self._last,),
        )
        names = [column[0] for column in found.description]
        rows = found.fetchall()
        self._last = rows[-1][names.index("position")]
        marks = ", ".join("?" * len(names))
        self._insert = f"INSERT INTO envelopes VALUES ({marks})"  # noqa: S608  marks
        return rows

    def take(
        self, batch: Sequence[tuple[DoorId, Signed]], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        for door, signed in batch:
            sha256(signed.signed).digest()
            self._keys[door].verify(signed.signature, signed.signed)
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(self._insert, rows)
        self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()
        self._office.close()


async def test_ingest_keeps_half_the_pace_of_the_bare_work(
    tmp_path: Path, tell: Tell
) -> None:
    site = load_site(ROOT / "config/sites/example.toml")
    keys = make_keys(site, tmp_path / "keys", now=SystemClock().now())
    signing = {d: load_door(tmp_path / "keys/doors" / d).sign for d in site.doors}
    journals = [_Journal(door, site, key) for door, key in signing.items()]
    begun, path = SystemClock().now(), tmp_path / "office.db"
    ours, bare = list[float](), list[float]()
    entries = 0
    async with _office(site, keys, path) as (ingest, heard):
        raw = _Bare(tmp_path / "bare.db", path, {j.door: j.public for j in journals})
        for n in range(_BATCHES):
            at = begun + timedelta(minutes=n)
            made = [(j.door, *j.batch(at, _ENTRIES)) for j in journals]
            batch = [(door, each) for door, _, several in made for each in several]

            start = time.perf_counter()
            await ingest.take([message for _, message, _ in made])
            ours.append(time.perf_counter() - start)

            rows = raw.new_rows()
            assert len(rows) == len(batch) == len(heard[-1].entries)
            start = time.perf_counter()
            raw.take(batch, rows)
            bare.append(time.perf_counter() - start)
            entries = len(batch)
        raw.close()

    ratio = median(bare) / median(ours)
    tell(
        Row(
            what="ingest: verify, order, commit, acknowledge (SQLite)",
            against="bare hash, signature check, `sqlite3` insert of the same rows",
            measured=(
                f"{entries / median(ours):,.0f}/s against "
                f"{entries / median(bare):,.0f}/s"
            ),
            ratio=f"{ratio:.2f}×",
            target=f"≥ {_TARGET}×",
            ok=ratio >= _TARGET,
            method=(
                f"{_BATCHES} batches of {entries} events of {len(journals)} doors "
                "(granted, released, opened, secured, closed, entered), a transaction "
                "and a flush each, in turn with the bare work; medians. Ours also "
                "checks the chain, decodes, keeps occupancy, mentions and board up to "
                "date, and signs and sends the acknowledgements; the bare work writes "
                "the log's own table only."
            ),
        )
    )
