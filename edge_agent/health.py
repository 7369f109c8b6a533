"""The round that one door makes every minute: machine, devices, journal, climate.

Readings and failures become inputs; what they mean, and when an alarm is due, is the
core's business. A health report is recorded when something worth it has changed, and
at least every ten minutes, so that the journal isn't full of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from domain.errors import DeviceError, DeviceSilent, StorageError
from domain.events import HealthReported
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

REPORT_EVERY: Final = timedelta(minutes=10)
PRUNE_EVERY: Final = timedelta(hours=1)

Put = Callable[[Input], None]
Check = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Condition:
    """What the door says of itself for a report."""

    clock_trusted: bool
    roster: int
    roster_until: datetime | None


class Health:
    """`checks`: how to ask each device whether it is alive."""

    def __init__(
        self,
        door: DoorId,
        *,
        folder: Path,
        outbox: Outbox,
        checks: Sequence[tuple[DeviceId, Check]],
        condition: Callable[[], Condition],
        put: Put,
        now: Callable[[], datetime],
        every: timedelta,
        kept: timedelta,
    ) -> None:
        self._door = door
        self._folder = folder
        self._outbox = outbox
        self._checks = checks
        self._condition = condition
        self._put = put
        self._now = now
        self._every = every
        self._kept = kept
        self._reported: tuple[float, object] | None = None  # loop time, what counted
        self._pruned: float | None = None  # loop time

    async def run(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(self._every.total_seconds())

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        machine = await loop.run_in_executor(None, read_machine, self._folder)
        self._put(MachineSeen(machine))
        await asyncio.gather(*(self._ask(n, check) for n, check in self._checks))
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
            self._put(DeviceUp(name))
            return
        self._put(DeviceDown(name, f"{error.code}: {error}"))

    def _report(self, machine: Machine, time: float) -> None:
        condition = self._condition()
        free = machine.disk_free_percent
        counts = (
            machine.under_voltage,
            None if free is None else round(free),
            condition,
        )
        if self._reported is not None:
            since, before = self._reported
            if counts == before and time - since < REPORT_EVERY.total_seconds():
                return
        self._reported = (time, counts)
        report = HealthReported(
            door=self._door,
            at=self._now(),
            cpu_temperature_c=machine.cpu_temperature_c,
            disk_free_percent=free,
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
