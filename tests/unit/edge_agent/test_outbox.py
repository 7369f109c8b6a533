"""What was recorded is on the disk, once, in order, whatever happens to the disk."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.access_events import PersonEntered, PersonLeft
from domain.door_events import DoorOpened
from domain.errors import StorageError
from domain.events import Event
from domain.ids import DoorId, PersonId, ZoneId
from domain.journal import EMPTY, Tip, first_break
from edge_agent.journal_file import JournalFile
from edge_agent.journal_rows import Opened
from edge_agent.outbox import Acknowledged, Outbox, Ticks
from tests.builders import LI, NINE
from wire.envelope import decode
from wire.sealing import SigningKey

DOOR = DoorId("lab")
KEY = SigningKey(b"k" * 32)
MINUTE = timedelta(minutes=1)


def event(minute: int = 0) -> Event:
    return DoorOpened(door=DOOR, at=NINE + minute * MINUTE)


def events(count: int) -> Iterator[Event]:
    return (event(n) for n in range(count))


@asynccontextmanager
async def outbox_in(folder: Path) -> AsyncIterator[Outbox]:
    outbox = Outbox(folder, DOOR, KEY, ticks=Ticks())
    await outbox.open(NINE)
    try:
        yield outbox
    finally:
        await outbox.aclose()


def opened(folder: Path) -> tuple[JournalFile, Opened]:
    file = JournalFile(folder / "journal.db", DOOR, KEY)
    return file, file.open(NINE)


def write(file: JournalFile, count: int, *, tick: int = 0) -> None:
    for each in events(count):
        file.append([each], settings={}, nonces={}, tick=tick)


async def test_entries_are_signed_and_chained_across_runs(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        await outbox.append(list(events(3)))
    async with outbox_in(tmp_path) as outbox:
        await outbox.append(list(events(2)))
        entries = await outbox.unacknowledged(-1, 10**6)

    assert [e.seq for e in entries] == [0, 1, 2, 3, 4]
    assert first_break(entries) is None
    assert [decode(e.body).previous for e in entries] == [e.previous for e in entries]


async def test_a_batch_is_as_large_as_asked_and_never_empty(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        entries = await outbox.append(list(events(10)))
        one = len(entries[0].body)

        assert len(await outbox.unacknowledged(-1, 3 * one)) == 3
        assert [e.seq for e in await outbox.unacknowledged(4, 1)] == [5]
        assert await outbox.unacknowledged(9, one) == ()


async def test_only_the_controllers_word_moves_what_is_acknowledged(
    tmp_path: Path,
) -> None:
    async with outbox_in(tmp_path) as outbox:
        entries = await outbox.append(list(events(5)))
        third = Tip(2, entries[2].digest)

        assert await outbox.acknowledge(third) is Acknowledged.TAKEN
        assert await outbox.acknowledge(third) is Acknowledged.FORGOTTEN
        assert await outbox.acknowledge(Tip(3, b"x" * 32)) is Acknowledged.FORKED
        assert (outbox.acked, outbox.waiting) == (third, 2)


@pytest.mark.parametrize(
    ("acked", "before", "left"),
    [
        pytest.param(-1, 9, 10, id="nothing is acknowledged"),
        pytest.param(9, 0, 10, id="nothing is old"),
        pytest.param(9, 4, 6, id="the instant itself is kept"),
        pytest.param(2, 9, 7, id="old but not acknowledged"),
        pytest.param(9, 60, 1, id="the newest stays"),
    ],
)
async def test_pruning_needs_both_acknowledged_and_old(
    tmp_path: Path, acked: int, before: int, left: int
) -> None:
    async with outbox_in(tmp_path) as outbox:
        entries = await outbox.append(list(events(10)))
        if acked >= 0:
            await outbox.acknowledge(Tip(acked, entries[acked].digest))

        await outbox.prune(NINE + before * MINUTE)

        assert len(await outbox.unacknowledged(-1, 10**6)) == left
        assert outbox.tip == Tip(9, entries[9].digest)


async def fill(outbox: Outbox) -> None:
    while True:
        await outbox.append([event()])


async def test_a_full_disk_refuses_and_the_chain_goes_on_afterwards(
    tmp_path: Path,
) -> None:
    async with outbox_in(tmp_path) as outbox:
        await outbox.append([event()])
        await outbox.limit_growth(2)
        with pytest.raises(StorageError, match="full"):
            await fill(outbox)
        recorded = outbox.tip.seq + 1
        await outbox.limit_growth(10**6)
        await outbox.append([event(999)])
        entries = await outbox.unacknowledged(-1, 10**6)

    assert recorded > 1
    assert len(entries) == recorded + 1
    assert first_break(entries) is None


def test_who_is_inside_outlives_pruning(tmp_path: Path) -> None:
    zone, wang = ZoneId("lab"), PersonId("E2")
    file, _ = opened(tmp_path)
    entered = PersonEntered(
        door=DOOR, at=NINE, zone=zone, person=LI, declaration="none"
    )
    other = replace(entered, person=wang)
    left = PersonLeft(door=DOOR, at=NINE, zone=zone, person=wang, declaration=None)
    for tick, each in enumerate((entered, other, left, event(1))):
        file.append([each], settings={}, nonces={}, tick=tick)
    file.acknowledge(file.tip)
    file.prune(NINE + timedelta(days=1))
    file.close()

    _, found = opened(tmp_path)

    assert [r.event for r in found.occupancy] == [entered, other, left]


def test_settings_and_nonces_stand_with_the_events_they_came_with(
    tmp_path: Path,
) -> None:
    file, _ = opened(tmp_path)
    until = NINE + MINUTE
    file.append([event()], settings={"lockdown": "1"}, nonces={"n1": until}, tick=0)
    file.close()

    again, found = opened(tmp_path)
    assert found.settings["lockdown"] == "1"
    assert found.nonces == {"n1": until}

    again.forget_nonces(until)
    again.close()
    assert opened(tmp_path)[1].nonces == {}


def damage(path: Path) -> None:
    """Overwrite the pages of the entries' table, but for the first of the file."""
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = db.execute("PRAGMA page_size").fetchone()[0]
        pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.close()
    with path.open("r+b") as file:
        file.seek((pages - 2) * size)
        file.write(b"\xa5" * size)


def test_a_damaged_file_is_kept_aside_and_what_can_be_read_is_carried_over(
    tmp_path: Path,
) -> None:
    file, _ = opened(tmp_path)
    write(file, 300)
    tip = file.tip
    file.close()
    damage(tmp_path / "journal.db")

    again, found = opened(tmp_path)

    assert found.damaged is not None
    assert found.damaged.exists()
    held = again.unacknowledged(-1, 10**9)
    assert 0 < len(held) < 300
    assert again.unconfirmed
    again.append([event()], settings={}, nonces={}, tick=0)
    assert again.tip.seq > held[-1].seq
    assert tip.seq == 299


def test_a_file_that_is_no_database_waits_for_the_controllers_word(
    tmp_path: Path,
) -> None:
    (tmp_path / "journal.db").write_bytes(b"not a database at all" * 500)

    file, found = opened(tmp_path)

    assert not found.knows_end
    with pytest.raises(StorageError, match="its end is unknown"):
        file.append([event()], settings={}, nonces={}, tick=0)
    file.continue_behind(Tip(41, b"d" * 32))
    (entry,) = file.append([event()], settings={}, nonces={}, tick=0)
    assert (entry.seq, entry.previous) == (42, b"d" * 32)


async def test_a_new_disk_goes_on_behind_what_the_controller_holds(
    tmp_path: Path,
) -> None:
    async with outbox_in(tmp_path) as outbox:
        await outbox.append(list(events(3)))
        end = Tip(100, b"e" * 32)

        assert await outbox.acknowledge(end) is Acknowledged.CONTINUED

        entries = await outbox.unacknowledged(100, 10**6)
    assert [e.seq for e in entries] == [101, 102, 103]
    assert first_break(entries, end) is None
    assert [decode(e.body).at for e in entries] == [e.at for e in events(3)]


async def test_a_first_acknowledgement_of_other_entries_is_of_a_lost_disk(
    tmp_path: Path,
) -> None:
    async with outbox_in(tmp_path) as outbox:
        await outbox.append(list(events(3)))

        assert await outbox.acknowledge(Tip(1, b"o" * 32)) is Acknowledged.CONTINUED

        assert [e.seq for e in await outbox.unacknowledged(-1, 10**6)] == [2, 3, 4]


WRITER = """
import sys
from pathlib import Path
from tests.unit.edge_agent.test_outbox import event, opened
file, _ = opened(Path(sys.argv[1]))
while True:
    (entry,) = file.append([event()], settings={}, nonces={}, tick=0)
    print(entry.seq, flush=True)
"""


async def test_a_kill_loses_nothing_that_append_has_returned(tmp_path: Path) -> None:
    said = -1
    for _ in range(3):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, str(tmp_path), stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        for _ in range(20):
            said = int(await process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = await process.stdout.read()
        whole = [line for line in rest.splitlines(keepends=True) if line[-1:] == b"\n"]
        said = int(whole[-1]) if whole else said
        await process.wait()

        file, found = opened(tmp_path)
        assert found.damaged is None
        assert file.tip.seq >= said
        assert first_break(file.unacknowledged(-1, 10**9), EMPTY) is None
        file.close()


def test_a_torn_write_ahead_log_loses_only_what_was_torn(tmp_path: Path) -> None:
    file, _ = opened(tmp_path)
    write(file, 20)
    wal = tmp_path / "journal.db-wal"
    torn = tmp_path / "torn"
    torn.mkdir()
    whole = wal.read_bytes()
    (torn / "journal.db").write_bytes((tmp_path / "journal.db").read_bytes())
    (torn / "journal.db-wal").write_bytes(whole[: len(whole) // 2 + 100])
    file.close()

    again, found = opened(torn)

    assert found.damaged is None
    assert 0 < again.tip.seq < 19
    assert first_break(again.unacknowledged(-1, 10**9)) is None


async def test_a_closed_journal_is_a_storage_error(tmp_path: Path) -> None:
    async with outbox_in(tmp_path) as outbox:
        pass

    with pytest.raises(StorageError):
        await outbox.append([event()])
