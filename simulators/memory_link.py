"""A broker made of memory, and links to it, for the virtual clock.

Behaves as the real ones do, and is held to the same suite: retained messages,
persistent sessions that outlive a kill, redelivery of what was not done, last wills,
a user's rights, and forbidden publications that are acknowledged and dropped.
Deterministic: everything happens on the running loop, in order, after `delay` of the
loop's own time.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from domain.errors import LinkDown, SubscriptionRefused
from wire.broker_config import User
from wire.link import Backoff, LinkState, Message, Will, demand_size
from wire.watched_state import WatchedState

# Messages under way to one client without its acknowledgement, as at the real broker.
_IN_FLIGHT: Final = 100


@dataclass(slots=True)
class _Stored:
    topic: str
    payload: bytes
    retained: bool


@dataclass(slots=True)
class _Session:
    """What the broker keeps for one client id, connected or not."""

    filters: dict[str, None] = field(default_factory=dict)
    waiting: dict[int, _Stored] = field(default_factory=dict)  # oldest first
    under_way: set[int] = field(default_factory=set)  # sent on this connection
    link: "MemoryLink | None" = None


class MemoryBroker:
    """`delay`: seconds of loop time that every packet takes."""

    def __init__(self, users: Iterable[User], *, delay: float = 0.0) -> None:
        self.delay = delay
        self._users = {user.name: user for user in users}
        self._sessions: dict[tuple[str, str], _Session] = {}
        self._retained: dict[str, bytes] = {}
        self._cut: set[str] = set()
        self._alive = True
        self._numbers = itertools.count()

    def link(
        self,
        user: str,
        *,
        client_id: str,
        will: Will | None = None,
        backoff: Backoff | None = None,
    ) -> "MemoryLink":
        return MemoryLink(
            self,
            user,
            client_id=client_id,
            will=will,
            backoff=backoff or Backoff(lambda: 0.0),
        )

    def cut(self, client_id: str) -> None:
        """One client's network is gone; the broker publishes its last will."""
        self._cut.add(client_id)
        self.lose(client_id)

    def lose(self, client_id: str) -> None:
        """One client's connection breaks without a goodbye; it may come back."""
        for (_, name), session in list(self._sessions.items()):
            if name == client_id and session.link is not None:
                self._drop(session, "the network is cut")

    def restore(self, client_id: str) -> None:
        self._cut.discard(client_id)

    def kill(self) -> None:
        """The broker dies; sessions and retained messages are on its disk."""
        self._alive = False
        for session in self._sessions.values():
            link, session.link = session.link, None
            session.under_way.clear()
            if link is not None:
                link.lose("the broker is gone")

    def start(self) -> None:
        self._alive = True

    def withdraw(self, user: str) -> None:
        """Forget a user: it is disconnected and not let in again."""
        self._users.pop(user, None)
        for (name, _), session in list(self._sessions.items()):
            if name == user and session.link is not None:
                self._drop(session, "the certificate was withdrawn")

    # --- what a link asks ---------------------------------------------------------

    def accept(self, link: "MemoryLink", filters: Sequence[str]) -> None:
        """Let a link in and renew its filters.

        Raises:
            LinkDown: dead, cut, or nobody we know.
            SubscriptionRefused: a filter is forbidden.
        """
        if not self._alive:
            raise LinkDown("the broker is gone")
        if link.client_id in self._cut:
            raise LinkDown("the network is cut")
        if link.user not in self._users:
            raise LinkDown("the broker does not know this client")
        for filter_ in filters:
            self._demand_right(link.user, filter_)
        # A session belongs to user and client id: a client that takes another's id
        # gets a session of its own.
        session = self._sessions.setdefault((link.user, link.client_id), _Session())
        if session.link is not None:
            self._drop(session, "taken over by another connection")
        session.link = link
        session.under_way.clear()
        for filter_ in filters:
            self._add_filter(session, filter_)
        self._send(session)

    def leave(self, link: "MemoryLink") -> None:
        """A proper goodbye: no last will."""
        session = self._session(link)
        if session is not None:
            session.link = None
            session.under_way.clear()

    def subscribe(self, link: "MemoryLink", filter_: str) -> None:
        self._demand_right(link.user, filter_)
        session = self._session(link)
        if session is not None:
            self._add_filter(session, filter_)
            self._send(session)

    def publish(self, user: str, topic: str, payload: bytes, *, retain: bool) -> None:
        """Deliver what `user` may say; drop the rest without a word, as brokers do."""
        if not any(matches(f, topic) for f in self._users[user].publish):
            return
        if retain and payload:
            self._retained[topic] = payload
        elif retain:
            self._retained.pop(topic, None)
        for session in self._sessions.values():
            if any(matches(f, topic) for f in session.filters):
                number = next(self._numbers)
                session.waiting[number] = _Stored(topic, payload, retained=False)
                self._send(session)

    def acknowledge(self, link: "MemoryLink", number: int) -> None:
        session = self._session(link)
        if session is not None and number in session.under_way:
            session.under_way.discard(number)
            session.waiting.pop(number, None)
            self._send(session)

    def _session(self, link: "MemoryLink") -> _Session | None:
        session = self._sessions.get((link.user, link.client_id))
        return session if session is not None and session.link is link else None

    def _demand_right(self, user: str, filter_: str) -> None:
        if not any(_covers(f, filter_) for f in self._users[user].subscribe):
            raise SubscriptionRefused(f"the broker forbids to listen to `{filter_}`")

    def _add_filter(self, session: _Session, filter_: str) -> None:
        session.filters[filter_] = None
        for topic, payload in self._retained.items():
            if matches(filter_, topic):
                number = next(self._numbers)
                session.waiting[number] = _Stored(topic, payload, retained=True)

    def _send(self, session: _Session) -> None:
        if session.link is None:
            return
        for number, stored in session.waiting.items():
            if len(session.under_way) >= _IN_FLIGHT:
                return
            if number not in session.under_way:
                session.under_way.add(number)
                session.link.deliver(
                    number, stored.topic, stored.payload, retained=stored.retained
                )

    def _drop(self, session: _Session, problem: str) -> None:
        link, session.link = session.link, None
        session.under_way.clear()
        if link is None:
            return
        link.lose(problem)
        if link.will is not None and link.user in self._users:
            self.publish(link.user, link.will.topic, link.will.payload, retain=True)


class MemoryLink:
    """Behaves as `wire.link.Link`."""

    def __init__(
        self,
        broker: MemoryBroker,
        user: str,
        *,
        client_id: str,
        will: Will | None,
        backoff: Backoff,
    ) -> None:
        self.user = user
        self.client_id = client_id
        self.will = will
        self._broker = broker
        self._backoff = backoff
        self._filters: dict[str, None] = {}
        self._state = WatchedState()
        self._queue: asyncio.Queue[Message] = asyncio.Queue()
        self._lost: asyncio.Future[str] | None = None

    @property
    def state(self) -> LinkState:
        return self._state.now

    @property
    def connected(self) -> bool:
        return self._state.now.connected

    def changes(self) -> AsyncIterator[bool]:
        return self._state.changes()

    async def wait_connected(self) -> None:
        await self._state.wait_connected()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                self._lost = loop.create_future()
                await asyncio.sleep(self._broker.delay)
                try:
                    self._broker.accept(self, tuple(self._filters))
                except (LinkDown, SubscriptionRefused) as error:
                    self._state.failed(str(error))
                else:
                    self._state.connected()
                    await self._lost
                    self._backoff.reset()
                await asyncio.sleep(self._backoff.next())
        finally:
            self._broker.leave(self)
            self._empty()
            self._state.stopped()

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False
    ) -> None:
        demand_size(payload)
        lost = self._demand_connection()
        await asyncio.sleep(self._broker.delay)
        if lost.done():
            raise LinkDown(lost.result())
        self._broker.publish(self.user, topic, payload, retain=retain)

    async def subscribe(self, filter_: str) -> None:
        self._filters[filter_] = None
        if not self.connected:
            return
        lost = self._demand_connection()
        await asyncio.sleep(self._broker.delay)
        if lost.done():
            return
        try:
            self._broker.subscribe(self, filter_)
        except SubscriptionRefused:
            self._filters.pop(filter_, None)
            raise

    async def messages(self) -> AsyncIterator[Message]:
        while True:
            yield await self._queue.get()

    # --- what the broker tells ----------------------------------------------------

    def deliver(
        self, number: int, topic: str, payload: bytes, *, retained: bool
    ) -> None:
        lost = self._lost
        acknowledge = partial(self._acknowledge, lost, number)
        message = Message(topic, payload, retained, acknowledge)
        if not self._broker.delay:
            self._queue.put_nowait(message)
            return
        loop = asyncio.get_running_loop()
        loop.call_later(self._broker.delay, self._arrive, lost, message)

    def lose(self, problem: str) -> None:
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(problem)
        self._empty()
        self._state.failed(problem)

    def _arrive(self, connection: asyncio.Future[str] | None, message: Message) -> None:
        if connection is self._lost and self.connected:
            self._queue.put_nowait(message)

    def _acknowledge(self, connection: asyncio.Future[str] | None, number: int) -> None:
        if connection is self._lost:
            self._broker.acknowledge(self, number)

    def _empty(self) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()

    def _demand_connection(self) -> asyncio.Future[str]:
        if not self.connected or self._lost is None:
            raise LinkDown(self.state.problem or "not connected yet")
        return self._lost


def matches(filter_: str, topic: str) -> bool:
    """Whether an MQTT filter takes in a topic (MQTT 3.1.1, 4.7)."""
    wanted, levels = filter_.split("/"), topic.split("/")
    if wanted[-1] == "#":
        wanted = wanted[:-1]
        levels = levels[: len(wanted)]
    return len(wanted) == len(levels) and all(
        w in ("+", level) for w, level in zip(wanted, levels, strict=True)
    )


def _covers(allowed: str, asked: str) -> bool:
    """Whether every topic that `asked` takes in, `allowed` does too."""
    return "#" not in asked and matches(allowed, asked)
