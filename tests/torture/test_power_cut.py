"""10,000 power cuts of a journal's file: what `append` returned is there, whole.

A disk writes sectors of 512 bytes, in any order until it is told to flush. So for each
step of a history the files are taken before and after it, and a cut leaves of every
sector that the step changed the old one, the new one, or rubbish, and of a file that
grew any length. Then the file is opened as after any start.

A second kind of cut is crueller than a disk that keeps its word: the log is cut or
spoilt anywhere, also in what was flushed. Then a suffix may be missing, nothing else.
(Once a checkpoint has copied the log, that would be damage, which is found: see
`test_bad_input`.)
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from sqlite3 import connect
from typing import Final

import pytest

from domain.alarm_events import AlarmRaised
from domain.events import Event
from domain.ids import DoorId
from domain.journal import EMPTY, Entry, Tip, first_break
from domain.policy import Reason
from edge_agent.journal_file import JournalFile
from tests.builders import NINE
from wire.sealing import SigningKey

N: Final = max(10_000, int(os.environ.get("MENSHEN_TORTURE_N", "0")))
SEED: Final = int(os.environ.get("MENSHEN_TORTURE_SEED", "20261123"))

_DOOR: Final = DoorId("archive")
_KEY: Final = SigningKey(b"K" * 32)
_SECTOR: Final = 512
_HEADER: Final = 32  # bytes of a write-ahead log before its first frame
_STEPS: Final = 8  # of one history: small files, cut often
_CUTS: Final = 25  # at each step
_SETTING: Final = "written"

pytestmark = pytest.mark.torture


@dataclass(frozen=True, slots=True)
class Files:
    """A journal on the disk at one moment; `tip` is what `append` last returned."""

    database: bytes
    log: bytes
    tip: int


@dataclass(slots=True)
class History:
    """`moments[n]` and `moments[n + 1]` are before and after a step."""

    moments: list[Files]
    entries: list[Entry]


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder where a flush costs nothing; which sectors are left is up to us."""
    shared = Path("/dev/shm")  # noqa: S108  a file system in memory, our own folder
    where = shared if os.access(shared, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="menshen-", dir=where) as folder:
        yield Path(folder)


def test_a_power_cut_leaves_every_entry_that_was_acknowledged(memory: Path) -> None:
    random = Random(SEED)  # noqa: S311  repeatable
    print(f"power cuts: MENSHEN_TORTURE_SEED={SEED}")
    cuts = torn = lost = 0
    while cuts < N:
        history = _history(memory / "history", random)
        steps = zip(history.moments, history.moments[1:], strict=False)
        for before, after in steps:
            for _ in range(_CUTS):
                left = _cut(before, after, random)
                again = random.random() < 0.1
                tip = _reopened(memory / "cut", left, history.entries, goes_on=again)
                assert tip in (before.tip, after.tip)
                torn += tip == before.tip != after.tip
                lost += tip == after.tip != before.tip
                cuts += 1
    print(
        f"power cuts: {cuts}, of which {torn} undid and {lost} kept what was under way"
    )
    assert min(torn, lost) > N // 20


def test_a_log_that_is_spoilt_anywhere_loses_a_suffix_and_nothing_else(
    memory: Path,
) -> None:
    random = Random(SEED)  # noqa: S311  repeatable
    lengths = set()
    for _ in range(N // 500):
        history = _history(memory / "history", random, checkpoints=False)
        tips = {moment.tip for moment in history.moments}
        for moment in random.sample(history.moments, 5):
            at = random.randrange(len(moment.log) + 1)
            tail = random.choice((b"", random.randbytes(len(moment.log) - at)))
            left = Files(moment.database, moment.log[:at] + tail, moment.tip)
            tip = _reopened(memory / "cut", left, history.entries)
            assert tip in tips
            assert tip <= moment.tip
            lengths.add(moment.tip - tip)
    assert len(lengths) > 3


def test_a_journal_cut_off_at_its_birth_asks_before_it_sends(memory: Path) -> None:
    """Its disk may be a new one, and the office may hold what the old one had sent."""
    folder = memory / "history"
    file = JournalFile(folder / "journal.db", _DOOR, _KEY)
    file.open(NINE)
    born = _files(folder, -1)
    file.close()

    for at in range(0, len(born.log), 100):
        (folder / "journal.db").write_bytes(born.database)
        (folder / "journal.db-wal").write_bytes(born.log[:at])
        file = JournalFile(folder / "journal.db", _DOOR, _KEY)
        file.open(NINE)
        unconfirmed = file.unconfirmed
        file.close()
        assert unconfirmed


def _history(folder: Path, random: Random, *, checkpoints: bool = True) -> History:
    """What a door writes: inputs of one to three events, acknowledgements, and now
    and then SQLite's own checkpoint, which is what moves the log into the file."""
    shutil.rmtree(folder, ignore_errors=True)
    file = JournalFile(folder / "journal.db", _DOOR, _KEY)
    file.open(NINE)
    entries: list[Entry] = []
    moments = [_files(folder, -1)]
    for step in range(_STEPS):
        kind = random.random()
        if kind < 0.75 or not entries:
            events = [_event(random, len(entries)) for _ in range(random.randint(1, 3))]
            settings = {_SETTING: str(len(entries) + len(events) - 1)}
            entries += file.append(events, settings=settings, nonces={}, tick=step)
        elif kind < 0.85:
            some = random.choice(entries)
            file.acknowledge(Tip(some.seq, some.digest))
        elif checkpoints:
            with closing(connect(folder / "journal.db")) as db:
                db.execute("PRAGMA wal_checkpoint(PASSIVE)")
        moments.append(_files(folder, entries[-1].seq if entries else -1))
    file.close()
    return History(moments, entries)


def _cut(before: Files, after: Files, random: Random) -> Files:
    """What a cut leaves of a step. SQLite flushes the log before a checkpoint touches
    the file, the file before the log is begun anew, and the header of a log begun anew
    before its first frame (its ticket ff5be73dee)."""
    if before.log == after.log:
        return Files(_tear(before.database, after.database, random), after.log, -1)
    old = before.log
    header = after.log[:_HEADER]
    if old[:_HEADER] != header:
        begun = header + old[_HEADER:]
        if random.random() < 0.2:
            return Files(before.database, _tear(old, begun, random), -1)
        old = begun
    return Files(before.database, _tear(old, after.log, random), -1)


def _tear(before: bytes, after: bytes, random: Random) -> bytes:
    longest = max(len(before), len(after))
    length = random.choice(
        (len(before), len(after), random.randint(min(len(before), len(after)), longest))
    )
    how = random.choice(("each", "first", "last"))
    border = random.randrange(0, longest + 1)
    left = bytearray(after[:length].ljust(length, b"\0"))
    for at in range(0, length, _SECTOR):
        end = min(at + _SECTOR, length)
        old, new = before[at:end], after[at:end]
        if old == new:
            continue
        match how:
            case "each":  # in any order
                chosen = random.choice((old, new, random.randbytes(end - at)))
            case "first":  # in order, as far as it came
                chosen = new if at < border else old
            case _:  # the other way round
                chosen = old if at < border else new
        left[at:end] = chosen.ljust(end - at, b"\0")
    return bytes(left)


def _reopened(
    folder: Path, left: Files, entries: Sequence[Entry], *, goes_on: bool = True
) -> int:
    """Open what is left as after any start; the highest number that is there.

    `goes_on`: write one more entry, to see that it follows.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "journal.db").write_bytes(left.database)
    (folder / "journal.db-wal").write_bytes(left.log)
    file = JournalFile(folder / "journal.db", _DOOR, _KEY)
    found = file.open(NINE + timedelta(hours=1))
    held = file.unacknowledged(-1, 10**9)
    tip = file.tip.seq
    if goes_on:
        more = _event(Random(tip), tip)  # noqa: S311  repeatable
        file.append([more], settings={}, nonces={}, tick=0)
    on = file.unacknowledged(tip, 10**9)
    file.close()

    assert found.damaged is None
    assert list(held) == list(entries[: tip + 1])
    assert found.settings.get(_SETTING, "-1") == str(tip)
    assert first_break((*held, *on), EMPTY) is None
    return tip


def _files(folder: Path, tip: int) -> Files:
    log = folder / "journal.db-wal"
    return Files((folder / "journal.db").read_bytes(), log.read_bytes(), tip)


def _event(random: Random, number: int) -> Event:
    return AlarmRaised(
        door=_DOOR,
        at=NINE + timedelta(seconds=number),
        code=Reason("door.forced"),
        priority=1,
        person=None,
        device=None,
        detail="x" * random.randrange(1500),
        silent=False,
        target=None,
    )
