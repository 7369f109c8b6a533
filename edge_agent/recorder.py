"""Records what a door decided, and keeps what the disk will not take.

Events go to the disk in the order of the decisions. While it fails they wait in
memory, and go there first once it takes them again; a file that was damaged is moved
aside on the way.
"""

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.errors import StorageError
from domain.events import Event
from edge_agent.journal_rows import Opened
from edge_agent.outbox import Outbox

log = logging.getLogger(__name__)

RETRY_FIRST: Final = timedelta(seconds=2)
RETRY_CAP: Final = timedelta(seconds=30)
# Events kept in memory while the disk fails: some hours of a busy door.
UNRECORDED: Final = 10_000


class Recorder:
    """`stored`: settings as they are on the disk. `writable`: the last try worked."""

    def __init__(self, outbox: Outbox, tell: Callable[[Event], None]) -> None:
        self._outbox = outbox
        self._tell = tell
        self._waiting: deque[Event] = deque(maxlen=UNRECORDED)
        self._retry_after = RETRY_FIRST
        self.stored: dict[str, str] = {}
        self.writable = True

    async def record(
        self,
        events: Sequence[Event],
        *,
        settings: Mapping[str, str],
        nonces: Mapping[str, datetime] | None = None,
    ) -> None:
        """Events on the disk, behind those that had to wait for it. Settings go only
        with events; those that are there already don't go at all.

        Raises:
            StorageError: nothing was recorded; `keep` what was to be.
        """
        pending = (*self._waiting, *events)
        if not pending:
            return
        stored = self.stored.items()
        changed = {k: v for k, v in settings.items() if (k, v) not in stored}
        try:
            await self._outbox.append(pending, settings=changed, nonces=nonces)
        except StorageError as error:
            if self.writable:
                log.error("journal.unavailable", extra={"cause": str(error)})
            self.writable = False
            raise
        self._waiting.clear()
        self.stored |= changed
        self.writable = True
        self._retry_after = RETRY_FIRST
        for event in events:
            self._tell(event)

    def keep(self, events: Sequence[Event]) -> None:
        """Remember what was decided without the disk. It is told now, and once."""
        self._waiting.extend(events)
        for event in events:
            self._tell(event)

    async def reopen(self, now: datetime) -> Opened:
        """Look again whether the file is sound; a damaged one is moved aside.

        Raises:
            StorageError: the disk still fails.
        """
        return await self._outbox.reopen(now)

    def next_try(self) -> timedelta:
        """How long to wait before the disk is tried again: longer each time."""
        wait = self._retry_after
        self._retry_after = min(RETRY_CAP, wait * 2)
        return wait
