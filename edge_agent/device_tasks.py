"""The tasks of one door's devices: who serves which, how each is asked for its health.

Exhaustive over the roles of a door, so that a new one shows up as a type error.
"""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, Final, assert_never, cast

from config.schema import Door, Role
from domain.errors import DeviceError
from domain.ids import DeviceId
from domain.policy import Side
from edge_agent.door_agent import DoorDesk, Task
from edge_agent.fingerprint_sync import FingerprintSync
from edge_agent.health import Check, watch_climate
from edge_agent.inputs import Inbox
from edge_agent.journal_rows import Slot
from edge_agent.lights import Lamp
from edge_agent.outbox import Outbox
from edge_agent.presenters import (
    RETRY_CAP,
    RETRY_FIRST,
    serve_badges,
    serve_fingers,
    serve_keys,
    serve_line,
    supervise,
)
from edge_agent.roster_index import RosterIndex
from hardware import ports
from hardware.ports import Device
from wire.link import Backoff

if TYPE_CHECKING:  # brings numpy, which is only for doors that see faces
    from edge_agent.face_presenter import FacePresenter

LINES: Final = (
    Role.CONTACT,
    Role.EXIT_BUTTON,
    Role.HANDLE,
    Role.FIRE,
    Role.TAMPER,
)


class DeviceTasks:
    def __init__(
        self,
        door: Door,
        devices: Mapping[Role, Device],
        *,
        desk: DoorDesk,
        inbox: Inbox,
        outbox: Outbox,
        digest_key: bytes,
        slots: Iterable[Slot],
        module: str | None,
        face_demanded: bool,
        random: Random,
    ) -> None:
        self._door = door
        self._devices = devices
        self._desk = desk
        self._inbox = inbox
        self._digest_key = digest_key
        self._random = random
        # What the door was told of each line; fire and tamper are told at the start.
        self._levels = {role: self.level(role) for role in LINES}
        self._levels |= {Role.FIRE: False, Role.TAMPER: False}
        self.sync: FingerprintSync | None = None
        self._faces: FacePresenter | None = None
        sensor = devices.get(Role.FINGERPRINT)
        if sensor is not None:
            self.sync = FingerprintSync(
                self.name(Role.FINGERPRINT),
                cast(ports.FingerprintSensor, sensor),
                outbox,
                inbox.put,
                slots=slots,
                module=module,
                backoff=self._backoff(),
            )
        self.face_devices: tuple[DeviceId, ...] = ()
        if Role.CAMERA in devices and Role.FACE_ENGINE in devices:
            self.face_devices = (self.name(Role.CAMERA), self.name(Role.FACE_ENGINE))
            if face_demanded:
                self._faces = self._face_presenter()
        self.tasks: tuple[Task, ...] = tuple(
            task
            for role, device in devices.items()
            if (task := self._task(role, device)) is not None
        )
        if self.sync is not None:
            self.tasks += (self.sync.run,)

    def name(self, role: Role) -> DeviceId:
        spec = self._door.device(role)
        # A part that the site file doesn't name is a simulated one.
        return DeviceId(f"{self._door.id}.{role}") if spec is None else spec.id

    def level(self, role: Role) -> bool:
        """A line as it is now; a line that is not there, or fails, is not active."""
        line = self._devices.get(role)
        if line is None:
            return False
        try:
            return cast(ports.BinaryInput, line).active
        except DeviceError:
            return False

    def want(self, index: RosterIndex) -> None:
        """A roster came into force."""
        if self.sync is not None:
            self.sync.want(index)

    def on_turn(self) -> None:
        """The door has dealt with an input."""
        if self._faces is not None:
            self._faces.look_again()

    @property
    def lamps(self) -> tuple[tuple[DeviceId, Lamp], ...]:
        found: list[tuple[DeviceId, Lamp]] = []
        indicator = self._devices.get(Role.INDICATOR)
        if indicator is not None:
            lamp = cast(ports.Indicator, indicator).show
            found.append((self.name(Role.INDICATOR), lamp))
        sensor = self._devices.get(Role.FINGERPRINT)
        if sensor is not None:
            ring = cast(ports.FingerprintSensor, sensor).glow
            found.append((self.name(Role.FINGERPRINT), ring))
        return tuple(found)

    @property
    def checks(self) -> tuple[tuple[DeviceId, Check], ...]:
        return tuple(
            (self.name(role), self._check(role, device))
            for role, device in self._devices.items()
        )

    def _check(self, role: Role, device: Device) -> Check:
        if role is Role.FINGERPRINT and self.sync is not None:
            return self.sync.inspect
        return device.check

    def _task(self, role: Role, device: Device) -> Task | None:
        """What serves a device; None: it is only asked for its health."""
        put, desk = self._inbox.put, self._desk
        serve: Callable[[], Coroutine[Any, Any, None]]
        match role:
            case Role.ENTRY_READER | Role.EXIT_READER:
                serve = partial(
                    serve_badges,
                    cast(ports.BadgeReader, device),
                    Side.ENTRY if role is Role.ENTRY_READER else Side.EXIT,
                    desk,
                    put,
                    now=self._inbox.now,
                    digest_key=self._digest_key,
                )
            case Role.KEYPAD:
                serve = partial(
                    serve_keys,
                    cast(ports.Keypad, device),
                    desk,
                    put,
                    now=self._inbox.now,
                    digest_key=self._digest_key,
                )
            case Role.FINGERPRINT:
                serve = partial(
                    self._serve_fingers, cast(ports.FingerprintSensor, device)
                )
            case (
                Role.CONTACT | Role.EXIT_BUTTON | Role.HANDLE | Role.FIRE | Role.TAMPER
            ):
                serve = partial(
                    serve_line,
                    cast(ports.BinaryInput, device),
                    role,
                    put,
                    levels=self._levels,
                )
            case Role.CAMERA:
                if self._faces is None:
                    return None
                serve = partial(self._faces.serve)
            case Role.CLIMATE:
                serve = partial(
                    watch_climate,
                    self.name(role),
                    cast(ports.ClimateSensor, device),
                    put,
                    every=self._door.timing.climate_every,
                )
            case Role.LOCK | Role.INDICATOR | Role.TOUCH | Role.FACE_ENGINE:
                return None
            case _:
                assert_never(role)
        return partial(
            supervise, self.name(role), device, put, serve, backoff=self._backoff()
        )

    async def _serve_fingers(self, sensor: ports.FingerprintSensor) -> None:
        if self.sync is None:
            return
        self.sync.look_again()  # it may have been away
        await serve_fingers(sensor, self.sync.owner, self._inbox.put)

    def _face_presenter(self) -> "FacePresenter":
        from edge_agent.face_presenter import FacePresenter

        return FacePresenter(
            cast(ports.Camera, self._devices[Role.CAMERA]),
            cast(ports.FaceEngine, self._devices[Role.FACE_ENGINE]),
            self._desk,
            self._inbox.put,
            engine_name=self.name(Role.FACE_ENGINE),
            limits=self._door.faces,
            now=self._inbox.now,
            backoff=self._backoff(),
        )

    def _backoff(self) -> Backoff:
        return Backoff(self._random.random, first=RETRY_FIRST, cap=RETRY_CAP)
