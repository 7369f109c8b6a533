"""Time that moves when told: an asyncio loop that jumps over every wait.

A simulated day takes seconds because nobody sleeps. The laws:

- time stands still while anything can run: a ready callback, a byte to read, a job
  in an executor, or whatever a hook in `in_flight` says is under way;
- otherwise it jumps exactly to the next timer, in whole microseconds, so that the
  same story always gives the same instants;
- if there is no timer either, the loop waits for real input, and raises `Deadlock`
  when none comes: a test that would hang says so;
- an exception that nobody awaits (a callback's, a lost task's) ends the run instead
  of a log line.

Works on the documented hook, the selector's time-out: asyncio asks its selector to
wait until the next timer, and ours answers at once with a later time.
"""

import asyncio
import contextlib
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

InFlight = Callable[[], bool]

EPOCH: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday; only a default

_MICROSECONDS: Final = 1_000_000
# Seconds of real time between two looks at the hooks. Bytes and finished jobs wake
# the selector at once; this is only for hooks that change without waking anybody.
_GLANCE: Final = 0.005


class Deadlock(RuntimeError):
    """Nothing can run, nothing is scheduled, and no input came."""


class _Selector(selectors.DefaultSelector):
    """Answers "wait until the next timer" by moving the time."""

    def __init__(self, *, patience: float) -> None:
        super().__init__()
        self.ticks = 0  # microseconds since the loop was made
        self.jobs = 0  # in executors, or held
        self.hooks: list[InFlight] = []
        self.failures: list[BaseException] = []
        self._patience = patience  # seconds of real time
        self._since: float | None = None  # real time of the last progress

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        if self.failures:
            raise self.failures.pop(0)
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            self._since = None
            return events
        if self.jobs > 0 or any(hook() for hook in self.hooks):
            return self._wait("something is in flight and does not land")
        if timeout is None:
            return self._wait("nothing is scheduled and nothing is in flight")
        self._since = None
        self.ticks += max(1, round(timeout * _MICROSECONDS))
        return []

    def _wait(self, why: str) -> list[tuple[selectors.SelectorKey, int]]:
        """Really wait, a glance at a time, until patience ends."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        elif now - self._since > self._patience:
            self._since = None
            raise Deadlock(f"{why} (waited {self._patience:g} s of real time)")
        return super().select(_GLANCE)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose `time()` is virtual, starting at 0.

    `patience` is in seconds of real time: how long something in flight, or input
    with no timer behind it, may take before the run is called a deadlock.
    """

    def __init__(self, *, patience: float = 60.0) -> None:
        self._virtual = _Selector(patience=patience)
        super().__init__(self._virtual)
        # asyncio fires what is due within this many seconds. Its own 1 ns is lost in
        # the rounding of a float after 90 days: a timer that is due *now* would
        # neither fire nor be waited for, for ever.
        self._clock_resolution = 0.5 / _MICROSECONDS
        self._threads = ThreadPoolExecutor(thread_name_prefix="virtual")
        self.set_default_executor(self._threads)
        self.set_exception_handler(VirtualLoop._remember)

    def time(self) -> float:
        return self._virtual.ticks / _MICROSECONDS

    @property
    def ticks(self) -> int:
        """Microseconds since the loop was made."""
        return self._virtual.ticks

    @property
    def in_flight(self) -> list[InFlight]:
        """Hooks: while one of them returns True, time stands still."""
        return self._virtual.hooks

    @property
    def failures(self) -> list[BaseException]:
        """Exceptions nobody awaited and that no run has raised yet."""
        return self._virtual.failures

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Time stands still inside: for waiting on a real process or socket."""
        self._virtual.jobs += 1
        try:
            yield
        finally:
            self._virtual.jobs -= 1

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[*Ts], T],
        *args: *Ts,
    ) -> "asyncio.Future[T]":
        """As always; time stands still until the job itself has ended, also when
        whoever awaited it was cancelled."""
        job = (executor or self._threads).submit(func, *args)
        self._virtual.jobs += 1
        answer = asyncio.wrap_future(job, loop=self)
        job.add_done_callback(self._job_done)
        return answer

    async def shutdown_default_executor(
        self,
        timeout: float | None = None,  # noqa: ASYNC109  # as inherited (3.12)
    ) -> None:
        # Our own: the inherited one sets a timer that would have to be jumped over.
        self._threads.shutdown(wait=True)

    def _job_done(self, job: "Future[Any]") -> None:
        # Called in the job's thread, behind the call that hands over its result.
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            self.call_soon_threadsafe(self._job_landed)

    def _job_landed(self) -> None:
        self._virtual.jobs -= 1

    @staticmethod
    def _remember(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        failure = context.get("exception")
        if isinstance(loop, VirtualLoop) and isinstance(failure, BaseException):
            failure.add_note(f"nobody awaited this: {context.get('message')}")
            loop.failures.append(failure)
        else:
            loop.default_exception_handler(context)


class VirtualClock:
    """Wall time on a virtual loop: `starts` plus the loop's time.

    `jump` sets the clock wrong on purpose, as a dead battery or a bad NTP server
    would; the loop's own time never jumps back. `resolution`: the clock shows the last
    whole multiple of it, so that in a story which speaks of seconds a badge that takes
    20 ms on its wire is presented in that second, and boundaries are exact.
    """

    def __init__(
        self,
        loop: VirtualLoop,
        starts: datetime,
        *,
        resolution: timedelta = timedelta(microseconds=1),
    ) -> None:
        if starts.tzinfo is None:
            raise ValueError("`starts` needs a time zone")
        self._loop = loop
        self._starts = starts.astimezone(UTC)
        self._resolution = resolution

    def now(self) -> datetime:
        """Aware, UTC, at its resolution after `starts`."""
        gone = timedelta(microseconds=self._loop.ticks)
        return self._starts + gone // self._resolution * self._resolution

    def jump(self, by: timedelta) -> None:
        self._starts += by


def run_virtual(
    main: Callable[[VirtualClock], Coroutine[Any, Any, T]],
    *,
    starts: datetime = EPOCH,
    patience: float = 60.0,
) -> T:
    """Run `main(clock)` on a fresh virtual loop and return its result.

    Raises whatever `main` raises, and also the first exception of a callback or a
    task that nobody awaited.
    """
    loop = VirtualLoop(patience=patience)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        result = runner.run(main(VirtualClock(loop, starts)))
        if loop.failures:
            raise loop.failures.pop(0)
        return result
