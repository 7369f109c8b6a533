"""Timers that come back as inputs.

One timer per kind; starting it again replaces it. A timer that was replaced or
stopped in the instant in which it fired is recognised by its token.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from edge_agent.inputs import Input, TimerFired, TimerKind


class Timers:
    def __init__(self, put: Callable[[Input], None]) -> None:
        self._put = put
        self._running: dict[TimerKind, tuple[int, asyncio.TimerHandle]] = {}
        self._tokens = 0

    def start(self, kind: TimerKind, after: timedelta) -> None:
        self.stop(kind)
        self._tokens += 1
        fired = TimerFired(kind, self._tokens)
        loop = asyncio.get_running_loop()
        handle = loop.call_later(max(0.0, after.total_seconds()), self._put, fired)
        self._running[kind] = (self._tokens, handle)

    def stop(self, kind: TimerKind) -> None:
        running = self._running.pop(kind, None)
        if running is not None:
            running[1].cancel()

    def is_current(self, fired: TimerFired) -> bool:
        """Whether `fired` is the running timer of its kind, which is over with it."""
        running = self._running.get(fired.kind)
        if running is None or running[0] != fired.token:
            return False
        del self._running[fired.kind]
        return True

    def stop_all(self) -> None:
        for kind in tuple(self._running):
            self.stop(kind)
