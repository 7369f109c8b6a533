"""Whether a simulated door may believe its clock: as the story says."""

from collections.abc import AsyncIterator

from hardware.feed import Feed


class SimulatedClockTrust:
    """A real-time clock with a good battery, until `set` says otherwise."""

    def __init__(self) -> None:
        self._trusted = True
        self._feed: Feed[bool] = Feed()

    def set(self, *, trusted: bool) -> None:
        self._trusted = trusted
        self._feed.put(trusted)

    async def state(self) -> tuple[bool, str]:
        return self._trusted, "rtc" if self._trusted else "none"

    def changes(self) -> AsyncIterator[bool]:
        return self._feed.items()
