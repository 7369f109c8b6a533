"""What each kind of device looks like to the rest of the system.

A port says what a device does, in what unit, how fast, and how it fails; it
never says how. Drivers (`hardware.drivers`) and simulators implement ports;
`edge_agent` sees nothing else. One contract suite, `tests/contract`, holds
every implementation, real or simulated, to the same promises.

All waiting is on the running asyncio loop (so a virtual loop controls time).
Every method may raise `domain.errors.DeviceError`; a port never hangs longer than
its driver's time-outs. Iterators end only on `aclose`; while a device is gone they
raise `DeviceError` once and can be iterated again after `check` succeeds.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:  # 13 MB that a door without a camera never needs
    import numpy as np
    from numpy.typing import NDArray

Picture: TypeAlias = "NDArray[np.uint8]"  # height x width x 3, BGR, 8 bits
Embedding: TypeAlias = "NDArray[np.float32]"  # 128 numbers, not normalised


@runtime_checkable
class Device(Protocol):
    """What all devices can do."""

    async def check(self) -> None:
        """Return if the device is alive; a cheap question, at most 1 s.

        Raises:
            DeviceError: it is not. Reconnects by itself on the next call.
        """

    async def aclose(self) -> None:
        """Leave the hardware in its unpowered state and free it. Idempotent."""


class Lock(Device, Protocol):
    """The lock of one door, whatever its polarity.

    A fail-secure lock needs power to release and has a handle that always opens
    from inside; a fail-safe lock needs power to hold, and the fire relay and the
    break-glass cut that power in hardware. The site file says which it is and the
    driver owns the polarity: nobody above it thinks in volts. Starting up never
    pulses the relay.
    """

    async def release(self) -> None:
        """Let the door be opened until `secure` is called. Idempotent.

        Completes within 50 ms.

        Raises:
            DeviceError: the relay did not confirm. Assume the door is as the
                contact says, and alarm.
        """

    async def secure(self) -> None:
        """Lock the door. Idempotent, and safe to call after a failure."""


class BinaryInput(Device, Protocol):
    """A contact, exit button, handle, fire, tamper or touch line.

    `active` means what the name says: contact *open*, button *pressed*, handle
    *turned*, fire *alarm*, tamper *opened*, finger *on the glass*. The driver owns
    polarity and bounce. An activation longer than 400 ms is always reported.
    """

    @property
    def active(self) -> bool:
        """The level now (after bounce)."""

    def changes(self) -> AsyncIterator[bool]:
        """Each change of `active` from now on, in order, none merged."""


class Signal(StrEnum):
    """What the lights and the buzzer at a door tell."""

    IDLE = "idle"
    WAITING = "waiting"  # more factors are expected
    GRANTED = "granted"
    REFUSED = "refused"
    ALARM = "alarm"  # forced, held, tamper
    LOCKDOWN = "lockdown"


class Indicator(Device, Protocol):
    """LEDs and buzzer of one reader."""

    async def show(self, signal: Signal) -> None:
        """Show `signal` until the next call."""


@dataclass(frozen=True, slots=True)
class BadgeRead:
    """One badge at one reader. `number` is the raw number: never log it."""

    number: bytes  # big-endian, as short as the format allows
    format: str  # "em4100", "mifare_uid", "wiegand26", "wiegand34"

    def __repr__(self) -> str:
        return f"BadgeRead(format={self.format!r})"


class BadgeReader(Device, Protocol):
    def reads(self) -> AsyncIterator[BadgeRead]:
        """Badges as they are presented. Damaged frames are counted, not raised."""


class Keypad(Device, Protocol):
    def keys(self) -> AsyncIterator[str]:
        """Keys as pressed: "0".."9", "*", "#"."""


@dataclass(frozen=True, slots=True)
class FingerMatched:
    slot: int  # page number in the module
    score: int  # the module's own matching score, 0..65535


@dataclass(frozen=True, slots=True)
class FingerUnknown:
    """A usable print that matches no stored template."""


@dataclass(frozen=True, slots=True)
class FingerUnreadable:
    """A finger that could not be read (messy, too few features). Try again."""


FingerRead = FingerMatched | FingerUnknown | FingerUnreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorInfo:
    """What a fingerprint module says of itself; a change means tampering."""

    system_id: int
    capacity: int  # templates
    security: int  # 1..5
    packet_bytes: int  # 32, 64, 128 or 256
    templates: int  # stored now


class FingerprintSensor(Device, Protocol):
    def fingers(self) -> AsyncIterator[FingerRead]:
        """One read for each time a finger is laid on the glass.

        At most 1 s from touch to answer in a library of 500.
        """

    async def info(self) -> SensorInfo: ...

    async def occupied(self) -> frozenset[int]:
        """Slots that hold a template."""

    async def enrol(self, slot: int) -> None:
        """Capture one finger twice (30 s at most) and store it in `slot`.

        Raises:
            DeviceRefused: the two captures do not match, or `slot` is outside.
            DeviceSilent: no finger in time.
        """

    async def read_template(self, slot: int) -> bytes:
        """The template in `slot`, as the module gives it."""

    async def write_template(self, slot: int, template: bytes) -> None: ...

    async def delete(self, slot: int) -> None: ...

    async def clear(self) -> None: ...

    async def glow(self, signal: Signal) -> None:
        """The ring of light around the glass; a module without one ignores it."""


class Camera(Device, Protocol):
    async def frame(self) -> Picture:
        """A picture taken now. At most 1 s.

        Raises:
            DeviceError: no picture (unplugged, network gone, black).
        """

    async def motion(self) -> None:
        """Return as soon as something in front of the camera has changed."""


@dataclass(frozen=True, slots=True)
class FaceFound:
    embedding: Embedding
    box: tuple[int, int, int, int]  # left, top, right, bottom in pixels


@dataclass(frozen=True, slots=True)
class NoFace:
    """No face in the picture, or none large enough."""


@dataclass(frozen=True, slots=True)
class SeveralFaces:
    count: int


FaceRead = FaceFound | NoFace | SeveralFaces


class FaceEngine(Device, Protocol):
    """Pictures to embeddings. Distance is Euclidean.

    `name` identifies the network: embeddings of different names never compare.
    """

    name: str

    async def read(self, picture: Picture) -> FaceRead:
        """Find the one face in `picture` and embed it."""


@dataclass(frozen=True, slots=True)
class Climate:
    temperature_c: float  # -45..130
    humidity_percent: float  # 0..100


class ClimateSensor(Device, Protocol):
    async def read(self) -> Climate: ...
