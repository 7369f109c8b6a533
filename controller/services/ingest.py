"""Take what doors report into the log: verify, order, dedupe, commit, then acknowledge.

Everything that waits is committed in one transaction (one flush of the disk for all);
then each door concerned gets its acknowledgement, and only then is the broker told
that the message is done. So a crash at any moment loses nothing: what was not
committed comes again from the broker or from the door, what was committed is
recognised when it comes again.

A message that cannot be taken is put aside and never comes back: first each message of
a failed batch is tried alone, then without looking at what it means, at last its bytes
are quarantined whole. A database that fails is another matter: then nothing is done,
and the same is tried again until it works.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection

from config.schema import Site
from controller.services import gaps
from controller.services.alarm import raised
from controller.services.chain import Placement, place
from controller.services.post import Post
from controller.services.projections import project
from controller.services.reading import Reader, Reading, Sound, Unreadable, sound
from controller.services.recorder import Recorder
from controller.store import envelopes
from controller.store.database import Database
from controller.store.envelopes import Stored
from domain.alarm_events import AlarmCode
from domain.clock import Clock
from domain.errors import LinkDown, StorageError, ValueUnstorable
from domain.events import Event
from domain.ids import DoorId, ZoneId
from domain.journal import EMPTY, Tip
from wire.envelope import decode
from wire.link import Backoff, Message

log = logging.getLogger(__name__)

# Bytes of messages in one transaction: some ten thousand entries.
_BATCH_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one transaction brought."""

    entries: tuple[Stored, ...]
    tips: Mapping[DoorId, Tip]  # of every door that sent something
    zones: frozenset[ZoneId]  # whose occupancy changed
    gaps: bool  # something waits for entries that are missing


@dataclass(slots=True)
class _Work:
    """What is gathered while one batch is being placed."""

    at: datetime
    meaning: bool  # whether to look at what entries mean
    tips: dict[DoorId, Tip] = field(default_factory=dict)
    sounds: list[Sound] = field(default_factory=list)
    alarms: list[Event] = field(default_factory=list)
    gaps: bool = False


class Ingest:
    """`heard` is called on the loop after each commit."""

    def __init__(
        self,
        site: Site,
        *,
        reader: Reader,
        database: Database,
        recorder: Recorder,
        post: Post,
        clock: Clock,
        backoff: Backoff,
        heard: Callable[[Taken], None],
    ) -> None:
        self._site = site
        self._reader = reader
        self._database = database
        self._recorder = recorder
        self._post = post
        self._clock = clock
        self._backoff = backoff
        self._heard = heard

    async def take(self, messages: Sequence[Message]) -> None:
        """Take all of `messages`; when this returns, each is done with."""
        for batch in _batches(messages):
            while True:
                try:
                    await self._take_batch(batch)
                except StorageError as error:
                    log.error("ingest.storage", extra={"problem": str(error)})
                    await asyncio.sleep(self._backoff.next())
                else:
                    self._backoff.reset()
                    break

    async def acknowledge(self, doors: Iterable[DoorId]) -> None:
        """Tell `doors` how far the log holds their journals."""
        wanted = tuple(doors)
        try:
            tips = await self._database.read(
                lambda c: {door: envelopes.tip(c, door) for door in wanted}
            )
        except StorageError as error:
            log.warning("ingest.ack_unread", extra={"problem": str(error)})
            return
        await self._acknowledge(tips)

    async def _take_batch(self, messages: Sequence[Message]) -> None:
        """Raises StorageError while the database fails; then nothing has happened."""
        try:
            await self._commit(messages, meaning=True)
        except ValueUnstorable as error:
            await self._take_apart(messages, error)
        except StorageError:
            raise
        except Exception as error:  # marked boundary: a poison message must not loop
            await self._take_apart(messages, error)

    async def _take_apart(self, messages: Sequence[Message], error: Exception) -> None:
        if len(messages) > 1:
            for message in messages:
                await self._take_batch([message])
            return
        kind = type(error).__name__
        log.error("ingest.poison", extra={"topic": messages[0].topic, "kind": kind})
        try:
            await self._commit(messages, meaning=False)
        except ValueUnstorable:
            await self._database.write(partial(self._put_aside, messages[0], kind))
            await messages[0].done()

    async def _commit(self, messages: Sequence[Message], *, meaning: bool) -> None:
        readings = await asyncio.to_thread(self._read, messages)
        store = partial(self._store, readings, meaning=meaning)
        taken = await self._database.write(store)
        self._heard(taken)
        await self._acknowledge(taken.tips)
        for message in messages:
            await message.done()

    async def _acknowledge(self, tips: Mapping[DoorId, Tip]) -> None:
        """A door that misses this sends again, and is answered again."""
        try:
            for door, tip in tips.items():
                if tip != EMPTY:
                    await self._post.ack(door, tip)
        except LinkDown as error:
            log.info("ingest.ack_unsent", extra={"problem": str(error)})

    # --- in a thread ---

    def _read(self, messages: Sequence[Message]) -> list[Reading]:
        return [
            reading
            for message in messages
            for reading in self._reader.read(message.topic, message.payload)
        ]

    def _store(
        self, readings: Iterable[Reading], connection: Connection, *, meaning: bool
    ) -> Taken:
        work = _Work(self._clock.now(), meaning)
        by_door: defaultdict[DoorId, list[Sound]] = defaultdict(list)
        for reading in readings:
            if isinstance(reading, Sound):
                by_door[reading.door].append(reading)
            else:
                self._quarantine(connection, work, reading)
        for door, arrivals in by_door.items():
            self._place(connection, work, door, arrivals)
        entries = self._append(connection, work)
        touched = project(connection, entries)
        entries += self._recorder.record(connection, work.alarms)
        return Taken(
            entries=tuple(entries), tips=work.tips, zones=touched.zones, gaps=work.gaps
        )

    def _place(
        self,
        connection: Connection,
        work: _Work,
        door: DoorId,
        arrivals: Sequence[Sound],
    ) -> None:
        tip = envelopes.tip(connection, door)
        held = envelopes.digests(
            connection, door, (a.seq for a in arrivals if a.seq <= tip.seq)
        )
        waiting = {
            seq: sound(decode(signed.signed), signed)
            for seq, signed in envelopes.waiting(connection, door).items()
        }
        placement = place(tip, arrivals, held=held, waiting=waiting)
        work.tips[door] = placement.tip
        work.sounds += placement.appended
        envelopes.stop_waiting(connection, door, placement.moved)
        envelopes.keep_waiting(
            connection,
            door,
            {seq: each.signed for seq, each in placement.waits.items()},
            work.at,
        )
        for fork in placement.forks:
            self._put_fork_aside(connection, work, fork)
        left = _left_waiting(placement, waiting)
        work.gaps |= bool(left)
        work.alarms += gaps.note(
            connection,
            self._site,
            door,
            tip=placement.tip,
            waiting=left,
            at=work.at,
        )

    def _append(self, connection: Connection, work: _Work) -> list[Stored]:
        position = envelopes.last_position(connection)
        entries = []
        for each in work.sounds:
            position += 1
            if each.problem is not None:
                self._quarantine_meaning(connection, work, each, each.problem)
            elif not work.meaning:
                self._quarantine_meaning(connection, work, each, "its content failed")
            entries.append(
                Stored(
                    position=position,
                    door=each.door,
                    seq=each.seq,
                    type=each.type,
                    at=each.at,
                    received_at=work.at,
                    signed=each.signed,
                    event=each.event if work.meaning else None,
                )
            )
        envelopes.append(connection, entries)
        return entries

    # --- what is put aside ---

    def _quarantine(
        self, connection: Connection, work: _Work, what: Unreadable
    ) -> None:
        fresh = envelopes.quarantine(
            connection,
            what.raw,
            topic=what.topic,
            door=what.door,
            seq=None,
            reason=what.reason,
            at=work.at,
        )
        if fresh and what.door in self._site.doors:
            work.alarms.append(
                self._alarm(work, what.door, AlarmCode.MESSAGE_QUARANTINED, what.reason)
            )

    def _quarantine_meaning(
        self, connection: Connection, work: _Work, each: Sound, reason: str
    ) -> None:
        """Its place in the chain it has; what it means waits for a later version."""
        fresh = envelopes.quarantine(
            connection,
            each.signed.signature + each.signed.signed,
            topic="",
            door=each.door,
            seq=each.seq,
            reason=reason,
            at=work.at,
        )
        if fresh:
            detail = f"entry {each.seq}: {reason}"
            work.alarms.append(
                self._alarm(work, each.door, AlarmCode.MESSAGE_QUARANTINED, detail)
            )

    def _put_fork_aside(self, connection: Connection, work: _Work, fork: Sound) -> None:
        fresh = envelopes.quarantine(
            connection,
            fork.signed.signature + fork.signed.signed,
            topic="",
            door=fork.door,
            seq=fork.seq,
            reason="it names another past than the log holds",
            at=work.at,
        )
        if fresh:
            detail = f"entry {fork.seq} differs from what the log holds"
            work.alarms.append(
                self._alarm(work, fork.door, AlarmCode.JOURNAL_FORKED, detail)
            )

    def _put_aside(self, message: Message, kind: str, connection: Connection) -> None:
        envelopes.quarantine(
            connection,
            message.payload,
            topic=message.topic[:200],
            door=None,
            seq=None,
            reason=f"internal: {kind}",
            at=self._clock.now(),
        )

    def _alarm(
        self, work: _Work, door: DoorId | None, code: AlarmCode, detail: str
    ) -> Event:
        return raised(self._site, door, code, at=work.at, detail=detail)


def _left_waiting(placement: Placement, waiting: Mapping[int, Sound]) -> frozenset[int]:
    return frozenset({*waiting, *placement.waits}) - placement.moved


def _batches(messages: Sequence[Message]) -> Iterable[Sequence[Message]]:
    batch: list[Message] = []
    size = 0
    for message in messages:
        if batch and size + len(message.payload) > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += len(message.payload)
    if batch:
        yield batch
