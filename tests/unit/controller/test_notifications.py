"""Alarms told to a real webhook on this machine, and what the log says of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from config.notify import Recipient, Says
from controller.services.notifications import MOST, Notifier
from controller.services.office import Act, Acted, Office
from domain.alarm_acts import AlarmAcknowledged
from domain.alarm_events import AlarmCode, AlarmRaised
from domain.errors import InputError
from domain.events import Event
from domain.ids import CONTROLLER
from domain.notify_events import NotificationFailed, NotificationSent
from domain.operators import OperatorId
from tests.alarms import raised
from tests.boards import NOW, SITE
from tests.operators import new_gate
from tests.web_site import SetClock

# Apprise loads all its services to find one; a service's own dependency warns.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")

FORCED = raised("heat_treatment", AlarmCode.DOOR_FORCED, 1, ago=1, person="E1001")


@dataclass
class Webhook:
    """Answers what `statuses` has left, then 200; keeps what it was told."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        self.told.append((await reader.readexactly(length)).decode())
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\n".encode())
        writer.write(b"connection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        self.came.set()


@asynccontextmanager
async def webhook(*statuses: int) -> AsyncIterator[Webhook]:
    hook = Webhook(statuses=list(statuses))
    server = await asyncio.start_server(hook.answer, "127.0.0.1", 0)
    hook.port = server.sockets[0].getsockname()[1]
    try:
        yield hook
    finally:
        server.close()
        await server.wait_closed()


def recipient(port: int, **changes: object) -> Recipient:
    plain = Recipient(
        name="duty",
        url=f"json://127.0.0.1:{port}/alarm",
        priorities=frozenset({1}),
        says=Says.KIND,
        after=timedelta(),
        language="zh-CN",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # replace checks the names


class Desk:
    """An office whose log a notifier hears."""

    def __init__(self, office: Office, to: Recipient) -> None:
        self.office = replace(office, acted=self._acted)
        self.notifier = Notifier(self.office, [to], pauses=(0.0, 0.0))
        self.recorded: list[NotificationSent | NotificationFailed] = []
        self._changed = asyncio.Event()

    def _acted(self, acted: Acted) -> None:
        for entry in acted.entries:
            self.notifier.heard(entry)
            if isinstance(entry.event, NotificationSent | NotificationFailed):
                self.recorded.append(entry.event)
                self._changed.set()

    async def say(self, *events: Event) -> None:
        def work(act: Act) -> None:
            act.say(*events)

        await self.office.act(work)

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not done():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def desk(to: Recipient) -> AsyncIterator[Desk]:
    gate = await new_gate(SITE, SetClock())
    assert gate.office is not None
    made = Desk(gate.office, to)
    running = asyncio.create_task(made.notifier.run())
    try:
        yield made
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await gate.close()


def acknowledged(alarm: AlarmRaised) -> AlarmAcknowledged:
    return AlarmAcknowledged(
        door=CONTROLLER,
        at=NOW,
        target=alarm.door,
        code=alarm.code,
        device=None,
        since=alarm.at,
        by=OperatorId("guard"),
        note="",
    )


async def test_an_alarm_is_told_with_priority_kind_and_number_and_nothing_else() -> (
    None
):
    async with webhook() as hook, desk(recipient(hook.port)) as at:
        await at.say(FORCED)
        await at.until(lambda: bool(at.recorded))
        entry = at.recorded[0].entry

    told = json.loads(hook.told[0])
    assert told["title"] == "门神：1 级告警"
    assert told["message"] == f"门被强行打开\n记录号 {entry}"
    for secret in ("heat_treatment", "热处理", "E1001", "周建华"):
        assert secret not in hook.told[0]
    assert isinstance(at.recorded[0], NotificationSent)
    assert (at.recorded[0].to, at.recorded[0].tries) == ("duty", 1)


async def test_a_recipient_that_fails_is_tried_again_and_the_tries_are_recorded() -> (
    None
):
    async with webhook(500, 503) as hook, desk(recipient(hook.port)) as at:
        await at.say(FORCED)
        await at.until(lambda: bool(at.recorded))

    assert [type(e) for e in at.recorded] == [NotificationSent]
    assert at.recorded[0].tries == 3


async def test_a_recipient_that_never_answers_is_given_up_and_the_next_is_told() -> (
    None
):
    second = raised("archive", AlarmCode.DOOR_FORCED, 1, ago=1)
    async with webhook(500, 500, 500) as hook, desk(recipient(hook.port)) as at:
        await at.say(FORCED, second)
        await at.until(lambda: len(at.recorded) == 2)

    assert [(type(e), e.target) for e in at.recorded] == [
        (NotificationFailed, "heat_treatment"),
        (NotificationSent, "archive"),
    ]


async def test_what_was_acknowledged_meanwhile_and_lesser_alarms_are_not_told() -> None:
    held = raised("archive", AlarmCode.DOOR_HELD, 2, ago=1)
    last = raised("archive", AlarmCode.DOOR_FORCED, 1, ago=1)
    async with webhook() as hook, desk(recipient(hook.port)) as at:
        await at.say(FORCED, held, acknowledged(FORCED), last)
        await at.until(lambda: bool(at.recorded))

    assert [e.target for e in at.recorded] == ["archive"]
    assert len(hook.told) == 1


async def test_more_than_can_wait_loses_the_oldest_and_says_so() -> None:
    alarms = [FORCED] * (MOST + 2)
    to = recipient(9, after=timedelta(hours=1))
    async with desk(to) as at:
        await at.say(*alarms)
        await at.until(lambda: len(at.recorded) == 2)

    assert [(type(e), e.tries) for e in at.recorded] == [(NotificationFailed, 0)] * 2


async def test_a_message_can_be_made_to_say_less_and_in_english() -> None:
    async with webhook() as hook:
        to = recipient(hook.port, says=Says.PRIORITY, language="en")
        async with desk(to) as at:
            await at.say(FORCED)
            await at.until(lambda: bool(at.recorded))

    told = json.loads(hook.told[0])
    assert told["title"] == "Menshen: alarm, priority 1"
    assert told["message"] == f"entry {at.recorded[0].entry}"


async def test_an_address_of_no_known_kind_stops_the_start_without_being_shown() -> (
    None
):
    gate = await new_gate(SITE, SetClock())
    assert gate.office is not None
    with pytest.raises(InputError, match="`duty`") as caught:
        Notifier(gate.office, [recipient(1, url="nonsense://swordfish@x")])
    await gate.close()

    assert "swordfish" not in str(caught.value)
