"""What every link to a broker promises. Run on memory, NATS and Mosquitto.

Nothing here waits for a while to see that nothing happens: after what must not
arrive, something is sent that must, and the first thing to arrive has to be that.

Order is promised while a connection lasts. What was under way when one ended may
come again behind newer messages: the NATS server sends it by a timer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import pytest

from domain.errors import CallerError, LinkDown, SubscriptionRefused
from domain.ids import DoorId, SiteId
from wire import topics
from wire.link import MAX_PAYLOAD, Link, Message, Will
from wire.topics import Kind

SITE = SiteId("factory")
LAB, STORE = DoorId("lab"), DoorId("store")
EVENTS = topics.every_door(SITE, Kind.EVENTS)
STATUSES = topics.every_door(SITE, Kind.STATUS)
WITHIN = 20.0  # seconds; all of it takes milliseconds on an idle machine


class LinkSite(Protocol):
    """A broker with the doors `lab` and `store` and the controller as users."""

    refuses_subscriptions: bool  # Mosquitto grants them and delivers nothing
    attempts: asyncio.Semaphore  # released whenever some link backs off

    def link(self, name: str, *, will: Will | None = None, of: str = "") -> Link:
        """A new link with the certificate of `name` and the client id of `of`."""

    def cut(self, name: str) -> None: ...
    def restore(self, name: str) -> None: ...
    async def kill(self) -> None: ...
    async def start(self) -> None: ...


@asynccontextmanager
async def running(link: Link) -> AsyncIterator[Link]:
    """`link`, connected; leaves properly at the end."""
    task = asyncio.create_task(link.run())
    try:
        async with asyncio.timeout(WITHIN):
            await link.wait_connected()
        yield link
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def take(inbox: AsyncIterator[Message]) -> Message:
    async with asyncio.timeout(WITHIN):
        return await anext(inbox)


async def take_done(inbox: AsyncIterator[Message]) -> Message:
    message = await take(inbox)
    await message.done()
    return message


async def take_all(inbox: AsyncIterator[Message], wanted: set[bytes]) -> None:
    """Until every payload in `wanted` has arrived, in any order."""
    missing = set(wanted)
    while missing:
        missing.discard((await take_done(inbox)).payload)


async def until(link: Link, *, connected: bool) -> None:
    async with asyncio.timeout(WITHIN):
        async for now in link.changes():
            if now is connected:
                return


class LinkContract:
    async def test_what_a_door_says_reaches_the_controller(
        self, site: LinkSite
    ) -> None:
        office, door = site.link("controller"), site.link("lab")
        await office.subscribe(EVENTS)
        async with running(office), running(door):
            await door.publish(topics.events(SITE, LAB), b"\x00\xff open")
            message = await take_done(office.messages())

        assert message.topic == topics.events(SITE, LAB)
        assert message.payload == b"\x00\xff open"
        assert not message.retained

    async def test_messages_arrive_in_order_however_slow_the_consumer(
        self, site: LinkSite
    ) -> None:
        sent = [str(n).encode() for n in range(600)]
        office, door = site.link("controller"), site.link("lab")
        await office.subscribe(EVENTS)
        async with running(office), running(door):
            async with asyncio.timeout(WITHIN), asyncio.TaskGroup() as group:
                for payload in sent:
                    group.create_task(door.publish(topics.events(SITE, LAB), payload))
            inbox = office.messages()
            received = [(await take_done(inbox)).payload for _ in sent]

        assert received == sent

    async def test_the_largest_payload_passes(self, site: LinkSite) -> None:
        payload = bytes(range(256)) * 1024
        office, door = site.link("controller"), site.link("lab")
        await door.subscribe(topics.roster_filter(SITE, LAB))
        async with running(office), running(door):
            await office.publish(topics.roster(SITE, LAB, 0), payload, retain=True)
            message = await take_done(door.messages())

        assert message.payload == payload

    async def test_a_door_cannot_speak_for_another(self, site: LinkSite) -> None:
        office, door = site.link("controller"), site.link("lab")
        await office.subscribe(EVENTS)
        await office.subscribe(STATUSES)
        async with running(office), running(door):
            for stolen in (
                topics.events(SITE, STORE),
                topics.status(SITE, STORE),
                topics.events(SiteId("other"), LAB),
            ):
                await door.publish(stolen, b"stolen")
            await door.publish(topics.events(SITE, LAB), b"own")
            message = await take_done(office.messages())

        assert (message.topic, message.payload) == (topics.events(SITE, LAB), b"own")

    async def test_a_door_cannot_speak_for_the_controller(self, site: LinkSite) -> None:
        office, door, other = (site.link(n) for n in ("controller", "lab", "store"))
        await other.subscribe(topics.commands(SITE, STORE))
        await other.subscribe(topics.ack(SITE, STORE))
        async with running(office), running(door), running(other):
            await door.publish(topics.commands(SITE, STORE), b"stolen")
            await door.publish(topics.ack(SITE, STORE), b"stolen")
            await office.publish(topics.commands(SITE, STORE), b"genuine")
            message = await take_done(other.messages())

        assert message.payload == b"genuine"

    @pytest.mark.parametrize(
        "stolen",
        [
            topics.commands(SITE, STORE),
            topics.roster_filter(SITE, STORE),
            topics.every_door(SITE, Kind.COMMANDS),
            topics.events(SITE, STORE),
            "menshen/v1/#",
            "#",
        ],
    )
    async def test_a_door_cannot_listen_for_another(
        self, site: LinkSite, stolen: str
    ) -> None:
        office, door, other = (site.link(n) for n in ("controller", "lab", "store"))
        await office.subscribe(EVENTS)
        await door.subscribe(topics.ack(SITE, LAB))
        async with running(office), running(door), running(other):
            if site.refuses_subscriptions:
                with pytest.raises(SubscriptionRefused, match="forbids"):
                    await door.subscribe(stolen)
            else:
                await door.subscribe(stolen)
            await other.publish(topics.events(SITE, STORE), b"secret")
            await office.publish(topics.commands(SITE, STORE), b"secret")
            part = topics.roster(SITE, STORE, 0)
            await office.publish(part, b"secret", retain=True)
            await office.publish(topics.ack(SITE, LAB), b"own")
            message = await take_done(door.messages())

        assert message.payload == b"own"

    async def test_a_door_with_anothers_client_id_hears_nothing_of_it(
        self, site: LinkSite
    ) -> None:
        office, other = site.link("controller"), site.link("store")
        await other.subscribe(topics.commands(SITE, STORE))
        async with running(office):
            async with running(other):
                pass
            await office.publish(topics.commands(SITE, STORE), b"secret")
            thief = site.link("lab", of="store")
            await thief.subscribe(topics.commands(SITE, LAB))
            async with running(thief):
                await office.publish(topics.commands(SITE, STORE), b"secret")
                await office.publish(topics.commands(SITE, LAB), b"own")
                message = await take_done(thief.messages())

        assert message.payload == b"own"

    async def test_a_retained_roster_is_there_for_whoever_comes_later(
        self, site: LinkSite
    ) -> None:
        office = site.link("controller")
        async with running(office):
            part = topics.roster(SITE, LAB, topics.MANIFEST)
            await office.publish(part, b"old", retain=True)
            await office.publish(part, b"new", retain=True)
            door = site.link("lab")
            await door.subscribe(topics.roster_filter(SITE, LAB))
            async with running(door):
                lying = await take_done(door.messages())
                await office.publish(part, b"live", retain=True)
                live = await take_done(door.messages())

        assert (lying.payload, lying.retained) == (b"new", True)
        assert (live.payload, live.retained) == (b"live", False)

    async def test_what_was_not_done_comes_again_after_a_reconnect(
        self, site: LinkSite
    ) -> None:
        office, door = site.link("controller"), site.link("lab")
        await office.subscribe(EVENTS)
        async with running(office), running(door):
            for payload in (b"done", b"undone", b"unseen"):
                await door.publish(topics.events(SITE, LAB), payload)
            inbox = office.messages()
            first, second = await take_done(inbox), await take(inbox)
            # The acknowledgement of `first` has left when this one is answered.
            await office.publish(topics.ack(SITE, LAB), b"")
            site.cut("controller")
            await until(office, connected=False)
            site.restore("controller")
            again = {(await take_done(inbox)).payload for _ in range(2)}

        assert (first.payload, second.payload) == (b"done", b"undone")
        assert again == {b"undone", b"unseen"}

    async def test_a_session_collects_while_its_client_is_away(
        self, site: LinkSite
    ) -> None:
        office, door = site.link("controller"), site.link("lab")
        await office.subscribe(EVENTS)
        async with running(door):
            async with running(office):
                pass
            for n in range(50):
                await door.publish(topics.events(SITE, LAB), b"%d" % n)
            again = site.link("controller")
            await again.subscribe(EVENTS)
            async with running(again):
                await take_all(again.messages(), {b"%d" % n for n in range(50)})

    async def test_sessions_and_retained_messages_survive_kill_9_of_the_broker(
        self, site: LinkSite
    ) -> None:
        office, door = site.link("controller"), site.link("lab")
        await office.subscribe(EVENTS)
        async with running(office):
            part = topics.roster(SITE, LAB, topics.MANIFEST)
            await office.publish(part, b"roster", retain=True)
        async with running(door):
            for n in range(50):
                await door.publish(topics.events(SITE, LAB), b"%d" % n)
            # Mosquitto writes its store down after having acknowledged: the very
            # last message may be lost, so this one is sent to be the last.
            await door.publish(topics.events(SITE, LAB), b"last")
            await site.kill()
            await until(door, connected=False)
            await site.start()
            await until(door, connected=True)
            await door.subscribe(topics.roster_filter(SITE, LAB))
            roster = await take_done(door.messages())
            again = site.link("controller")
            await again.subscribe(EVENTS)
            async with running(again):
                await take_all(again.messages(), {b"%d" % n for n in range(50)})

        assert (roster.payload, roster.retained) == (b"roster", True)

    async def test_a_last_will_tells_of_an_abrupt_death(self, site: LinkSite) -> None:
        will = Will(topics.status(SITE, LAB), b"offline")
        office, door = site.link("controller"), site.link("lab", will=will)
        await office.subscribe(STATUSES)
        async with running(office), running(door):
            await door.publish(topics.status(SITE, LAB), b"online", retain=True)
            inbox = office.messages()
            online = await take_done(inbox)
            site.cut("lab")
            offline = await take_done(inbox)

        assert (online.payload, offline.payload) == (b"online", b"offline")

    async def test_a_proper_goodbye_publishes_no_will(self, site: LinkSite) -> None:
        will = Will(topics.status(SITE, LAB), b"offline")
        office, door = site.link("controller"), site.link("lab", will=will)
        await office.subscribe(STATUSES)
        async with running(office):
            async with running(door):
                pass
            again = site.link("lab")
            async with running(again):
                await again.publish(topics.status(SITE, LAB), b"online")
                message = await take_done(office.messages())

        assert message.payload == b"online"

    async def test_publishing_while_down_raises(self, site: LinkSite) -> None:
        door = site.link("lab")

        with pytest.raises(LinkDown):
            await door.publish(topics.events(SITE, LAB), b"lost")
        async with running(door):
            await door.publish(topics.events(SITE, LAB), b"taken")
            site.cut("lab")
            await until(door, connected=False)
            with pytest.raises(LinkDown):
                await door.publish(topics.events(SITE, LAB), b"lost")

    async def test_what_a_broker_would_hang_up_on_is_not_sent(
        self, site: LinkSite
    ) -> None:
        door = site.link("lab")
        async with running(door):
            with pytest.raises(CallerError):
                await door.publish(topics.events(SITE, LAB), bytes(MAX_PAYLOAD + 1))
            await door.publish(topics.events(SITE, LAB), bytes(MAX_PAYLOAD))

    async def test_it_comes_back_by_itself_and_every_change_is_seen(
        self, site: LinkSite
    ) -> None:
        door = site.link("lab")
        async with running(door):
            changes = door.changes()
            seen = [await anext(changes)]
            await site.kill()
            async with asyncio.timeout(WITHIN):
                seen.append(await anext(changes))
                problem = door.state.problem
                await site.start()
                seen.append(await anext(changes))

        assert seen == [True, False, True]
        assert problem

    async def test_a_forbidden_filter_keeps_a_new_link_from_connecting(
        self, site: LinkSite
    ) -> None:
        if not site.refuses_subscriptions:
            return  # this broker never says so
        door = site.link("lab")
        await door.subscribe(topics.commands(SITE, STORE))
        task = asyncio.create_task(door.run())
        async with asyncio.timeout(WITHIN):
            await site.attempts.acquire()
            await site.attempts.acquire()
        task.cancel()

        assert not door.connected
        assert "forbids" in str(door.state.problem)
