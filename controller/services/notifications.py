"""Tell alarms outside of the console, as `config.notify` says: mail, WeCom, a webhook.

A message says priority, kind and a number; never a person, a zone or a door: a door is
usually named after what is behind it. Nothing here holds up the log: what is heard is
put by, a recipient that doesn't answer is tried again and then given up, and what waits
is bounded. What was acknowledged meanwhile is not told. What became of each is an entry
of the log. What waits is not kept over a restart: the console calls on.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from config import locales
from config.notify import Recipient, Says
from controller.services.office import Act, Office
from controller.store.envelopes import Stored
from domain.alarm_acts import AlarmAcknowledged
from domain.alarm_events import AlarmRaised
from domain.errors import InputError
from domain.ids import CONTROLLER, DeviceId, DoorId
from domain.notify_events import NotificationFailed, NotificationSent
from domain.policy import Reason

# Seconds before each further try.
PAUSES: Final = (5.0, 30.0, 120.0)
MOST: Final = 50  # messages that wait for one recipient

Send: TypeAlias = Callable[[str, str], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    entry: int
    door: DoorId
    code: Reason
    device: DeviceId | None
    priority: int
    heard_at: datetime


def message(waiting: Waiting, to: Recipient) -> tuple[str, str]:
    """Title and text."""
    said = locales.words(to.language)
    title = said.text("notify.title", priority=waiting.priority)
    number = said.text("notify.number", number=waiting.entry)
    if to.says is Says.PRIORITY:
        return title, number
    # What an alarm is stands before what to do about it.
    what = said.alarm(waiting.code).partition("：")[0].partition(": ")[0]
    return title, f"{what}\n{number}"


def sender(to: Recipient) -> Send:
    """Sends by apprise, beside the loop.

    Raises:
        InputError: no such kind of address; the address itself is not repeated.
    """
    from apprise import Apprise  # here: who tells nobody doesn't load it

    # It logs addresses and answers; the log of the office says what became of each.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    outside = Apprise()
    if not outside.add(to.url):
        raise InputError(
            f"notify.toml: the url of `{to.name}` is of no known kind; see the list of"
            " services of apprise"
        )

    async def send(title: str, text: str) -> bool:
        return bool(await asyncio.to_thread(outside.notify, title=title, body=text))

    return send


class Notifier:
    """Runs beside the others; `heard` takes every committed entry and returns at
    once."""

    def __init__(
        self,
        office: Office,
        recipients: Sequence[Recipient],
        *,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._boxes = [_Box(office, to, sender(to), pauses) for to in recipients]

    def heard(self, entry: Stored) -> None:
        event = entry.event
        if isinstance(event, AlarmRaised):
            waiting = Waiting(
                entry=entry.position,
                door=event.target or event.door,
                code=event.code,
                device=event.device,
                priority=event.priority,
                heard_at=entry.received_at,
            )
            for box in self._boxes:
                box.put(waiting)
        elif isinstance(event, AlarmAcknowledged):
            for box in self._boxes:
                box.drop(event.target, event.code, event.device)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for box in self._boxes:
                tasks.create_task(box.run())


class _Box:
    """What waits for one recipient, the oldest first."""

    def __init__(
        self, office: Office, to: Recipient, send: Send, pauses: Sequence[float]
    ) -> None:
        self._office, self._to, self._send = office, to, send
        self._pauses = pauses
        self._waiting: deque[Waiting] = deque()
        self._lost: list[Waiting] = []
        self._changed = asyncio.Event()

    def put(self, waiting: Waiting) -> None:
        if waiting.priority not in self._to.priorities:
            return
        self._waiting.append(waiting)
        if len(self._waiting) > MOST:
            self._lost.append(self._waiting.popleft())
        self._changed.set()

    def drop(self, door: DoorId, code: Reason, device: DeviceId | None) -> None:
        """Somebody has taken it up."""
        taken = (door, code, device)
        kept = [w for w in self._waiting if (w.door, w.code, w.device) != taken]
        self._waiting = deque(kept)
        self._changed.set()

    async def run(self) -> None:
        while True:
            while self._lost:
                await self._record(NotificationFailed, self._lost[0], 0)
                self._lost.pop(0)
            if not self._waiting:
                self._changed.clear()
                await self._changed.wait()
                continue
            first = self._waiting[0]
            age = self._office.clock.now() - first.heard_at
            early = (self._to.after - age).total_seconds()
            if early > 0:
                await self._pause(early)
            else:
                await self._deliver(first)

    async def _deliver(self, waiting: Waiting) -> None:
        title, text = message(waiting, self._to)
        for tries, pause in enumerate((*self._pauses, None), 1):
            if await self._send(title, text):
                await self._record(NotificationSent, waiting, tries)
                break
            if pause is None:
                await self._record(NotificationFailed, waiting, tries)
                break
            await asyncio.sleep(pause)
            if waiting not in self._waiting:
                return
        if waiting in self._waiting:
            self._waiting.remove(waiting)

    async def _pause(self, seconds: float) -> None:
        """So long, or until something changed."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _record(
        self,
        kind: type[NotificationSent] | type[NotificationFailed],
        waiting: Waiting,
        tries: int,
    ) -> None:
        def work(act: Act) -> None:
            act.say(
                kind(
                    door=CONTROLLER,
                    at=act.at,
                    to=self._to.name,
                    entry=waiting.entry,
                    target=waiting.door,
                    code=waiting.code,
                    tries=tries,
                )
            )

        await self._office.act(work)
