"""Tells systemd that this agent is alive, if systemd asks. No library needed.

Source: sd_notify(3), sd_watchdog_enabled(3).
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

READY: Final = "READY=1"
ALIVE: Final = "WATCHDOG=1"
STOPPING: Final = "STOPPING=1"


class Watchdog:
    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        found = os.environ if environment is None else environment
        self._address = found.get("NOTIFY_SOCKET", "")
        self._interval = _seconds(found.get("WATCHDOG_USEC", ""))

    @property
    def every(self) -> float | None:
        """Seconds between two signs of life, half of what systemd allows."""
        return None if self._interval is None else self._interval / 2

    def tell(self, state: str) -> None:
        if not self._address:
            return
        # "@" stands for the zero byte of an abstract socket.
        address = self._address.replace("@", "\0", 1)
        with (
            suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel,
        ):
            channel.setblocking(False)
            channel.sendto(state.encode(), address)


def _seconds(microseconds: str) -> float | None:
    return int(microseconds) / 1_000_000 if microseconds.isdigit() else None
