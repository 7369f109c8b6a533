"""A badge reader behind a serial line: ASCII frames, EM4100 or MIFARE UID."""

import asyncio
from typing import Final

from hardware.protocols.badge_frame import BadgeFormat, encode
from simulators.serial_line import SerialLine

REPEAT_S: Final = 0.05  # an RDM6300 repeats the frame while the badge is there


class SimulatedBadgeReader:
    """Damage on the way is injected in `line.to_host`; `silent` is a dead reader."""

    def __init__(self, line: SerialLine, format: str = "em4100") -> None:
        self.line = line
        self.silent = False
        self._format = BadgeFormat(format)
        self._loop = asyncio.get_running_loop()

    def present(self, number: bytes, *, hold_s: float = 0.0) -> None:
        """Hold a badge to the reader for `hold_s` seconds."""
        frame = encode(number, self._format)
        self._send(frame)
        for i in range(1, int(hold_s / REPEAT_S) + 1):
            self._loop.call_later(i * REPEAT_S, self._send, frame)

    def _send(self, frame: bytes) -> None:
        if not self.silent:
            self.line.send(frame)
