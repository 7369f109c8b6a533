"""Devices: enough for the level, wired once each, and honest about being simulated.

What a driver's options are and whether they fit is told by `hardware.loader`, which
knows the drivers; here are the rules that hold for any.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from config.schema import DeviceSpec, Door, Role, Site
from domain.credentials import Factor
from domain.ids import DoorId
from domain.zones import LEVEL_DEMANDS, NON_FACE_FACTORS, Zone, ZoneLevel

ROOMS: Final = ("hardware.drivers.", "simulators.")

_READ_BY: Final[dict[Factor, tuple[Role, ...]]] = {
    Factor.BADGE: (Role.ENTRY_READER,),
    Factor.FINGERPRINT: (Role.FINGERPRINT,),
    Factor.FACE: (Role.CAMERA, Role.FACE_ENGINE),
    Factor.PIN: (Role.KEYPAD,),
}
# Options whose value says that nothing real is behind it (as `hardware.loader`).
_SIM_PREFIXES: Final = ("sim:", "/dev/pts/")


@dataclass(frozen=True, slots=True)
class Fault:
    """`where` as in the file, "doors.rd_lab.timing". Not grave: a warning."""

    where: str
    what: str
    grave: bool = True


def of_door(door: Door, zone: Zone) -> Iterator[Fault]:
    yield from _reads_enough(door, zone)
    yield from _watches(door, zone)
    yield from _lets_out(door, zone)
    yield from _climate(door)
    for spec in door.devices.values():
        yield from _driver(door, spec)


def of_agents(site: Site) -> Iterator[Fault]:
    """What doors that share one machine may not share."""
    for agent in dict.fromkeys(door.agent for door in site.doors.values()):
        specs = [
            (door, spec)
            for door in site.doors_of(agent)
            for spec in door.devices.values()
        ]
        yield from _mixed(agent, specs)
        yield from _twice(specs)
        yield from _displays(site.doors_of(agent))


def _reads_enough(door: Door, zone: Zone) -> Iterator[Fault]:
    where = f"doors.{door.id}.devices"
    demands = LEVEL_DEMANDS[zone.level]
    why: dict[Role, str] = {}
    for factor in demands.factors:
        for role in _READ_BY[factor]:
            why.setdefault(role, f"a {zone.level} zone asks for {factor} (G5.3.2-1)")
    for factor in door.factors:
        for role in _READ_BY[factor]:
            why.setdefault(role, f"this door asks for {factor}")
    if Factor.FACE in (*demands.factors, *door.factors):
        for factor in NON_FACE_FACTORS:
            for role in _READ_BY[factor]:
                why.setdefault(
                    role,
                    f"a face is never the only way: {factor} stands in for it "
                    "(G6.2.2-1)",
                )
    if demands.declaration:
        why.setdefault(Role.KEYPAD, "devices are declared at the keypad (G5.3.3-1)")
    for role, reason in why.items():
        if role not in door.devices:
            yield Fault(where, f"`{role}` is missing: {reason}; add it")


def _watches(door: Door, zone: Zone) -> Iterator[Fault]:
    where = f"doors.{door.id}.devices"
    for role, use in (
        (Role.LOCK, "nothing holds the door shut"),
        (Role.CONTACT, "nobody would know whether the door is open"),
    ):
        if role not in door.devices:
            yield Fault(where, f"`{role}` is missing: {use}; add it")
    if Role.CAMERA not in door.devices and zone.level is not ZoneLevel.CORE:
        secret = zone.level is not ZoneLevel.NON_SECRET
        if secret:
            yield Fault(
                where, "no camera sees the entrance (G5.3.2-3); add one", grave=False
            )
    if Role.FACE_ENGINE in door.devices and Role.CAMERA not in door.devices:
        yield Fault(where, "a face engine without a camera sees nothing; add `camera`")


def _lets_out(door: Door, zone: Zone) -> Iterator[Fault]:
    where = f"doors.{door.id}.devices"
    if not door.has_handle and Role.EXIT_BUTTON not in door.devices:
        yield Fault(
            where,
            "`exit_button` is missing: without a handle it is the way out; add it",
        )
    if door.has_handle and Role.HANDLE not in door.devices:
        yield Fault(
            where,
            "nothing tells that the handle was turned, so each use looks forced; add "
            "`handle`",
            grave=False,
        )
    if door.has_fire_relay and Role.FIRE not in door.devices:
        yield Fault(
            where,
            "nothing tells that the fire relay let go, so it looks forced; add `fire`",
            grave=False,
        )
    if Role.EXIT_READER not in door.devices and zone.level is not ZoneLevel.NON_SECRET:
        yield Fault(
            where,
            "no reader inside: nobody's time out is recorded (G5.3.2-3); add "
            "`exit_reader`",
            grave=False,
        )


def _climate(door: Door) -> Iterator[Fault]:
    where = f"doors.{door.id}"
    measured = Role.CLIMATE in door.devices
    if measured and door.climate is None:
        yield Fault(where, "a climate sensor without limits; write `climate` limits")
    if door.climate is not None and not measured:
        yield Fault(
            f"{where}.climate",
            "limits without a sensor (G7.2.3-3); add `devices.climate`",
        )


def _driver(door: Door, spec: DeviceSpec) -> Iterator[Fault]:
    where = f"doors.{door.id}.devices.{spec.role}"
    if not spec.driver.startswith(ROOMS):
        yield Fault(
            where,
            f"driver `{spec.driver}` is not one of ours; write one under "
            f"{' or '.join(ROOMS)}",
        )
    if not spec.simulated and (sign := _sign_of_simulation(spec)) is not None:
        yield Fault(where, f"{sign} is simulated; write `simulated = true`")
    wiring = spec.options.get("wiring", door.wiring)
    if spec.role is Role.LOCK and wiring != door.wiring:
        yield Fault(
            where,
            f"the lock is wired {wiring} and its door {door.wiring}; remove it here",
        )


def _sign_of_simulation(spec: DeviceSpec) -> str | None:
    if spec.driver.startswith("simulators."):
        return f"driver `{spec.driver}`"
    if "board" in spec.options:
        return "a named `board`"
    if isinstance(spec.options.get("bus"), str):
        return "a named `bus`"
    for key, value in spec.options.items():
        if isinstance(value, str) and value.startswith(_SIM_PREFIXES):
            return f"`{key}`"
    return None


def _mixed(agent: str, specs: list[tuple[Door, DeviceSpec]]) -> Iterator[Fault]:
    simulated = [(door, spec) for door, spec in specs if spec.simulated]
    if not simulated or len(simulated) == len(specs):
        return
    for door, spec in simulated:
        yield Fault(
            f"doors.{door.id}.devices.{spec.role}",
            f"is simulated while agent `{agent}` also drives real devices; a real door "
            "must not open for what isn't there: make all of them real, or none",
        )


def _twice(specs: list[tuple[Door, DeviceSpec]]) -> Iterator[Fault]:
    """Pins and serial ports that two devices claim. Two specs with the same driver
    and options are one device (`hardware.loader`)."""
    owners: dict[str, DeviceSpec] = {}
    for door, spec in specs:
        where = f"doors.{door.id}.devices.{spec.role}"
        for claim in _claims(spec):
            owner = owners.setdefault(claim, spec)
            if owner is spec or _same_device(owner, spec):
                continue
            yield Fault(where, f"{claim} is `{owner.id}`'s already; use another")
        own = list(_claims(spec))
        for claim in dict.fromkeys(c for c in own if own.count(c) > 1):
            yield Fault(where, f"{claim} is named twice here; use another")


def _displays(doors: tuple[Door, ...]) -> Iterator[Fault]:
    owners: dict[int, DoorId] = {}
    for door in doors:
        if door.display is None:
            continue
        owner = owners.setdefault(door.display.port, door.id)
        if owner != door.id:
            yield Fault(
                f"doors.{door.id}.display.port",
                f"{door.display.port} is the display's of `{owner}` on the same agent; "
                "write another",
            )


def _same_device(one: DeviceSpec, other: DeviceSpec) -> bool:
    return (one.driver, one.options) == (other.driver, other.options)


def _claims(spec: DeviceSpec) -> Iterator[str]:
    board = spec.options.get("board")
    on = "" if board is None else f" of board `{board}`"
    for key, value in spec.options.items():
        if key == "port" and isinstance(value, str):
            yield f"port {value}"
        elif key == "pin" or key.endswith(("_pin", "_pins")):
            pins = value if isinstance(value, list) else [value]
            yield from (f"pin {pin}{on}" for pin in pins)
