"""Keys of a keypad become declarations and PINs. Pure: no clock, no device.

1..3 digits, #    what somebody carries: `0` nothing, else the locker's number
4.. digits, #     a PIN
*                 clears; so does a pause of 10 s, and more digits than a PIN has
"""

from dataclasses import dataclass, field
from typing import Final

from domain.credentials import Declaration

IDLE: Final = 10.0  # seconds
LOCKER_DIGITS: Final = 3
PIN_DIGITS: Final = 12  # at most; more is somebody leaning on the keypad


@dataclass(frozen=True, slots=True)
class Declared:
    declaration: Declaration


@dataclass(frozen=True, slots=True)
class Pin:
    digits: str = field(repr=False)


class KeypadEntry:
    def __init__(self) -> None:
        self._digits = ""
        self._too_long = False
        self._last = 0.0

    def press(self, key: str, *, at: float) -> Declared | Pin | None:
        """What `key` completes, if anything; `at` in seconds of a steady clock."""
        if at - self._last >= IDLE:
            self._clear()
        self._last = at
        if key == "#":
            return self._complete()
        if key == "*":
            self._clear()
        elif len(self._digits) < PIN_DIGITS:
            self._digits += key
        else:
            self._too_long = True
        return None

    def _complete(self) -> Declared | Pin | None:
        digits, too_long = self._digits, self._too_long
        self._clear()
        if not digits or too_long:
            return None
        if len(digits) > LOCKER_DIGITS:
            return Pin(digits)
        number = int(digits)
        return Declared(Declaration(None if number == 0 else number))

    def _clear(self) -> None:
        self._digits, self._too_long = "", False
