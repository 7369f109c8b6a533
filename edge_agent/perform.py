"""Obey: one effect of the door's table, one call to a device or a timer.

What is to be told was recorded before this runs. A lock that does not confirm is an
input of its own: the table answers it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import assert_never

from config.schema import Timing
from domain.door import Effect, Input
from domain.errors import DeviceError
from edge_agent.inputs import LockTimer
from edge_agent.timers import Timers
from hardware.ports import Lock


class Performer:
    def __init__(self, lock: Lock, timers: Timers, timing: Timing) -> None:
        self._lock = lock
        self._timers = timers
        self._timing = timing

    async def perform(self, effects: Iterable[Effect]) -> tuple[Input, ...]:
        """What the door answers, to be stepped next."""
        answers: list[Input] = []
        for effect in effects:
            answer = await self._perform(effect)
            if answer is not None:
                answers.append(answer)
        return tuple(answers)

    async def _perform(self, effect: Effect) -> Input | None:
        match effect:
            case Effect.RELEASE_LOCK:
                return await self._tell_lock(self._lock.release)
            case Effect.SECURE_LOCK:
                return await self._tell_lock(self._lock.secure)
            case Effect.START_RELEASE_TIMER:
                self._timers.start(LockTimer.RELEASE, self._timing.release_for)
            case Effect.START_OPEN_TIMER:
                self._timers.start(LockTimer.OPEN, self._timing.open_for)
            case Effect.STOP_TIMERS:
                self._timers.stop(LockTimer.RELEASE)
                self._timers.stop(LockTimer.OPEN)
            case (
                Effect.REPORT_OPENED
                | Effect.REPORT_CLOSED
                | Effect.REPORT_NOT_OPENED
                | Effect.REPORT_FORCED
                | Effect.REPORT_HELD
                | Effect.REPORT_HELD_CLEARED
                | Effect.REPORT_FORCED_CLEARED
                | Effect.REPORT_EXIT_BUTTON
                | Effect.REPORT_HANDLE
                | Effect.REPORT_FIRE
                | Effect.REPORT_FIRE_CLEARED
                | Effect.REPORT_RELAY_FAULT
                | Effect.REPORT_TAMPER
                | Effect.REPORT_TAMPER_CLEARED
                | Effect.REPORT_CONTACT_SILENT
            ):
                pass  # an event of the same turn, recorded by now
            case _:
                assert_never(effect)
        return None

    async def _tell_lock(self, act: Callable[[], Awaitable[None]]) -> Input | None:
        try:
            async with asyncio.timeout(self._timing.device_timeout.total_seconds()):
                await act()
        except (DeviceError, TimeoutError):
            return Input.RELAY_FAILED
        return None
