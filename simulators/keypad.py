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
        self._hands = asyncio.Lock()  # one person at a time

    async def press(self, keys: str, *, between_s: float = BETWEEN_KEYS_S) -> None:
        """Press `keys` one after the other, behind those that are being pressed."""
        bytes_ = encode(keys)  # refuses what is no key before anything is sent
        async with self._hands:
            for byte in bytes_:
                if not self.silent:
                    self.line.send(bytes([byte]))
                await asyncio.sleep(between_s)
