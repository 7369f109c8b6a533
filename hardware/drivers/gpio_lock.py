"""The relay of an electric lock on a GPIO pin.

    fail_secure   power releases   secured = relay off, released = relay on
    fail_safe     power holds      secured = relay on,  released = relay off

The relay stands in its secured position from the first instant: the pin is claimed
with that level, so starting never pulses it. A second contact of the relay, wired to
a feedback pin, confirms each move within 50 ms; without one the write is believed.
"""

import asyncio
from typing import Final, Literal

from domain.errors import DeviceError, DeviceVanished, InputError
from hardware.pins import InputPin, OutputPin

Wiring = Literal["fail_secure", "fail_safe"]
Level = Literal["high", "low"]

# Seconds. Relays of this size pull in within 10 ms (Songle SRD-05VDC: 10 ms operate,
# 5 ms release); the port allows 50 ms, of which 5 ms are ours.
_CONFIRM_WITHIN: Final = 0.045


class GpioLock:
    """`relay_on` is the level at which the relay board switches on.

    `feedback_on` is the level on the feedback pin while the relay is on.
    """

    def __init__(
        self,
        *,
        pin: int,
        wiring: Wiring,
        relay_on: Level = "high",
        feedback_pin: int | None = None,
        feedback_on: Level = "low",
        board: str | None = None,
    ) -> None:
        if wiring not in ("fail_secure", "fail_safe"):
            raise InputError(f"wiring is `{wiring}`: say fail_secure or fail_safe")
        for level in (relay_on, feedback_on):
            if level not in ("high", "low"):
                raise InputError(f"level is `{level}`: say high or low")
        self._power_holds = wiring == "fail_safe"
        self._on_is_high = relay_on == "high"
        self._feedback_on_is_high = feedback_on == "high"
        self._closed = False
        self._relay = OutputPin(
            pin, board=board, high=self._power_holds == self._on_is_high
        )
        self._feedback: InputPin | None = None
        self._moved = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        if feedback_pin is not None:
            self._feedback = InputPin(
                feedback_pin,
                board=board,
                pull="down" if self._feedback_on_is_high else "up",
            )
            self._feedback.watch(self._on_feedback)

    async def release(self) -> None:
        await self._switch(on=not self._power_holds)

    async def secure(self) -> None:
        await self._switch(on=self._power_holds)

    async def check(self) -> None:
        """The relay stands as it was told."""
        if self._closed:
            raise DeviceVanished(f"the lock on {self._relay.name} is closed")
        await self._confirm(on=self._relay.high == self._on_is_high)

    async def aclose(self) -> None:
        """Relay off, whatever the wiring: the unpowered state."""
        if self._closed:
            return
        self._closed = True
        try:
            self._relay.drive(not self._on_is_high)
        except DeviceError:
            pass  # it lost its power already: that is the unpowered state
        finally:
            self._relay.close()
            if self._feedback is not None:
                self._feedback.close()

    async def _switch(self, *, on: bool) -> None:
        if self._closed:
            raise DeviceVanished(f"the lock on {self._relay.name} is closed")
        self._relay.drive(on == self._on_is_high)
        await self._confirm(on=on)

    async def _confirm(self, *, on: bool) -> None:
        if self._feedback is None:
            return
        self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONFIRM_WITHIN):
                while not self._follows(self._feedback, on=on):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            # An edge may have been lost; the level can not.
            if not self._follows(self._feedback, on=on):
                state = "on" if on else "off"
                raise DeviceError(
                    f"relay on {self._relay.name} did not confirm that it is {state}"
                ) from None

    def _follows(self, feedback: InputPin, *, on: bool) -> bool:
        return feedback.high == (on == self._feedback_on_is_high)

    def _on_feedback(self, _high: bool) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._moved.set)
