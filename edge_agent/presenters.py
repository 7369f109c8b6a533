"""From devices to inputs: one small task per device.

Each waits on its own, so a dead device delays nobody. What a person presents becomes
`FactorPresented` with whom it names by this door's roster; the raw number, digits and
pictures end here.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Protocol

from config.schema import Role
from domain.credentials import Factor
from domain.errors import DeviceError, DeviceSilent
from domain.ids import DeviceId, PersonId
from domain.policy import Side
from edge_agent.inputs import (
    DeclarationKeyed,
    DeviceDown,
    DeviceUp,
    FactorPresented,
    Input,
    LineChanged,
)
from edge_agent.keypad_entry import Declared, KeypadEntry, Pin
from edge_agent.roster_index import RosterIndex
from hardware.ports import (
    BadgeReader,
    BinaryInput,
    Device,
    FingerMatched,
    FingerprintSensor,
    FingerUnknown,
    FingerUnreadable,
    Keypad,
)
from wire import sealing
from wire.link import Backoff

# Seconds. A dead device is asked again soon, then twice a minute for ever.
RETRY_FIRST: Final = 0.5
RETRY_CAP: Final = 30.0
# Seconds. The ports promise an answer within one; the rest is a busy machine.
CHECK: Final = 2.0

Put = Callable[[Input], None]


class Desk(Protocol):
    """What presenters may ask of their door."""

    @property
    def index(self) -> RosterIndex | None: ...

    def named(self, at: datetime) -> PersonId | None: ...


async def check(device: Device) -> None:
    """Ask a device whether it is alive, and don't wait for ever.

    Raises:
        DeviceError: it is not.
    """
    try:
        async with asyncio.timeout(CHECK):
            await device.check()
    except TimeoutError:
        raise DeviceSilent(f"no answer within {CHECK:g} s") from None


async def supervise(
    name: DeviceId,
    device: Device,
    put: Put,
    serve: Callable[[], Awaitable[None]],
    *,
    backoff: Backoff,
) -> None:
    """Serve a device for ever: tell when it is gone and when it is back."""
    loop = asyncio.get_running_loop()
    while True:
        since = loop.time()
        try:
            await check(device)
            put(DeviceUp(name))
            await serve()
            return  # closed
        except DeviceError as error:
            put(DeviceDown(name, f"{error.code}: {error}"))
        if loop.time() - since > RETRY_CAP:
            backoff.reset()
        await asyncio.sleep(backoff.next())


async def serve_badges(
    reader: BadgeReader,
    side: Side,
    desk: Desk,
    put: Put,
    *,
    now: Callable[[], datetime],
    digest_key: bytes,
) -> None:
    """A badge out of its time names nobody who comes in, and whoever goes out."""
    async for read in reader.reads():
        digest = sealing.badge_digest(digest_key, read.number)
        named = None if desk.index is None else desk.index.badge(digest)
        if named is not None and side is Side.ENTRY and not named.admits(now()):
            named = None
        put(
            FactorPresented(
                side=side,
                factor=Factor.BADGE,
                person=None if named is None else named.person,
                credential=digest.hex() if named is None else None,
                duress=named is not None and named.duress,
            )
        )


async def serve_fingers(
    sensor: FingerprintSensor,
    slots: Callable[[int], tuple[PersonId, bool] | None],
    put: Put,
) -> None:
    """`slots`: whom a slot of the module belongs to, and whether it says duress."""
    async for read in sensor.fingers():
        match read:
            case FingerMatched(slot=slot):
                found = slots(slot)
                person, duress = found if found is not None else (None, False)
                put(
                    FactorPresented(
                        side=Side.ENTRY,
                        factor=Factor.FINGERPRINT,
                        person=person,
                        duress=duress,
                    )
                )
            case FingerUnknown():
                put(
                    FactorPresented(
                        side=Side.ENTRY, factor=Factor.FINGERPRINT, person=None
                    )
                )
            case FingerUnreadable():
                pass  # a finger laid on badly is not an attempt


async def serve_keys(
    keypad: Keypad,
    desk: Desk,
    put: Put,
    *,
    now: Callable[[], datetime],
    digest_key: bytes,
) -> None:
    loop = asyncio.get_running_loop()
    entry = KeypadEntry()
    async for key in keypad.keys():
        match entry.press(key, at=loop.time()):
            case Declared(declaration=declaration):
                put(DeclarationKeyed(declaration))
            case Pin(digits=digits):
                await _present_pin(digits, desk, put, now(), digest_key)
            case None:
                pass


async def _present_pin(
    digits: str, desk: Desk, put: Put, at: datetime, digest_key: bytes
) -> None:
    """A PIN says something only beside a name: whose it is must be known by then."""
    person = desk.named(at)
    known, duress = False, False
    pins = () if person is None or desk.index is None else desk.index.pins(person)
    if person is not None and pins:
        verifier = await asyncio.get_running_loop().run_in_executor(
            None, sealing.pin_verifier, digest_key, person, digits
        )
        for credential in pins:
            if hmac.compare_digest(credential.data, verifier):
                known, duress = True, credential.duress
    put(
        FactorPresented(
            side=Side.ENTRY,
            factor=Factor.PIN,
            person=person if known else None,
            duress=duress,
        )
    )


async def serve_line(
    line: BinaryInput, role: Role, put: Put, *, levels: dict[Role, bool]
) -> None:
    """`levels`: what the door was told last of each line."""
    changes = line.changes()
    if line.active is not levels[role]:  # it changed while nobody listened
        levels[role] = line.active
        put(LineChanged(role, line.active))
    async for active in changes:
        if active is not levels[role]:
            levels[role] = active
            put(LineChanged(role, active))
