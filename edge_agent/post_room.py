"""What the controller sends to one door, opened, checked and handed on.

A message is `done` once it was dealt with or put where it will be: what was not comes
again. Whoever is not the controller is not believed; a command that can't be read is
still recorded.
"""

import logging
from collections.abc import Callable

from domain.clock import Clock
from domain.commands import Command, CommandRefusal
from domain.errors import (
    LinkDown,
    MessageMalformed,
    PeerError,
    SignatureInvalid,
    StorageError,
    UnknownMessageType,
)
from domain.journal import Tip
from edge_agent import status
from edge_agent.inputs import (
    CommandArrived,
    Input,
    JournalForked,
    LinkChanged,
    PresenceReported,
)
from edge_agent.outbox import Acknowledged, Outbox
from edge_agent.rosters import RosterDesk
from wire import frame, json_v1, presence, topics
from wire.keys import DoorKeys
from wire.link import Link, Message
from wire.messages import Ack

log = logging.getLogger(__name__)


class PostRoom:
    def __init__(
        self,
        link: Link,
        keys: DoorKeys,
        outbox: Outbox,
        rosters: RosterDesk,
        put: Callable[[Input], None],
    ) -> None:
        self._link = link
        self._keys = keys
        self._outbox = outbox
        self._rosters = rosters
        self._put = put

    async def subscribe(self) -> None:
        """Before the link runs: it renews these at every connection."""
        site, door = self._keys.site, self._keys.door
        for filter_ in (
            topics.ack(site, door),
            topics.commands(site, door),
            topics.presence(site, door),
            topics.roster_filter(site, door),
        ):
            await self._link.subscribe(filter_)

    async def run(self) -> None:
        async for message in self._link.messages():
            try:
                await self._open(message)
            except PeerError as error:
                log.warning(error.code, extra={"topic": message.topic})
            except StorageError as error:
                log.error(error.code, extra={"topic": message.topic})
                continue  # not done: it comes again
            await message.done()

    async def _open(self, message: Message) -> None:
        topic = topics.parse(message.topic)
        if (topic.site, topic.door) != (self._keys.site, self._keys.door):
            raise MessageMalformed(f"topic `{message.topic}` is another door's")
        match topic.kind:
            case topics.Kind.ACK:
                await self._acknowledge(message.payload)
            case topics.Kind.COMMANDS:
                self._put(self._command(message))
            case topics.Kind.ROSTER:
                await self._rosters.take(topic.part or "", message.payload)
            case topics.Kind.PRESENCE:
                snapshot = presence.unpack(
                    message.payload,
                    controller=self._keys.controller,
                    site=self._keys.site,
                    door=self._keys.door,
                )
                self._put(PresenceReported(snapshot))
            case topics.Kind.EVENTS | topics.Kind.STATUS:
                raise MessageMalformed(f"topic `{message.topic}` is not for a door")

    async def _acknowledge(self, payload: bytes) -> None:
        ack = json_v1.from_bytes(Ack, self._signed(payload))
        if (ack.site, ack.door) != (self._keys.site, self._keys.door):
            raise MessageMalformed("acknowledgement: meant for another door")
        answer = await self._outbox.acknowledge(Tip(ack.seq, ack.digest))
        if answer is Acknowledged.FORKED:
            self._put(JournalForked(ack.seq))

    def _command(self, message: Message) -> CommandArrived:
        retained = message.retained
        try:
            command = json_v1.from_bytes(Command, self._signed(message.payload))
        except SignatureInvalid:
            return CommandArrived(None, retained, CommandRefusal.UNSIGNED)
        except (MessageMalformed, UnknownMessageType):
            return CommandArrived(None, retained, CommandRefusal.MALFORMED)
        return CommandArrived(command, retained)

    def _signed(self, payload: bytes) -> bytes:
        """The one document in `payload`, if the controller signed it."""
        documents = frame.unpack(payload)
        if len(documents) != 1:
            raise MessageMalformed("not one document")
        documents[0].verify(self._keys.controller)
        return documents[0].signed


class StatusTeller:
    """Says at every connection that the door is there; `put` hears of the link."""

    def __init__(
        self,
        link: Link,
        keys: DoorKeys,
        clock: Clock,
        put: Callable[[Input], None],
        *,
        session: str,
    ) -> None:
        self._link = link
        self._topic = topics.status(keys.site, keys.door)
        self._clock = clock
        self._put = put
        self._session = session

    async def run(self) -> None:
        async for connected in self._link.changes():
            self._put(LinkChanged(connected))
            if connected:
                await self._say(status.online)

    async def say_goodbye(self) -> None:
        await self._say(status.offline)

    async def _say(self, what: "Callable[..., bytes]") -> None:
        payload = what(at=self._clock.now(), session=self._session)
        try:
            await self._link.publish(self._topic, payload, retain=True)
        except LinkDown:
            return  # the will, or the next connection, says it
