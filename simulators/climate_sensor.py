"""An SHT3x on a simulated I2C bus, down to its bytes and checksums."""

from typing import Final

from hardware.i2c import attach_simulated
from hardware.protocols import sht3x

_NO_ACKNOWLEDGE: Final = 121  # EREMOTEIO, what Linux says of a missing acknowledge


class SimulatedClimateSensor:
    """Answers on the bus `bus`. `set` changes the room, the rest breaks things."""

    def __init__(
        self,
        bus: str,
        *,
        address: int = sht3x.ADDRESS,
        temperature_c: float = 22.0,
        humidity_percent: float = 45.0,
    ) -> None:
        self._address = address
        self._reading = sht3x.Reading(temperature_c, humidity_percent)
        self._measured: bytes | None = None
        self._damaged = 0
        self._dead = False
        attach_simulated(bus, self)

    def set(self, *, temperature_c: float, humidity_percent: float) -> None:
        self._reading = sht3x.Reading(temperature_c, humidity_percent)

    def corrupt(self, answers: int) -> None:
        """Damage a bit in each of the next `answers` answers."""
        self._damaged = answers

    def die(self) -> None:
        """Off the bus: nobody acknowledges."""
        self._dead = True

    def revive(self) -> None:
        self._dead = False

    # the bus

    def write(self, address: int, data: bytes) -> None:
        self._acknowledge(address)
        self._measured = sht3x.encode(self._reading) if data == sht3x.MEASURE else None

    def read(self, address: int, count: int) -> bytes:
        self._acknowledge(address)
        if self._measured is None:  # nothing measured: the header is not acknowledged
            raise OSError(_NO_ACKNOWLEDGE, "Remote I/O error")
        frame, self._measured = bytearray(self._measured), None
        if self._damaged > 0:
            self._damaged -= 1
            frame[1] ^= 0x10
        return bytes(frame[:count])

    def close(self) -> None:
        """The sensor stays where it is."""

    def _acknowledge(self, address: int) -> None:
        if self._dead or address != self._address:
            raise OSError(_NO_ACKNOWLEDGE, "Remote I/O error")
