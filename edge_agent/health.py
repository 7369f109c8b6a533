"""The round that one door makes every minute: machine, devices, journal, climate.

Readings and failures become inputs; what they mean, and when an alarm is due, is the
core's business. Somebody at the door brings the round forward, so that a device that
fails them is told of while they still stand there (G6.2.2-1: a camera that is down is
an alarm at once, and nothing else asks a camera that no factor needs).

A health report is recorded when something worth it has changed, but not oftener than
every ten minutes, and at least every hour, so that the journal is not full of them.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from domain.agent_events import HealthReported
from domain.errors import DeviceError, DeviceSilent, StorageError
from domain.ids import DeviceId, DoorId
from domain.vigil import Machine
from edge_agent.inputs import (
    ClimateSeen,
    DeviceDown,
    DeviceUp,
    HealthDue,
    Input,
    MachineSeen,
)
from edge_agent.machine import read_machine
from edge_agent.outbox import Outbox
from edge_agent.presenters import CHECK
from hardware.ports import ClimateSensor

REPORT_EVERY: Final = timedelta(hours=1)
REPORT_AT_MOST_EVERY: Final = timedelta(minutes=10)
# °C. Changes of less are not worth a report; heat has an alarm of its own.
DEGREES: Final = 10
LASTS: Final = 30.0  # seconds
PRUNE_EVERY: Final = timedelta(hours=1)
# Seconds from a first presentation: whoever knows the way is through by then, and the
# round asks nothing of a module that a finger lies on.
AFTER_FIRST: Final = 5.0
# Seconds between the starts of two rounds, however many people come.
ROUNDS_APART: Final = 30.0

Put = Callable[[Input], None]
Check = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Condition:
    """What the door says of itself for a report."""

    clock_trusted: bool
    roster: int
    roster_until: datetime | None


class MachineReader:
    """What the doors of one machine share: a reading lasts half a minute."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reading = asyncio.Lock()
        self._last: tuple[float, Machine] | None = None  # loop time

    async def read(self) -> Machine:
        loop = asyncio.get_running_loop()
        async with self._reading:
            if self._last is None or loop.time() - self._last[0] >= LASTS:
                seen = await loop.run_in_executor(None, read_machine, self._folder)
                self._last = (loop.time(), seen)
            return self._last[1]


class Health:
    """`checks`: how to ask each device whether it is alive."""

    def __init__(
        self,
        door: DoorId,
        *,
        machine: MachineReader,
        outbox: Outbox,
        checks: Sequence[tuple[DeviceId, Check]],
        is_down: Callable[[DeviceId], bool],
        condition: Callable[[], Condition],
        put: Put,
        now: Callable[[], datetime],
        every: timedelta,
        kept: timedelta,
    ) -> None:
        self._door = door
        self._machine = machine
        self._outbox = outbox
        self._checks = checks
        self._is_down = is_down
        self._condition = condition
        self._put = put
        self._now = now
        self._every = every
        self._kept = kept
        self._reported: tuple[float, object] | None = None  # loop time, what counted
        self._pruned: float | None = None  # loop time
        self._attended = asyncio.Event()
        self._attempt: datetime | None = None  # when the last one began

    def attend(self, since: datetime) -> None:
        """Somebody is at the door, who began to present something at `since`."""
        if since != self._attempt:
            self._attempt = since
            self._attended.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            self._attended.clear()
            await self._look()
            await self._rest(began)

    async def _rest(self, began: float) -> None:
        """Until the next round is due, or brought forward."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._every.total_seconds()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(due):
                await self._attended.wait()
                forward = max(loop.time() + AFTER_FIRST, began + ROUNDS_APART)
                await asyncio.sleep(forward - loop.time())

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        machine = await self._machine.read()
        self._put(MachineSeen(machine))
        # One after the other: nobody waits for this round, and a task for each device
        # every minute would be most of what an idle agent does.
        for name, check in self._checks:
            await self._ask(name, check)
        self._report(machine, loop.time())
        await self._tidy(loop.time())

    async def _ask(self, name: DeviceId, check: Check) -> None:
        try:
            async with asyncio.timeout(CHECK):
                await check()
        except TimeoutError:
            error: DeviceError = DeviceSilent(f"no answer within {CHECK:g} s")
        except DeviceError as said:
            error = said
        else:
            if self._is_down(name):
                self._put(DeviceUp(name))
            return
        self._put(DeviceDown(name, f"{error.code}: {error}"))

    def _report(self, machine: Machine, time: float) -> None:
        condition = self._condition()
        counts = (
            machine.under_voltage,
            _rounded(machine.disk_free_percent, 1),
            _rounded(machine.cpu_temperature_c, DEGREES),
            condition,
        )
        if self._reported is not None:
            since, before = self._reported
            wait = REPORT_EVERY if counts == before else REPORT_AT_MOST_EVERY
            if time - since < wait.total_seconds():
                return
        self._reported = (time, counts)
        report = HealthReported(
            door=self._door,
            at=self._now(),
            cpu_temperature_c=machine.cpu_temperature_c,
            disk_free_percent=machine.disk_free_percent,
            under_voltage=machine.under_voltage,
            clock_trusted=condition.clock_trusted,
            journal_waiting=self._outbox.waiting,
            roster=condition.roster,
            roster_until=condition.roster_until,
        )
        self._put(HealthDue(report))

    async def _tidy(self, time: float) -> None:
        """Forget what the journal may forget."""
        if self._pruned is not None and (
            time - self._pruned < PRUNE_EVERY.total_seconds()
        ):
            return
        self._pruned = time
        now = self._now()
        try:
            await self._outbox.prune(now - self._kept)
            await self._outbox.forget_nonces(now)
        except StorageError:
            return  # the next entry meets the same disk, and alarms


async def watch_climate(
    name: DeviceId, sensor: ClimateSensor, put: Put, *, every: timedelta
) -> None:
    """A reading of the server room's climate, again and again (G7.2.3-3)."""
    while True:
        climate = await sensor.read()
        put(ClimateSeen(name, climate.temperature_c, climate.humidity_percent))
        await asyncio.sleep(every.total_seconds())


def _rounded(value: float | None, step: int) -> int | None:
    return None if value is None else round(value / step)
