"""A fingerprint module of the R503 / ZFM family on a UART.

Matching happens in the module. A finger is read once for each time it is laid on the
glass: with a `touch` line (the module's WAKEUP pin) when that becomes active, without
one by asking for an image every 200 ms until there was none in between.

The link carries a password in clear and authenticates nothing: module and wire belong
inside the tamper zone (`docs/`, wiring), and a module whose `info` changed is another
module. Templates and passwords never appear in errors or reprs.
"""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, TypeVar

from domain.errors import DeviceError, DeviceRefused, DeviceSilent, FrameMalformed
from hardware.drivers.fingerprint_link import FingerprintLink
from hardware.drivers.fingerprint_touch import TouchWatch
from hardware.drivers.serial_port import SerialPort
from hardware.ports import (
    BinaryInput,
    FingerMatched,
    FingerRead,
    FingerUnknown,
    FingerUnreadable,
    SensorInfo,
    Signal,
)
from hardware.protocols import fingerprint_commands as say
from hardware.protocols.fingerprint_commands import Answer, Buffer, Colour, Light
from hardware.protocols.fingerprint_packet import ANY_ADDRESS

T = TypeVar("T")

POLL: Final = 0.2  # seconds between two questions whether a finger is there
ENROL: Final = 30.0  # seconds for both captures

_CHECK: Final = 0.95  # seconds; the port promises 1
_SETTLE: Final = 0.05  # seconds between touch and image
_TOUCHED_FOR: Final = 1.0  # seconds to get an image after a touch
_RETRY: Final = 1.0  # seconds between tries while the module is gone
_COMPARISONS: Final = 3
_NO_RING: Final = 2

_UNREADABLE: Final = frozenset(
    {
        Answer.IMAGE_FAILED,
        Answer.IMAGE_MESSY,
        Answer.TOO_FEW_FEATURES,
        Answer.IMAGE_INVALID,
    }
)
_GLOW: Final = {
    Signal.IDLE: say.aura_led(Light.OFF, speed=0, colour=Colour.BLUE, times=0),
    Signal.WAITING: say.aura_led(
        Light.BREATHING, speed=100, colour=Colour.PURPLE, times=0
    ),
    Signal.GRANTED: say.aura_led(Light.ON, speed=0, colour=Colour.BLUE, times=0),
    Signal.REFUSED: say.aura_led(Light.FLASHING, speed=25, colour=Colour.RED, times=3),
    Signal.ALARM: say.aura_led(Light.FLASHING, speed=25, colour=Colour.RED, times=0),
    Signal.LOCKDOWN: say.aura_led(Light.ON, speed=0, colour=Colour.RED, times=0),
}


class FingerprintModule:
    """Satisfies `hardware.ports.FingerprintSensor`.

    `timeout_ms` is for a simple answer; commands that compute or write flash get
    twice as much. Raise it for a large library on a slow module.
    """

    def __init__(
        self,
        *,
        port: str,
        baud: int = 57_600,
        password: int = 0,
        address: int = ANY_ADDRESS,
        timeout_ms: int = 300,
        touch: BinaryInput | None = None,
    ) -> None:
        self._port = SerialPort(port, baud=baud)
        self._link = FingerprintLink(
            self._port,
            address=address,
            password=password,
            timeout=timeout_ms / 1000,
        )
        self._touch = TouchWatch(touch) if touch is not None else None
        self._glass = asyncio.Lock()  # who may expect a finger
        self._closed = False
        self._complained = False  # the listener knows that the module is gone
        self._lifted = True
        self._enrolments = 0
        self._ring_doubts = 0  # in a row; a ring that is silent twice is none

    async def check(self) -> None:
        try:
            async with asyncio.timeout(_CHECK):
                await self._ask(say.READ_PARAMETERS)
        except TimeoutError:
            raise DeviceSilent("the module does not answer") from None

    async def aclose(self) -> None:
        self._closed = True
        if self._touch is not None:
            await self._touch.aclose()
        await self._port.aclose()

    def fingers(self) -> AsyncIterator[FingerRead]:
        return _Fingers(self._next_finger)

    async def info(self) -> SensorInfo:
        parameters = say.parse_parameters(await self._ask(say.READ_PARAMETERS))
        count = await self._ask(say.TEMPLATE_COUNT)
        return SensorInfo(
            system_id=parameters.system_id,
            capacity=parameters.capacity,
            security=parameters.security,
            packet_bytes=parameters.packet_bytes,
            templates=int.from_bytes(count, "big"),
        )

    async def occupied(self) -> frozenset[int]:
        capacity = await self._capacity()
        slots: set[int] = set()
        for page in range(-(-capacity // say.SLOTS_PER_INDEX)):
            slots |= say.parse_index(await self._ask(say.read_index(page)), page)
        return frozenset(slot for slot in slots if slot < capacity)

    async def enrol(self, slot: int) -> None:
        await self._refuse_outside(slot)
        async with self._glass:
            try:
                async with asyncio.timeout(ENROL):
                    await self._capture_into(1)
                    await self._wait_for_lift()
                    await self._capture_into(2)
            except TimeoutError:
                raise DeviceSilent(f"no finger within {ENROL:.0f} s") from None
            finally:
                self._enrolments += 1
                self._lifted = False  # the second capture is nobody's attempt
                if self._touch is not None:
                    self._touch.forget()
            await self._converse(lambda: self._combine_into(slot))

    async def read_template(self, slot: int) -> bytes:
        await self._refuse_outside(slot)
        # A lost data packet shows in no checksum: believe what came twice.
        before = await self._converse(lambda: self._load_and_receive(slot))
        for _ in range(_COMPARISONS):
            again = await self._converse(lambda: self._load_and_receive(slot))
            if again == before:
                return again
            before = again
        raise DeviceSilent("the template differs each time it is read")

    async def write_template(self, slot: int, template: bytes) -> None:
        await self._refuse_outside(slot)
        for _ in range(_COMPARISONS):
            if await self._converse(lambda: self._send_and_store(slot, template)):
                return
        raise DeviceSilent("the template does not arrive undamaged")

    async def delete(self, slot: int) -> None:
        await self._refuse_outside(slot)
        await self._ask(say.delete(slot))

    async def clear(self) -> None:
        await self._ask(say.EMPTY)

    async def glow(self, signal: Signal) -> None:
        if self._ring_doubts >= _NO_RING:
            return
        try:
            await self._ask(_GLOW[signal])
        except DeviceRefused:
            self._ring_doubts = _NO_RING
        except DeviceSilent:
            await self.check()  # alive: perhaps it only does not know this command
            self._ring_doubts += 1
        else:
            self._ring_doubts = 0

    # One finger at a time:

    async def _next_finger(self) -> FingerRead:
        while not self._closed:
            try:
                if (read := await self._wait_for_finger()) is not None:
                    return read
            except DeviceError:
                if self._closed:
                    break
                if not self._complained:
                    self._complained = True
                    raise
                await asyncio.sleep(_RETRY)
        raise StopAsyncIteration

    async def _wait_for_finger(self) -> FingerRead | None:
        """A read, or None if it is worth looking again."""
        if self._complained:
            await self.check()
        if self._touch is not None:
            before = self._enrolments
            await self._touch.touched()
            async with self._glass:
                if self._enrolments != before:  # that touch was for enrolment
                    return None
                return await self._read_touched(self._touch)
        async with self._glass:
            if not self._lifted:
                self._lifted = not await self._converse(self._look)
            elif (read := await self._converse(self._identify)) is not None:
                self._lifted = False
                return read
        await asyncio.sleep(POLL)
        return None

    async def _read_touched(self, touch: TouchWatch) -> FingerRead | None:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + _TOUCHED_FOR
        while touch.active and loop.time() < give_up:
            if (read := await self._converse(self._identify)) is not None:
                return read
            await asyncio.sleep(_SETTLE)
        return None

    async def _wait_for_lift(self) -> None:
        while await self._converse(self._look):  # noqa: ASYNC110  # it has no event
            await asyncio.sleep(POLL)

    async def _capture_into(self, buffer: Buffer) -> None:
        capture = functools.partial(self._capture, buffer)
        while not await self._converse(capture):  # noqa: ASYNC110  # the same
            await asyncio.sleep(POLL)

    # Attempts: alone on the wire, repeated from their beginning.

    async def _look(self) -> bool:
        """Whether there is a finger."""
        code, _ = await self._link.hear(say.GET_IMAGE)
        return code != Answer.NO_FINGER

    async def _capture(self, buffer: Buffer) -> bool | None:
        """Whether the finger could be read; None if there is none."""
        for command in (say.GET_IMAGE, say.image_to_char(buffer)):
            code, _ = await self._link.hear(command)
            if code == Answer.NO_FINGER:
                return None
            if code in _UNREADABLE:
                return False
            if code != Answer.OK:
                raise DeviceRefused(say.words_for(code), answer=code)
        return True

    async def _identify(self) -> FingerRead | None:
        readable = await self._capture(1)
        if readable is None:
            return None
        if not readable:
            return FingerUnreadable()
        capacity = self._known_capacity()
        code, result = await self._link.hear(say.search(1, 0, capacity))
        if code == Answer.NOT_FOUND:
            return FingerUnknown()
        if code in _UNREADABLE:
            return FingerUnreadable()
        if code != Answer.OK:
            raise DeviceRefused(say.words_for(code), answer=code)
        slot = int.from_bytes(result[:2], "big")
        if slot >= capacity:
            raise FrameMalformed(f"a match in slot {slot} of {capacity}")
        return FingerMatched(slot=slot, score=int.from_bytes(result[2:], "big"))

    async def _combine_into(self, slot: int) -> None:
        await self._link.say(say.REG_MODEL)
        await self._link.say(say.store(1, slot))

    async def _load_and_receive(self, slot: int) -> bytes:
        await self._link.say(say.load_char(1, slot))
        return await self._receive()

    async def _send_and_store(self, slot: int, template: bytes) -> bool:
        """Whether it is stored: only what came back undamaged is."""
        await self._link.say(say.down_char(1))
        await self._link.send_data(template)
        if await self._receive() != template:
            return False
        await self._link.say(say.store(1, slot))
        return True

    async def _receive(self) -> bytes:
        await self._link.say(say.up_char(1))
        return await self._link.receive_data()

    async def _capacity(self) -> int:
        if self._link.parameters is None:
            await self._ask(say.READ_PARAMETERS)
        return self._known_capacity()

    def _known_capacity(self) -> int:
        # INVARIANT: every conversation begins in step, with the parameters read.
        parameters = self._link.parameters
        return parameters.capacity if parameters is not None else 0

    async def _refuse_outside(self, slot: int) -> None:
        capacity = await self._capacity()
        if not 0 <= slot < capacity:
            raise DeviceRefused(
                f"slot {slot} is outside the library of {capacity}",
                answer=Answer.BAD_SLOT,
            )

    async def _ask(self, command: say.Command) -> bytes:
        return await self._converse(lambda: self._link.say(command))

    async def _converse(self, attempt: Callable[[], Awaitable[T]]) -> T:
        result = await self._link.converse(attempt)
        self._complained = False
        return result


class _Fingers(AsyncIterator[FingerRead]):
    """Survives errors and cancellation, unlike a generator."""

    def __init__(self, step: Callable[[], Awaitable[FingerRead]]) -> None:
        self._step = step

    async def __anext__(self) -> FingerRead:
        return await self._step()
