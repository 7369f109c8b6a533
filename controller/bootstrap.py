"""The office, built and wired: the only file that knows all of its parts.

link -> inbox -> ingest -> log, projections -> whoever listens
              -> watch                      -> issuer, presence -> link
acts (grant, revoke, command …) -> register, log -> issuer, link
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from random import Random
from typing import Any, Final

from config.notify import Recipient
from config.schema import GrantSpec, PersonSpec, Site
from controller.services import command as commands
from controller.services import (
    enrol,
    event_filter,
    grant,
    people,
    revoke,
    rows,
    watchboard,
)
from controller.services import why as explain
from controller.services.alarm_calls import AlarmCalls
from controller.services.badges import Badges
from controller.services.board import Board, EventRow
from controller.services.event_filter import EventFilter
from controller.services.ingest import Ingest, Taken
from controller.services.issue import Issuer
from controller.services.notifications import Notifier
from controller.services.office import Acted, Office
from controller.services.operators import Operators
from controller.services.passwords import Passwords
from controller.services.post import Post
from controller.services.presence import PresencePublisher
from controller.services.reading import Reader
from controller.services.recorder import Recorder
from controller.services.review import Reviews
from controller.services.review_watch import ReviewWatch
from controller.services.visit_office import VisitOffice
from controller.services.visit_watch import VisitWatch
from controller.services.watch import Watch
from controller.services.why import Why
from controller.store import envelopes, sendings
from controller.store.database import open_database
from controller.store.envelopes import Stored
from controller.store.sendings import ChangeId, Receipt, StoredCommand
from controller.store.vault import vault_of
from domain.clock import Clock
from domain.commands import Order
from domain.credentials import Credential
from domain.errors import InputError, MessageMalformed, StorageError
from domain.ids import CommandId, DoorId, PersonId, ZoneId
from domain.office_events import CommandSent
from domain.people import PersonState
from wire import topics
from wire.keys import SiteKeys
from wire.link import Backoff, Link, Message
from wire.topics import Kind

log = logging.getLogger(__name__)

# Messages read ahead; delivery at the broker waits for more room.
_INBOX: Final = 256
_ID_BYTES: Final = 8


class Controller:
    """One running office. Built by `build_controller`."""

    def __init__(
        self,
        office: Office,
        *,
        keys: SiteKeys,
        link: Link,
        random: Random,
        watch_every: float | None,
        passwords: Passwords | None = None,
        recipients: Sequence[Recipient] = (),
    ) -> None:
        self.site = office.site
        self.operators = Operators(office, passwords)
        self.visits = VisitOffice(office)
        self.badges = Badges(office)
        self.reviews = Reviews(office)
        self._visit_watch = VisitWatch(office)
        self._alarm_calls = AlarmCalls(office)
        self._review_watch = ReviewWatch(office)
        self._notifier = Notifier(office, recipients) if recipients else None
        self._office = office
        self._database = office.database
        self._link = link
        self._watch_every = watch_every
        self._listeners: list[Callable[[Stored], None]] = []
        self._inbox: asyncio.Queue[Message] = asyncio.Queue(_INBOX)
        self._commands = asyncio.Event()
        # Up to `_seen` listeners heard everything; beyond it, what is in `_told`.
        self._seen = 0
        self._told: set[int] = set()

        self._random = random
        backoff = self._new_backoff
        self._post = Post(site=office.site.id, key=keys.sign, link=link)
        self._issuer = Issuer(
            office, keys=keys, post=self._post, backoff=backoff(), acted=self.acted
        )
        self._presence = PresencePublisher(
            office.site,
            database=office.database,
            post=self._post,
            clock=office.clock,
        )
        self._watch = Watch(
            office,
            link=link,
            backoff=backoff(),
            acted=self.acted,
            came_online=self._came_online,
        )
        self._ingest = Ingest(
            office.site,
            reader=Reader(office.site.id, keys),
            database=office.database,
            recorder=office.recorder,
            post=self._post,
            clock=office.clock,
            backoff=backoff(),
            heard=self._heard,
        )
        self._acks: set[DoorId] = set()
        self._acks_due = asyncio.Event()

    # --- running ---

    async def run(self) -> None:
        """Serve doors until cancelled; then the database is closed.

        Raises:
            StorageError: the database is damaged; nothing was touched.
        """
        try:
            await self._database.check()
            self._seen = await self._database.read(envelopes.last_position)
            for kind in (Kind.EVENTS, Kind.STATUS):
                await self._link.subscribe(topics.every_door(self.site.id, kind))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._link.run())
                tasks.create_task(self._receive())
                tasks.create_task(self._take())
                for part in self._parts():
                    tasks.create_task(self._keep(part))
        finally:
            await self.close()

    async def close(self) -> None:
        """Let go of the database; for a controller that was never run."""
        await self._database.close()

    def listen(self, callback: Callable[[Stored], None]) -> None:
        """Call `callback`, on the loop, for every entry after its commit."""
        self._listeners.append(callback)

    # --- the register ---

    async def seed(
        self,
        people_: Iterable[PersonSpec],
        credentials: Mapping[PersonId, Sequence[Credential]],
        by: str,
    ) -> None:
        """Start the register; whoever it knows already is left alone."""
        await people.seed(self._office, people_, credentials, by=by)

    async def put_person(self, spec: PersonSpec, by: str) -> ChangeId:
        return await people.put_person(self._office, spec, by=by)

    async def grant(self, person: PersonId, spec: GrantSpec, by: str) -> ChangeId:
        return await grant.grant(self._office, person, spec, by=by)

    async def enrol(
        self, person: PersonId, credential: Credential, by: str
    ) -> ChangeId:
        return await enrol.enrol(self._office, person, credential, by=by)

    async def revoke(
        self, person: PersonId, zone: ZoneId | None, reason: str, by: str
    ) -> ChangeId:
        return await revoke.revoke(self._office, person, zone, reason=reason, by=by)

    async def set_state(
        self, person: PersonId, state: PersonState, by: str
    ) -> ChangeId:
        return await revoke.set_state(self._office, person, state, by=by)

    async def leave(self, person: PersonId, by: str) -> ChangeId:
        return await self.set_state(person, PersonState.LEFT, by)

    async def suspend(self, person: PersonId, by: str) -> ChangeId:
        return await self.set_state(person, PersonState.SUSPENDED, by)

    async def reinstate(self, person: PersonId, by: str) -> ChangeId:
        return await self.set_state(person, PersonState.ACTIVE, by)

    async def receipts(self, change: ChangeId) -> Mapping[DoorId, Receipt]:
        """Which doors the change concerns, and which have confirmed it."""
        found = await self._database.read(lambda c: sendings.receipts(c, change))
        return {each.door: each for each in found}

    # --- doors ---

    async def command(self, door: DoorId, order: Order, by: str) -> CommandId:
        """Sent at once if there is a broker, or not at all after 30 s."""
        return await commands.command(self._office, door, order, by=by)

    async def answer(self, command: CommandId) -> StoredCommand | None:
        """The command with the door's answer, if there is one yet."""
        return await self._database.read(lambda c: sendings.command(c, command))

    # --- questions ---

    async def why(self, person: PersonId, door: DoorId, at: datetime) -> Why:
        """Raises InputError: no such person or door."""
        self._office.demand_door(door)
        return await self._database.read(
            lambda c: explain.why(c, self.site, person, door, at=at)
        )

    async def board(self) -> Board:
        at = self._office.clock.now()
        return await self._database.read(
            lambda c: watchboard.board(c, self.site, at=at)
        )

    async def events(self, wanted: EventFilter) -> tuple[EventRow, ...]:
        """The latest events of a kind or a place, latest first."""
        return await self._database.read(
            lambda c: event_filter.latest(c, self.site, wanted, limit=watchboard.EVENTS)
        )

    async def page(
        self,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = 50,
        door: DoorId | None = None,
        person: PersonId | None = None,
    ) -> tuple[EventRow, ...]:
        """A page of the log, latest first; keyset by position."""
        return await self._database.read(
            partial(
                rows.page,
                before=before,
                after=after,
                limit=limit,
                door=door,
                person=person,
            )
        )

    # --- inside ---

    def acted(self, acted: Acted) -> None:
        """An act of the office was committed."""
        self._tell(acted.entries)
        self._issuer.changed(acted.doors)
        if any(isinstance(entry.event, CommandSent) for entry in acted.entries):
            self._commands.set()

    def _heard(self, taken: Taken) -> None:
        """Entries of doors were committed."""
        self._tell(taken.entries)
        self._presence.zones_changed(taken.zones)
        if taken.gaps:
            self._watch.gaps_seen()

    def _tell(self, entries: Sequence[Stored]) -> None:
        for entry in entries:
            if entry.position <= self._seen or entry.position in self._told:
                continue
            self._told.add(entry.position)
            self._visit_watch.heard(entry)
            self._alarm_calls.heard(entry)
            self._review_watch.heard(entry)
            if self._notifier is not None:
                self._notifier.heard(entry)
            for callback in self._listeners:
                callback(entry)
        while self._seen + 1 in self._told:
            self._seen += 1
            self._told.discard(self._seen)

    def _came_online(self, door: DoorId) -> None:
        self._issuer.came_online(door)
        self._presence.came_online(door)
        self._acks.add(door)
        self._acks_due.set()

    def _parts(self) -> Iterable[Callable[[], Coroutine[Any, Any, None]]]:
        yield self._issuer.run
        yield self._watch.run
        yield self._visit_watch.run
        yield self._alarm_calls.run
        yield self._review_watch.run
        if self._notifier is not None:
            yield self._notifier.run
        yield self._presence.run
        yield self._send_commands
        yield self._greet
        if self._watch_every is not None:
            yield partial(self._look_around, self._watch_every)

    def _new_backoff(self) -> Backoff:
        return Backoff(self._random.random)

    async def _keep(self, part: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a part; a database that fails for a while only delays it."""
        backoff = self._new_backoff()
        while True:
            try:
                await part()
            except StorageError as error:
                log.error("controller.storage", extra={"problem": str(error)})
                await asyncio.sleep(backoff.next())

    async def _receive(self) -> None:
        async for message in self._link.messages():
            await self._inbox.put(message)

    async def _take(self) -> None:
        """Everything that waits, together: one flush of the disk for all of it."""
        while True:
            waiting = [await self._inbox.get()]
            with contextlib.suppress(asyncio.QueueEmpty):
                while True:
                    waiting.append(self._inbox.get_nowait())
            statuses = [m for m in waiting if _is_status(m)]
            await self._ingest.take([m for m in waiting if not _is_status(m)])
            for message in statuses:
                await self._watch.take(message)

    async def _send_commands(self) -> None:
        while True:
            await self._link.wait_connected()
            await commands.send(self._office, self._post)
            await self._commands.wait()
            self._commands.clear()

    async def _greet(self) -> None:
        """Tell a door that has just come how far the log holds its journal."""
        while True:
            await self._acks_due.wait()
            self._acks_due.clear()
            doors, self._acks = self._acks, set()
            await self._ingest.acknowledge(doors)

    async def _look_around(self, every: float) -> None:
        """Find what another process (the command line) wrote into the database."""
        while True:
            await asyncio.sleep(every)
            newer = await self._database.read(partial(envelopes.page, after=self._seen))
            if newer:
                self._tell(tuple(reversed(newer)))
                self._issuer.changed(await self._database.read(sendings.doors_awaiting))
                self._commands.set()


def _is_status(message: Message) -> bool:
    try:
        return topics.parse(message.topic).kind is Kind.STATUS
    except MessageMalformed:
        return False


async def build_controller(
    site: Site,
    *,
    keys: SiteKeys,
    database: str,
    link: Link,
    clock: Clock,
    random: Random,
    new_id: Callable[[], str] | None = None,
    watch_every: float | None = None,
    passwords: Passwords | None = None,
    recipients: Sequence[Recipient] = (),
) -> Controller:
    """The office of `site`, its database up to date; `run` it next.

    `random` makes nonces, ephemeral keys and ids: `random.SystemRandom()` but for
    stories. `watch_every`: seconds between two looks for what other processes wrote.
    `recipients`: whom alarms are told outside (`config.notify`).

    Raises:
        InputError: the keys are another site's, or `database` is no URL.
        StorageError: the database cannot be used.
    """
    if keys.site != site.id:
        raise InputError(f"the keys are those of site `{keys.site}`, not `{site.id}`")
    controller: Controller
    office = Office(
        site=site,
        database=await open_database(database),
        recorder=Recorder(key=keys.sign, clock=clock),
        vault=vault_of(keys, random.randbytes),
        badge_key=keys.digest,
        clock=clock,
        new_id=new_id or (lambda: random.randbytes(_ID_BYTES).hex()),
        acted=lambda acted: controller.acted(acted),
    )
    controller = Controller(
        office,
        keys=keys,
        link=link,
        random=random,
        watch_every=watch_every,
        passwords=passwords,
        recipients=recipients,
    )
    return controller
