"""Everything that is bolted to one door, simulated at the level of its wire.

A site file says `simulated = true` and writes `sim:NAME` where a real one writes a
serial port; the rig puts a pseudo-terminal with a simulated device at its other end
there, mock pins behind the door's board and a scene before its camera. So the real
drivers run, built by the real loader, and know of nothing.
"""

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from config.schema import DeviceSpec, Door, Role, Wiring
from domain.credentials import Factor
from domain.errors import InputError
from domain.policy import Side
from hardware.loader import options_of
from hardware.pins import forget_board
from hardware.ports import Picture
from simulators.badge_reader import SimulatedBadgeReader
from simulators.camera import Scene, forget_scene, scene_named
from simulators.climate_sensor import SimulatedClimateSensor
from simulators.finger import Finger
from simulators.fingerprint_sensor import SimulatedFingerprintModule
from simulators.keypad import SimulatedKeypad
from simulators.people import Shown, badge_number, finger, pin
from simulators.pins import SimulatedDoorHardware
from simulators.serial_line import SerialLine

SIMULATED_PORT: Final = "sim:"
# Seconds that a finger lies on the glass and a face stays before the camera: less
# than the second from one presentation to the next.
_LINGERS: Final = 0.8
_PRESSED: Final = 0.5  # a button; well above the 400 ms that every input promises

# A module ten times as quick as a real one: a story counts in whole seconds.
_HASTE: Final = 0.1
# Likewise, seconds between two keys.
_BETWEEN_KEYS: Final = 0.01

PictureOf = Callable[[str], Picture]


class DoorRig:
    """The devices of `door` and the world on its two sides.

    `picture_of` photographs whoever stands before the camera.
    """

    def __init__(self, door: Door, *, core: bool, picture_of: PictureOf) -> None:
        self.door = door
        self.wants_declaration = core
        # Seconds that a face stays before the camera.
        self.face_lingers = _LINGERS
        self.hardware = SimulatedDoorHardware(
            str(door.devices[Role.LOCK].options["board"]),
            wiring="fail_safe" if door.wiring is Wiring.FAIL_SAFE else "fail_secure",
        )
        self.scene: Scene | None = None
        self.climate: SimulatedClimateSensor | None = None
        self.fingerprint: SimulatedFingerprintModule | None = None
        self._keypad: SimulatedKeypad | None = None
        self._readers: dict[Side, SimulatedBadgeReader] = {}
        self._lines: dict[Role, SerialLine] = {}
        # A port keeps its name when its device is unplugged and plugged in again.
        self._ports = tempfile.TemporaryDirectory(prefix="menshen-ports-")
        self._picture_of = picture_of
        self._contact_broken = False
        self._in_doorway = 0
        self._held = False
        self.devices: Mapping[Role, DeviceSpec] = {
            role: self._equip(spec) for role, spec in door.devices.items()
        }

    # --- people ---

    async def present(self, shown: Shown, side: Side) -> None:
        """Somebody presents one factor and takes it away again.

        Inside there is only a badge reader: whoever leaves uses their badge.
        """
        if side is Side.EXIT or shown.factor is Factor.BADGE:
            self._readers[side].present(badge_number(shown.whose))
        elif shown.factor is Factor.FINGERPRINT:
            await self._lay_finger(shown)
        elif shown.factor is Factor.FACE:
            await self._show_face(shown)
        else:
            digits = pin(shown.whose, duress=shown.duress, wrong=shown.wrong)
            await self.key_in(f"{digits}#")

    async def key_in(self, keys: str) -> None:
        if self._keypad is not None:
            await self._keypad.press(keys, between_s=_BETWEEN_KEYS)

    async def pass_through(self, shuts_after: float) -> None:
        """Open the door if the lock lets it, go through, and let it shut."""
        if not self.hardware.released and not self.hardware.door_open:
            return
        self._in_doorway += 1
        self._open()
        await asyncio.sleep(shuts_after)
        self._in_doorway -= 1
        self._shut_if_free()

    async def leave_by_button(self, opens_after: float, shuts_after: float) -> None:
        self.hardware.press_exit()
        await asyncio.sleep(_PRESSED)
        self.hardware.let_go_exit()
        await asyncio.sleep(opens_after - _PRESSED)
        await self.pass_through(shuts_after)

    async def leave_by_handle(self, shuts_after: float) -> None:
        self.hardware.turn_handle()
        await asyncio.sleep(_PRESSED)
        self._in_doorway += 1
        self._open()
        self.hardware.let_go_handle()
        await asyncio.sleep(shuts_after)
        self._in_doorway -= 1
        self._shut_if_free()

    async def hold_open(self) -> None:
        """Opened from inside if it is shut, and kept open until `let_go`."""
        self._held = True
        if self.hardware.door_open:
            return
        if self.door.has_handle:
            self.hardware.turn_handle()
            await asyncio.sleep(_PRESSED)
            self._open()
            self.hardware.let_go_handle()
        else:
            self.hardware.press_exit()
            await asyncio.sleep(_PRESSED)
            self.hardware.let_go_exit()
            self._open()

    def let_go(self) -> bool:
        """Whatever was held open may shut; whether anything was."""
        held, self._held = self._held, False
        if held:
            self._shut_if_free()
        return held

    async def force(self, shuts_after: float) -> None:
        """Opened without a release."""
        self._in_doorway += 1
        self._open()
        await asyncio.sleep(shuts_after)
        self._in_doorway -= 1
        self._shut_if_free()

    def unplug(self, role: Role) -> None:
        """Its serial port vanishes, whatever is under way on it."""
        self._lines[role].cut()

    def plug_in(self, role: Role) -> None:
        self._lines[role].restore()

    def break_contact(self, *, broken: bool) -> None:
        """A broken contact never reports a movement."""
        self._contact_broken = broken

    def close(self) -> None:
        """Take it all down, so that another site may have doors of these names."""
        for line in self._lines.values():
            line.close()
        self._ports.cleanup()
        forget_board(self.hardware.board)
        if self.scene is not None:
            forget_scene(self.scene.name)

    # --- inside ---

    def _equip(self, spec: DeviceSpec) -> DeviceSpec:
        """The far end of one device; the spec with a real path for `sim:`."""
        if spec.role is Role.CAMERA and "scene" in spec.options:
            self.scene = scene_named(str(spec.options["scene"]))
        if spec.role is Role.CLIMATE:
            bus = str(spec.options["bus"])
            self.climate = SimulatedClimateSensor(bus)
        if not str(spec.options.get("port", "")).startswith(SIMULATED_PORT):
            return spec
        link = Path(self._ports.name) / spec.role
        line = self._lines[spec.role] = SerialLine(baud=_baud(spec), link=link)
        match spec.role:
            case Role.ENTRY_READER | Role.EXIT_READER:
                side = Side.ENTRY if spec.role is Role.ENTRY_READER else Side.EXIT
                self._readers[side] = SimulatedBadgeReader(line)
            case Role.KEYPAD:
                self._keypad = SimulatedKeypad(line)
            case Role.FINGERPRINT:
                self.fingerprint = SimulatedFingerprintModule(
                    line, on_touch=self._touch, takes_times=_HASTE
                )
            case _:
                raise InputError(f"device `{spec.id}`: no `sim:` for a {spec.role}")
        return replace(spec, options={**spec.options, "port": line.path})

    def _touch(self, touched: bool) -> None:
        if touched:
            self.hardware.touch_glass()
        else:
            self.hardware.leave_glass()

    def _open(self) -> None:
        if not self._contact_broken:
            self.hardware.open_door()

    def _shut_if_free(self) -> None:
        if self._in_doorway == 0 and not self._held:
            self.hardware.close_door()

    async def _lay_finger(self, shown: Shown) -> None:
        if self.fingerprint is None:
            return
        self.fingerprint.lay(Finger(finger(shown.whose, duress=shown.duress)))
        await asyncio.sleep(_LINGERS)
        self.fingerprint.lift()

    async def _show_face(self, shown: Shown) -> None:
        if self.scene is None:
            return
        self.scene.show(self._picture_of(shown.whose))
        await asyncio.sleep(self.face_lingers)
        self.scene.clear()


def _baud(spec: DeviceSpec) -> int:
    """The line's speed: what the driver will be told, or its own default."""
    told = spec.options.get("baud")
    if isinstance(told, int):
        return told
    default = options_of(spec.driver)["baud"].default
    return int(default)
