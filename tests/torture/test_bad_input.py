"""What is damaged, full or gone: a clear error naming it, nothing lost, the door shut.

A photograph without a face or with two is refused by name in
`tests/contract/test_face_engine.py`; a site file that is wrong in many ways, in
`tests/unit/config/`.
"""

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from config.load import load_site
from config.schema import Role
from domain.agent_events import (
    DeviceFailed,
    DeviceRecovered,
    RosterApplied,
    RosterRefused,
)
from domain.alarm_events import AlarmRaised
from domain.door_events import LockReleased
from domain.errors import InputError, StorageError
from domain.journal import EMPTY, first_break
from domain.people import PersonState
from domain.policy import Outcome, Side
from domain.roster import Roster
from edge_agent.journal_file import JournalFile
from simulators.clock import VirtualClock, run_virtual
from simulators.people import Shown
from tests.builders import NINE
from tests.torture import ledger
from tests.torture.small import (
    ARCHIVE,
    CORE,
    LAB,
    WANG,
    WU,
    SmallSite,
    play,
    small_site,
)
from tests.torture.victims import SITE
from wire import topics
from wire.roster_parts import PackedRoster, pack
from wire.sealing import SigningKey

pytestmark = pytest.mark.torture


# --- a site file -----------------------------------------------------------------


def test_a_site_file_that_ends_anywhere_is_refused_by_name_or_whole(
    tmp_path: Path,
) -> None:
    whole = SITE.read_text()
    cut = tmp_path / "cut.toml"
    refused = whole_enough = 0
    ends = range(0, len(whole), 97)
    for end in ends:
        cut.write_text(whole[:end])
        try:
            load_site(cut)
        except InputError as error:
            refused += "cut.toml" in str(error)
        else:
            whole_enough += 1

    assert refused + whole_enough == len(ends)
    assert refused > whole_enough


# --- a roster --------------------------------------------------------------------


def _roster(
    site: SmallSite, *, ahead: int = 1, key: SigningKey | None = None
) -> PackedRoster:
    """One that lets nobody in, so that it shows if it was taken; numbered so far
    ahead of the one in force."""
    public = site.keys.in_force(ARCHIVE)
    assert public is not None
    now = site.clock.now()
    roster = Roster(
        site=site.simulated.site.id,
        door=ARCHIVE,
        number=site.of(RosterApplied, ARCHIVE)[-1].number + ahead,
        issued_at=now,
        valid_until=now + timedelta(hours=72),
        entries=(),
        schedules=(),
    )
    return pack(
        roster,
        key=key or site.keys.sign,
        seal_to=public.seal,
        random_bytes=Random(roster.number).randbytes,  # noqa: S311  repeatable
    )


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


Spoil = Callable[[SmallSite, PackedRoster], PackedRoster]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        pytest.param(
            lambda _, p: replace(p, parts=(p.parts[0][:-20],)),
            "part 0",
            id="a part that ends early",
        ),
        pytest.param(
            lambda _, p: replace(p, parts=(_flip(p.parts[0], 60),)),
            "part 0",
            id="a bit of a part",
        ),
        pytest.param(
            lambda _, p: replace(p, manifest=p.manifest[:-7]),
            "manifest",
            id="a manifest that ends early",
        ),
        pytest.param(
            lambda _, p: replace(p, manifest=_flip(p.manifest, 120)),
            "not signed by the controller",
            id="a bit of the manifest",
        ),
        pytest.param(
            lambda s, _: _roster(s, key=SigningKey(b"Z" * 32)),
            "not signed by the controller",
            id="signed by somebody else",
        ),
    ],
)
def test_a_damaged_roster_is_refused_whole_and_the_last_good_one_goes_on(
    tmp_path: Path, spoil: Spoil, says: str
) -> None:
    async def story(site: SmallSite) -> None:
        number = site.of(RosterApplied, ARCHIVE)[-1].number
        await _publish(site, spoil(site, _roster(site)))

        told = site.of(RosterRefused, ARCHIVE)
        assert told
        assert says in told[0].reason
        assert "roster.rejected" in site.alarms(ARCHIVE)
        assert site.of(RosterApplied, ARCHIVE)[-1].number == number
        assert await site.enter(ARCHIVE, WU) is Outcome.GRANTED

    play(tmp_path, story)


def test_a_roster_of_yesterday_is_not_taken_again(tmp_path: Path) -> None:
    async def story(site: SmallSite) -> None:
        old = _roster(site, ahead=0)
        await site.simulated.controller.revoke(WU, None, reason="left", by="test")
        await asyncio.sleep(5)
        number = site.of(RosterApplied, ARCHIVE)[-1].number
        await _publish(site, old)

        assert site.of(RosterApplied, ARCHIVE)[-1].number == number
        assert await site.enter(ARCHIVE, WU) is Outcome.DENIED
        assert "older" in site.of(RosterRefused, ARCHIVE)[0].reason

    play(tmp_path, story)


def test_a_stored_roster_that_was_damaged_lets_nobody_in_and_is_replaced(
    tmp_path: Path,
) -> None:
    async def story(site: SmallSite) -> None:
        for door in site.simulated.rigs:
            site.network.cut(door)
        await site.simulated.cut_power(ARCHIVE)
        stored = site.folder_of(ARCHIVE) / "roster.sealed"
        stored.write_bytes(_flip(stored.read_bytes(), 300))
        await site.simulated.restore_power(ARCHIVE)
        await asyncio.sleep(5)

        assert "damaged" in site.of(RosterRefused, ARCHIVE)[0].reason
        assert await site.enter(ARCHIVE, WU) is Outcome.DENIED
        assert site.releases(ARCHIVE) == 0
        assert await site.leave(ARCHIVE, WU) is Outcome.GRANTED

        # The broker still holds it, though the office has nothing new to say.
        for door in site.simulated.rigs:
            site.network.restore(door)
        await asyncio.sleep(35)  # the link's longest back-off
        assert await site.enter(ARCHIVE, WU) is Outcome.GRANTED

    play(tmp_path, story)


async def _publish(site: SmallSite, packed: PackedRoster) -> None:
    """In the office's name: the broker lets it pass."""
    link = site.network.office_link(client_id="somebody-else")
    running = asyncio.create_task(link.run())
    await link.wait_connected()
    name = site.simulated.site.id
    for number, part in enumerate(packed.parts):
        topic = topics.roster(name, ARCHIVE, number)
        await link.publish(topic, part, retain=True)
    manifest = topics.roster(name, ARCHIVE, topics.MANIFEST)
    await link.publish(manifest, packed.manifest, retain=True)
    await asyncio.sleep(5)
    running.cancel()
    await asyncio.wait([running])


# --- a damaged page --------------------------------------------------------------


def _damage(path: Path, which: Callable[[int], int]) -> None:
    """Overwrite one page; `which` of so many, counted from 1."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = db.execute("PRAGMA page_size").fetchone()[0]
        pages = db.execute("PRAGMA page_count").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((which(pages) - 1) * size)
        file.write(b"\xa5" * size)


@pytest.mark.parametrize(
    "which",
    [
        pytest.param(lambda pages: pages, id="the last"),
        pytest.param(lambda pages: pages - 3, id="one of many"),
        pytest.param(lambda pages: 2, id="the root of the entries"),
        pytest.param(lambda pages: 1, id="the first"),
    ],
)
def test_a_damaged_page_of_the_journal_loses_nothing_that_was_acknowledged(
    tmp_path: Path, which: Callable[[int], int]
) -> None:
    async def story(site: SmallSite) -> None:
        for _ in range(12):
            await site.enter(ARCHIVE, WU)
            await site.leave(ARCHIVE, WU)
        await asyncio.sleep(30)
        before = site.log(ARCHIVE)
        assert site.journal(ARCHIVE) == before

        await site.simulated.cut_power(ARCHIVE)
        _damage(site.folder_of(ARCHIVE) / "journal.db", which)
        releases = site.releases(ARCHIVE)
        await site.simulated.restore_power(ARCHIVE)
        await asyncio.sleep(60)

        told = [
            a.detail
            for a in site.of(AlarmRaised, ARCHIVE)
            if a.code == "journal.unavailable"
        ]
        assert any("damaged" in detail for detail in told)
        assert list(site.folder_of(ARCHIVE).glob("journal.damaged-*.db"))
        assert site.releases(ARCHIVE) == releases
        assert await site.enter(ARCHIVE, WU) is Outcome.GRANTED
        await asyncio.sleep(30)
        after = site.log(ARCHIVE)
        assert after[: len(before)] == before
        assert len(after) > len(before) + 3
        assert first_break(after, EMPTY) is None
        assert ledger.left_over(site.database) == []

    play(tmp_path, story)


@pytest.mark.parametrize(
    "which",
    [
        pytest.param(lambda pages: 1, id="the first"),
        pytest.param(lambda pages: pages // 2, id="one of many"),
        pytest.param(lambda pages: pages, id="the last"),
    ],
)
def test_a_damaged_page_of_the_offices_database_is_told_before_anything_is_built_on_it(
    tmp_path: Path, which: Callable[[int], int]
) -> None:
    copy = tmp_path / "copy.sqlite"

    async def first(clock: VirtualClock) -> None:
        async with small_site(tmp_path, clock) as site:
            await site.enter(ARCHIVE, WU)
            await asyncio.sleep(60)
            with (
                closing(sqlite3.connect(site.database)) as db,
                closing(sqlite3.connect(copy)) as other,
            ):
                db.backup(other)
            await site.leave(ARCHIVE, WU)
            for change in range(3):  # rosters that the copy knows nothing of
                state = PersonState.ACTIVE if change % 2 else PersonState.SUSPENDED
                await site.simulated.controller.set_state(WANG, state, by="test")
                await asyncio.sleep(60)

    async def second(clock: VirtualClock) -> None:
        async with small_site(tmp_path, clock):
            pytest.fail("the office started on a damaged database")

    async def third(clock: VirtualClock) -> None:
        async with small_site(tmp_path, clock) as site:
            assert await site.enter(ARCHIVE, WU) is Outcome.GRANTED
            await asyncio.sleep(60)
            for door in site.simulated.rigs:
                assert site.differences(door) == []
            await site.simulated.controller.revoke(WU, None, reason="left", by="test")
            await asyncio.sleep(60)
            assert await site.enter(ARCHIVE, WU) is Outcome.DENIED

    run_virtual(first, starts=NINE, patience=10)
    _damage(tmp_path / "controller.sqlite", which)
    damaged = (tmp_path / "controller.sqlite").read_bytes()
    with pytest.raises((StorageError, ExceptionGroup)) as caught:
        run_virtual(second, starts=NINE + timedelta(hours=1), patience=10)
    assert re.search(
        r"StorageError: .*controller\.sqlite` (is damaged|failed|cannot be used)",
        _told(caught.value),
    )
    assert (tmp_path / "controller.sqlite").read_bytes() == damaged

    # The last copy is all it takes: what is newer, the doors have.
    shutil.copy(copy, tmp_path / "controller.sqlite")
    run_virtual(third, starts=NINE + timedelta(hours=2), patience=10)


def _told(error: Exception) -> str:
    if isinstance(error, ExceptionGroup):
        return " ".join(map(_told, error.exceptions))
    return f"{type(error).__name__}: {error}"


# --- a full disk -----------------------------------------------------------------

_FILLER = """
import resource, signal, sys
from pathlib import Path
from domain.errors import StorageError
from tests.torture.test_bad_input import event, journal_in
file = journal_in(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
tick = 0
try:
    while True:
        file.append([event(tick)], settings={}, nonces={}, tick=tick)
        tick += 1
        print(file.tip.seq, flush=True)
except StorageError as error:
    print(error, flush=True)
"""


def event(second: int) -> LockReleased:
    return LockReleased(
        door=ARCHIVE, at=NINE + timedelta(seconds=second), cause="access"
    )


def journal_in(folder: Path) -> JournalFile:
    file = JournalFile(folder / "journal.db", ARCHIVE, SigningKey(b"K" * 32))
    file.open(NINE)
    return file


def test_a_journal_that_may_not_grow_says_so_and_keeps_what_it_has(
    tmp_path: Path,
) -> None:
    """The system's own limit on files, in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", _FILLER, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    *numbers, error = ran.stdout.splitlines()

    file = journal_in(tmp_path)
    entries = file.unacknowledged(-1, 10**9)
    assert f"journal `{tmp_path}/journal.db` cannot be written" in error
    assert len(numbers) > 5
    assert len(entries) >= len(numbers)
    assert first_break(entries, EMPTY) is None
    file.append([event(0)], settings={}, nonces={}, tick=0)
    file.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB; only root can mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["/bin/mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("only root can mount a small disk; the limit above is tested")
    try:
        yield disk
    finally:
        subprocess.run(["/bin/umount", str(disk)], check=True)


def test_on_a_full_disk_nobody_enters_everybody_leaves_and_all_is_told_later(
    tmp_path: Path, small_disk: Path
) -> None:
    async def story(site: SmallSite) -> None:
        assert await site.enter(ARCHIVE, WU) is Outcome.GRANTED
        releases = site.releases(ARCHIVE)
        ballast = site.folder_of(ARCHIVE) / "ballast"
        _fill(ballast)
        outcomes = [await site.enter(ARCHIVE, WANG) for _ in range(9)]

        # What fits into pages that are there already is still recorded.
        assert outcomes[-1] is Outcome.DENIED
        assert await site.leave(ARCHIVE, WU) is Outcome.GRANTED
        assert "journal.unavailable" in site.alarms(ARCHIVE)
        granted = outcomes.count(Outcome.GRANTED)
        assert site.releases(ARCHIVE) == releases + granted + 1

        ballast.unlink()
        await asyncio.sleep(120)
        assert await site.enter(ARCHIVE, WU) is Outcome.GRANTED
        await asyncio.sleep(30)
        recorded = site.journal(ARCHIVE)
        assert recorded == site.log(ARCHIVE)
        assert first_break(recorded, EMPTY) is None
        released = [e for e in ledger.events(recorded) if isinstance(e, LockReleased)]
        assert len(released) == site.releases(ARCHIVE)

    # Only the doors' files are on the small disk.
    (tmp_path / "agents").symlink_to(small_disk)
    play(tmp_path, story)


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


# --- a serial device that vanishes -----------------------------------------------


def test_a_badge_reader_that_is_pulled_out_is_named_and_comes_back(
    tmp_path: Path,
) -> None:
    async def story(site: SmallSite) -> None:
        rig = site.rig(ARCHIVE)
        assert await site.enter(ARCHIVE, WU) is Outcome.GRANTED
        rig.unplug(Role.ENTRY_READER)
        await asyncio.sleep(10)

        (failed,) = site.of(DeviceFailed, ARCHIVE)
        assert failed.device == "archive.entry_reader"
        assert "vanished" in failed.error
        assert "device.down" in site.alarms(ARCHIVE)
        releases = site.releases(ARCHIVE)
        assert await site.enter(ARCHIVE, WANG) is None
        assert site.releases(ARCHIVE) == releases
        assert await site.leave(ARCHIVE, WU) is Outcome.GRANTED

        rig.plug_in(Role.ENTRY_READER)
        await asyncio.sleep(60)
        assert [e.device for e in site.of(DeviceRecovered, ARCHIVE)] == [failed.device]
        assert await site.enter(ARCHIVE, WU) is Outcome.GRANTED
        await asyncio.sleep(10)
        assert site.differences(ARCHIVE) == []

    play(tmp_path, story)


@pytest.mark.parametrize("after", [0.02, 0.1, 0.3])
def test_a_fingerprint_module_that_is_pulled_out_under_a_finger_leaves_the_door_shut(
    tmp_path: Path, after: float
) -> None:
    async def story(site: SmallSite) -> None:
        rig = site.rig(LAB)
        await rig.key_in("0#")
        await rig.present(Shown(CORE[0], WANG), Side.ENTRY)
        await asyncio.sleep(1)
        pressing = asyncio.create_task(rig.present(Shown(CORE[1], WANG), Side.ENTRY))
        await asyncio.sleep(after)
        rig.unplug(Role.FINGERPRINT)
        await pressing
        await asyncio.sleep(30)

        assert site.releases(LAB) == 0
        assert "lab.fingerprint" in {e.device for e in site.of(DeviceFailed, LAB)}
        assert await site.leave(LAB, WANG) is Outcome.GRANTED

        rig.plug_in(Role.FINGERPRINT)
        await asyncio.sleep(60)
        assert await site.enter(LAB, WANG, CORE) is Outcome.GRANTED

    play(tmp_path, story)
