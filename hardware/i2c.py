"""An I2C bus as the drivers need it, and the simulated ones by name.

A driver that is given a number opens that bus of the machine; given a name, it finds
the simulated bus that a simulator attached here. Both are blocking: a driver calls
them in its own thread.
"""

from typing import Final, Protocol

from domain.errors import InputError


class I2cBus(Protocol):
    def write(self, address: int, data: bytes) -> None:
        """Raises OSError if nobody acknowledges."""

    def read(self, address: int, count: int) -> bytes:
        """Raises OSError if nobody acknowledges."""

    def close(self) -> None: ...


_SIMULATED: Final[dict[str, I2cBus]] = {}


def attach_simulated(name: str, bus: I2cBus) -> None:
    """Make `bus` the one that drivers find under `name`."""
    _SIMULATED[name] = bus


def simulated_bus(name: str) -> I2cBus:
    """
    Raises:
        InputError: no simulator attached a bus of that name.
    """
    try:
        return _SIMULATED[name]
    except KeyError:
        raise InputError(f"there is no simulated I2C bus `{name}`") from None
