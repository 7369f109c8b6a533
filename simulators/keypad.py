"""A keypad behind a serial line: one ASCII byte a key."""

import asyncio
from typing import Final

from hardware.protocols.keypad_bytes import encode
from simulators.serial_line import SerialLine

BETWEEN_KEYS_S: Final = 0.15  # somebody who knows their PIN


class SimulatedKeypad:
    """Damage on the way is injected in `line.to_host`; `silent` is a dead keypad."""

    def __init__(self, line: SerialLine) -> None:
        self.line = line
        self.silent = False
        self._loop = asyncio.get_running_loop()
        self._free_at = 0.0

    def press(self, keys: str) -> None:
        """Press `keys` one after the other, behind those pressed before."""
        encode(keys)  # refuses what is no key before anything is sent
        at = max(self._loop.time(), self._free_at)
        for key in keys:
            self._loop.call_at(at, self._send, encode(key))
            at += BETWEEN_KEYS_S
        self._free_at = at

    def _send(self, byte: bytes) -> None:
        if not self.silent:
            self.line.send(byte)
