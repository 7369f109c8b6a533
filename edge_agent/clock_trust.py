"""Whether this machine's clock may be believed, and why.

`ntp`: the kernel says that some daemon (timesyncd, chrony, ntpd) keeps it in step.
`rtc`: there is a battery-backed clock and the system's agrees with it. Otherwise
`none`: a Pi without either wakes up in the past. The agent adds one check of its own:
a clock that is behind the newest journal entry is not believed on an RTC's word.

Sources: adjtimex(2), STA_UNSYNC; sysfs-class-rtc, `since_epoch`.
"""

import asyncio
import ctypes
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from domain.clock import Clock

POLL: Final = 10.0  # seconds
AGREES: Final = timedelta(seconds=5)  # an RTC has whole seconds and is set now and then

_UNSYNCHRONISED: Final = 0x40
_ERROR: Final = 5  # TIME_ERROR
_RTC: Final = "class/rtc/rtc0/since_epoch"


class ClockTrust(Protocol):
    async def state(self) -> tuple[bool, str]:
        """Whether the clock is trusted, and by whose word: "ntp", "rtc", "none"."""

    def changes(self) -> AsyncIterator[bool]:
        """Each change of trust from now on."""


class SystemClockTrust:
    def __init__(self, clock: Clock, *, sys: Path = Path("/sys")) -> None:
        self._clock = clock
        self._rtc = sys / _RTC

    async def state(self) -> tuple[bool, str]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._read)

    async def changes(self) -> AsyncIterator[bool]:
        known = await self.state()
        while True:
            await asyncio.sleep(POLL)
            now = await self.state()
            if now != known:
                known = now
                yield now[0]

    def _read(self) -> tuple[bool, str]:
        if kernel_synchronised():
            return True, "ntp"
        rtc = rtc_time(self._rtc)
        if rtc is not None and abs(self._clock.now() - rtc) <= AGREES:
            return True, "rtc"
        return False, "none"


class _Timex(ctypes.Structure):
    """The beginning of `struct timex`; the rest is room for it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def kernel_synchronised() -> bool:
    """Whether the kernel believes that its clock is kept in step."""
    timex = _Timex()  # modes 0: only read
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return False
    if state < 0 or state == _ERROR:
        return False
    return not timex.status & _UNSYNCHRONISED


def rtc_time(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(path.read_text("ascii")), UTC)
    except (OSError, ValueError, OverflowError):
        return None
