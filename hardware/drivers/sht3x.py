"""An SHT3x climate sensor on I2C (G7.2.3-3).

A reading takes 16 ms; a damaged or missing answer is asked for again, twice, after a
soft reset. `damaged` counts the answers thrown away.
"""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from domain.errors import DeviceError, DeviceSilent, DeviceVanished, PeerError
from hardware.i2c import I2cBus, simulated_bus
from hardware.ports import Climate
from hardware.protocols import sht3x
from hardware.worker import DeviceThread

T = TypeVar("T")

_TRIES: Final = 3
# Seconds. A bus whose clock somebody holds low blocks in the kernel for 1 s.
_BUS_WITHIN: Final = 0.3


class Sht3x:
    """`bus` is the number in /dev/i2c-N, or the name of a simulated bus."""

    def __init__(self, *, bus: int | str = 1, address: int = sht3x.ADDRESS) -> None:
        self._where = f"SHT3x {address:#04x} on I2C bus {bus}"
        self._bus_name = bus
        self._address = address
        self._bus: I2cBus | None = None
        self._thread = DeviceThread(self._where)
        self._closed = False
        self.damaged = 0

    async def read(self) -> Climate:
        cause: Exception | None = None
        for _ in range(_TRIES):
            try:
                reading = sht3x.decode(await self._measure())
            except PeerError as error:
                self.damaged += 1
                cause = error
            except OSError as error:
                cause = error
            else:
                return Climate(reading.temperature_c, reading.humidity_percent)
            await self._reset()
        if isinstance(cause, OSError):
            raise DeviceVanished(f"{self._where} does not answer: {cause}") from cause
        raise DeviceError(f"{self._where} gives damaged readings: {cause}") from cause

    async def check(self) -> None:
        await self.read()

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._bus is not None:
            await self._blocking(self._bus.close)
        self._thread.shutdown()

    async def _measure(self) -> bytes:
        bus = await self._open()
        await self._blocking(lambda: bus.write(self._address, sht3x.MEASURE))
        await asyncio.sleep(sht3x.MEASURE_S)
        return await self._blocking(
            lambda: bus.read(self._address, sht3x.READING_BYTES)
        )

    async def _reset(self) -> None:
        try:
            bus = await self._open()
            await self._blocking(lambda: bus.write(self._address, sht3x.SOFT_RESET))
        except OSError:
            return  # it is gone; the next try says so
        await asyncio.sleep(sht3x.RESET_S)

    async def _open(self) -> I2cBus:
        if self._closed:
            raise DeviceVanished(f"{self._where} is closed")
        if self._bus is None:
            if isinstance(self._bus_name, str):
                self._bus = simulated_bus(self._bus_name)
            else:
                number = self._bus_name
                self._bus = await self._blocking(lambda: _SmBus(number))
        return self._bus

    async def _blocking(self, call: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_BUS_WITHIN):
                return await loop.run_in_executor(self._thread, call)
        except TimeoutError:
            raise DeviceSilent(f"{self._where}: the bus hangs") from None


class _SmBus:
    """/dev/i2c-N through smbus2."""

    def __init__(self, number: int) -> None:
        from smbus2 import SMBus, i2c_msg

        self._message = i2c_msg
        self._bus = SMBus(number)

    def write(self, address: int, data: bytes) -> None:
        self._bus.i2c_rdwr(self._message.write(address, data))

    def read(self, address: int, count: int) -> bytes:
        message = self._message.read(address, count)
        self._bus.i2c_rdwr(message)
        return bytes(message)

    def close(self) -> None:
        self._bus.close()
