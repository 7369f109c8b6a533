"""Sends what the controller has not acknowledged, until it has.

A broker that took a message proves nothing; only the controller's signed word, given
after its commit, moves `acked`. Batches go out in order, a few ahead of the
acknowledgement; without progress for `resend_after`, or after a new connection, it
all starts again behind `acked`. A backlog stays on the disk: one batch at a time is in
memory. How long to wait for the network is the link's business. A controller that
brought back an older copy of its database says less than before: what it lacks is sent
again, as far back as this journal goes.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from domain.errors import LinkDown, StorageError
from domain.ids import DoorId, SiteId
from domain.journal import Entry
from edge_agent.outbox import Outbox
from wire import frame, topics
from wire.envelope import Signed
from wire.link import Link

log = logging.getLogger(__name__)

# Bytes of bodies in one batch: with the frame's own bytes well below its limit.
BATCH: Final = 160 * 1024
# Entries sent and not yet acknowledged: two full batches.
WINDOW: Final = 2 * frame.MAX_COUNT
# Seconds that a new or salvaged journal waits for the controller's retained word.
GRACE: Final = 1.0


class Sender:
    def __init__(
        self,
        link: Link,
        outbox: Outbox,
        *,
        site: SiteId,
        door: DoorId,
        resend_after: timedelta,
    ) -> None:
        self._link = link
        self._outbox = outbox
        self._topic = topics.events(site, door)
        self._resend_after = resend_after.total_seconds()

    async def run(self) -> None:
        while True:
            await self._link.wait_connected()
            try:
                await self._send_while_connected()
            except LinkDown as error:
                log.info("sender.waits", extra={"cause": str(error)})
            except StorageError as error:
                # The door's loop alarms and mends; reading goes on after that.
                log.error("sender.journal", extra={"cause": str(error)})
                await asyncio.sleep(self._resend_after)

    async def _send_while_connected(self) -> None:
        if self._outbox.unconfirmed:
            await self._hear_controller()
        sent = acked = self._outbox.held
        while self._link.connected:
            sent, acked = self._moved(sent, acked)
            if self._outbox.tip.seq > sent and sent - acked < WINDOW:
                sent = await self._send_behind(sent)
            elif not await self._something_new(sent > acked):
                sent = acked  # no acknowledgement came: all of it again

    def _moved(self, sent: int, acked: int) -> tuple[int, int]:
        """Where sending stands after acknowledgements: never behind what is held, and
        back to that if the controller lost some of what it had acknowledged."""
        held = self._outbox.held
        if held < acked:
            return held, held
        return max(sent, held), held

    async def _send_behind(self, sent: int) -> int:
        entries = await self._outbox.unacknowledged(sent, BATCH)
        if not entries:
            return self._outbox.tip.seq
        for batch in frame.batches(_signed(e) for e in entries):
            await self._link.publish(self._topic, frame.pack(batch))
        return entries[-1].seq

    async def _something_new(self, unacknowledged: bool) -> bool:
        """Wait for an entry or an acknowledgement; False if it is time to resend."""
        patience = self._resend_after if unacknowledged else None
        try:
            async with asyncio.timeout(patience):
                await self._until_more_or_lost()
        except TimeoutError:
            return False
        return True

    async def _until_more_or_lost(self) -> None:
        more = asyncio.ensure_future(self._outbox.wait_for_more())
        lost = asyncio.ensure_future(self._lost())
        try:
            await asyncio.wait((more, lost), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in (more, lost):
                waiting.cancel()
            await asyncio.gather(more, lost, return_exceptions=True)

    async def _lost(self) -> None:
        async for connected in self._link.changes():
            if not connected:
                return

    async def _hear_controller(self) -> None:
        """A retained acknowledgement arrives at once, if there is one at all."""
        try:
            async with asyncio.timeout(GRACE):
                while self._outbox.unconfirmed:
                    await self._outbox.wait_for_more()
        except TimeoutError:
            return


def _signed(entry: Entry) -> Signed:
    return Signed(entry.body, entry.signature)
