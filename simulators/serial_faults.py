"""What can go wrong on a serial line, and in the device behind it.

A line has one `SerialFaults` for each direction; everything is counted in bytes from
now on, so that a test can say exactly which byte is hit.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class DeviceFault(StrEnum):
    """How a simulated device misbehaves on its next command."""

    SILENT = "silent"  # does what it should, and does not answer
    DEAD = "dead"  # does nothing at all
    RESET = "reset"  # starts anew in the middle of the command
    BABBLE = "babble"  # sends garbage instead of the answer
    CORRUPT = "corrupt"  # one bit of the answer is wrong
    TRUNCATED = "truncated"  # the second half of the answer is missing
    SLOW = "slow"  # answers later than anyone waits
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  # forgets that it knows us
    FLASH_ERROR = "flash_error"  # cannot write or erase


@dataclass(slots=True)
class SerialFaults:
    """One direction of a line.

    `piece` is how many bytes arrive at once: 16 as from the FIFO of a usual UART, 1
    to split as much as possible.
    """

    piece: int = 16
    delay_s: float = 0.0  # added to every piece
    drop: int = 0  # the next bytes vanish
    flips: dict[int, int] = field(default_factory=dict)  # offset from now -> bit mask

    def flip(self, offset: int, mask: int = 0x01) -> None:
        """Change bits of the byte that comes `offset` bytes from now."""
        self.flips[offset] = mask

    def apply(self, data: bytes) -> bytes:
        """What is left of `data`."""
        damaged = bytearray(data)
        for offset, mask in self.flips.items():
            if offset < len(damaged):
                damaged[offset] ^= mask
        self.flips = {
            offset - len(data): mask
            for offset, mask in self.flips.items()
            if offset >= len(data)
        }
        dropped = min(self.drop, len(damaged))
        self.drop -= dropped
        return bytes(damaged[dropped:])
