"""A keypad that sends one ASCII byte a key on a UART."""

from collections import deque
from collections.abc import AsyncIterator

from domain.errors import DeviceVanished
from hardware.drivers.serial_port import SerialPort
from hardware.protocols import keypad_bytes


class SerialKeypad:
    """Satisfies `hardware.ports.Keypad`. `damaged` counts bytes that are no key."""

    def __init__(self, *, port: str, baud: int = 9600) -> None:
        self.damaged = 0
        self._port = SerialPort(port, baud=baud)
        self._keys: deque[str] = deque()
        self._complained = False
        self._closed = False

    async def check(self) -> None:
        self._port.open()
        self._complained = False

    async def aclose(self) -> None:
        self._closed = True
        self._keys.clear()
        await self._port.aclose()

    def keys(self) -> AsyncIterator[str]:
        return _Keys(self)

    async def next_key(self) -> str:
        """The next key.

        Raises:
            StopAsyncIteration: the keypad was closed.
            DeviceVanished: the port is gone; said once, then waited for.
        """
        while not self._closed:
            if self._keys:
                return self._keys.popleft()
            try:
                if self._complained:
                    await self._port.reopen()
                data = await self._port.read()
            except DeviceVanished:
                if self._closed or self._complained:
                    continue
                self._complained = True
                raise
            self._complained = False
            keys, damaged = keypad_bytes.decode(data)
            self._keys.extend(keys)
            self.damaged += damaged
        raise StopAsyncIteration


class _Keys(AsyncIterator[str]):
    """Survives errors and cancellation, unlike a generator."""

    def __init__(self, keypad: SerialKeypad) -> None:
        self._keypad = keypad

    async def __anext__(self) -> str:
        return await self._keypad.next_key()
