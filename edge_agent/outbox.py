"""The journal of one door, awaited: every call runs in one thread of its own.

One thread, so that entries are written in the order in which they were decided, and
a slow disk delays this door and no other. `append` is the only call on the way from
a badge to the lock: one hop, one flush.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from domain.errors import StorageError
from domain.events import Event
from domain.ids import DoorId
from domain.journal import Entry, Tip
from edge_agent.journal_file import JournalFile
from edge_agent.journal_rows import Opened, Slot
from wire.sealing import SigningKey

JOURNAL: Final = "journal.db"

T = TypeVar("T")


class Acknowledged(StrEnum):
    """What an acknowledgement turned out to be."""

    FORGOTTEN = "forgotten"  # older than one we have
    BEHIND = "behind"  # true, and less than it said before: its database is a copy
    TAKEN = "taken"
    CONTINUED = "continued"  # the controller held more than this disk
    FORKED = "forked"  # it knows another past: nothing may be forgotten


class Ticks:
    """Counts what the doors of one agent record, in the order in which they do."""

    def __init__(self) -> None:
        self.next = 0

    def take(self) -> int:
        tick, self.next = self.next, self.next + 1
        return tick


class Outbox:
    """`ticks` orders occupancy among the doors of one agent."""

    def __init__(
        self, folder: Path, door: DoorId, key: SigningKey, *, ticks: Ticks
    ) -> None:
        self.file = JournalFile(folder / JOURNAL, door, key)
        self._ticks = ticks
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"journal-{door}")
        self._more = asyncio.Event()
        self._held: int | None = None

    @property
    def waiting(self) -> int:
        """Entries that the controller has not acknowledged."""
        return self.file.tip.seq - self.file.acked.seq

    @property
    def tip(self) -> Tip:
        return self.file.tip

    @property
    def acked(self) -> Tip:
        return self.file.acked

    @property
    def held(self) -> int:
        """The highest number that the controller says it holds: as a rule `acked`,
        less after it had to bring back an older copy of its database."""
        return self.acked.seq if self._held is None else self._held

    @property
    def unconfirmed(self) -> bool:
        """New, or carried over from a damaged file: the controller may hold more than
        this disk, so it is to be heard before anything is sent."""
        return self.file.unconfirmed

    async def open(self, now: datetime) -> Opened:
        return await self._run(partial(self.file.open, now))

    async def reopen(self, now: datetime) -> Opened:
        """After the disk failed: look again whether the file is sound."""
        await self._run(self.file.close)
        return await self._run(partial(self.file.open, now))

    async def append(
        self,
        events: Sequence[Event],
        *,
        settings: Mapping[str, str] | None = None,
        nonces: Mapping[str, datetime] | None = None,
    ) -> tuple[Entry, ...]:
        """Record the events of one input: on the disk once this returns.

        Raises:
            StorageError: nothing was recorded.
        """
        entries = await self._run(
            partial(
                self.file.append,
                tuple(events),
                settings=settings or {},
                nonces=nonces or {},
                tick=self._ticks.take(),
            )
        )
        self._more.set()
        return entries

    async def unacknowledged(self, after: int, limit: int) -> tuple[Entry, ...]:
        return await self._run(partial(self.file.unacknowledged, after, limit))

    async def acknowledge(self, tip: Tip) -> Acknowledged:
        """Take what the controller says it has committed."""
        answer = await self._run(partial(_acknowledge, self.file, tip))
        self._held = tip.seq if answer is Acknowledged.BEHIND else None
        self._more.set()
        return answer

    async def wait_for_more(self) -> None:
        """Return once something was appended or acknowledged since the last call."""
        await self._more.wait()
        self._more.clear()

    async def limit_growth(self, pages: int) -> None:
        """Let the journal's file grow by so many pages and no more."""
        await self._run(partial(self.file.limit_growth, pages))

    async def turn_read_only(self, *, read_only: bool) -> None:
        """Refuse every write, as a disk that failed does, or take them again."""
        await self._run(partial(self.file.turn_read_only, read_only))

    async def prune(self, before: datetime) -> int:
        """Forget what may be forgotten; entries are never kept waiting for long."""
        pruned = 0
        while more := await self._run(partial(self.file.prune, before)):
            pruned += more
        return pruned

    async def forget_nonces(self, now: datetime) -> None:
        await self._run(partial(self.file.forget_nonces, now))

    async def put_slot(self, slot: Slot) -> None:
        await self._run(partial(self.file.put_slot, slot))

    async def drop_slots(self, slots: Iterable[int]) -> None:
        await self._run(partial(self.file.drop_slots, tuple(slots)))

    async def put_settings(self, settings: Mapping[str, str]) -> None:
        await self._run(partial(self.file.put_settings, settings))

    async def aclose(self) -> None:
        await self._run(self.file.close)
        self._thread.shutdown(wait=False)

    def drop(self) -> None:
        """As a power cut would: whatever is being written may or may not be."""
        self._thread.submit(self.file.close)
        self._thread.shutdown(wait=False)

    async def _run(self, job: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, job)
        except RuntimeError as error:  # the thread was shut down
            raise StorageError(f"journal is closed: {error}") from error


def _acknowledge(file: JournalFile, tip: Tip) -> Acknowledged:
    if tip.seq <= file.acked.seq and file.knows_end:
        ours = tip.seq < file.acked.seq and file.digest_of(tip.seq) == tip.digest
        return Acknowledged.BEHIND if ours else Acknowledged.FORGOTTEN
    if file.digest_of(tip.seq) == tip.digest:
        file.acknowledge(tip)
        return Acknowledged.TAKEN
    if tip.seq > file.tip.seq or file.unconfirmed:
        file.continue_behind(tip)
        return Acknowledged.CONTINUED
    return Acknowledged.FORKED
