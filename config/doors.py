"""One door of a site file, with its template and its devices."""

import re
from collections.abc import Mapping
from typing import Final

from config.schema import DeviceSpec, Door, FaceLimits, Role, Timing, Wiring
from config.settings import read_climate, read_display, read_faces, read_timing
from config.toml_reader import Reader, nearest
from config.toml_table import Table, with_texts
from domain.credentials import Factor
from domain.ids import DeviceId, DoorId, ZoneId
from domain.zones import Zone

# "hardware.drivers.gpio_lock:GpioLock"; which rooms are allowed is for the linter.
_DRIVER: Final = re.compile(r"[a-z_][\w.]*:[A-Z]\w*")


def templated(reader: Reader, templates: Mapping[str, Reader]) -> Reader:
    """`reader` laid over its template, over that one's template, and so on."""
    table = reader.table
    used: list[str] = []
    while True:
        top = Reader(table, reader.problems)
        name = top.text("template", default=None)
        if name is None:
            break
        bare = {k: item for k, item in table.items.items() if k != "template"}
        table = Table(table.path, table.file, table.line, bare)
        if name in used:
            top.problem("template", f"`{name}` is laid over itself; break the circle")
        elif name not in templates:
            top.check_known("template", name, templates, "template")
        else:
            used.append(name)
            table = table.over(templates[name].table)
    door = reader.table.items.get("id")
    id_ = door.value if door is not None and isinstance(door.value, str) else ""
    # What only the template has is named by its place in this door.
    filled = with_texts(table, lambda text: text.replace("{door}", id_))
    return Reader(filled, reader.problems)


def read_door(
    reader: Reader, zones: Mapping[ZoneId, Zone], timing: Timing, faces: FaceLimits
) -> Door:
    id_ = DoorId(reader.identifier("id"))
    zone = reader.name_of("zone", zones, "zone", optional=True)
    if zone is None:  # one door with the same id as its zone
        reader.check_known("id", id_, zones, "zone")
    there = zones.get(ZoneId(zone or id_))
    name = reader.text("name", default=there.name if there else str(id_))
    name_en = reader.text("name_en", default=there.name_en if there else name)
    wiring = reader.choice("wiring", Wiring)
    door = Door(
        id=id_,
        name=name,
        name_en=name_en,
        zone=ZoneId(zone or id_),
        agent=reader.identifier("agent", default=str(id_)),
        wiring=wiring,
        has_handle=reader.flag("handle", default=False),
        has_fire_relay=reader.flag("fire_relay", default=False),
        has_break_glass=reader.flag("break_glass", default=False),
        factors=reader.choices("factors", Factor),
        interlock=tuple(map(DoorId, reader.texts("interlock"))),
        devices=_devices(reader, id_, wiring),
        timing=read_timing(reader, timing),
        climate=read_climate(reader),
        faces=read_faces(reader, faces),
        display=read_display(reader),
    )
    reader.finish()
    return door


def _devices(reader: Reader, door: DoorId, wiring: Wiring) -> dict[Role, DeviceSpec]:
    outer = reader.table_at("devices")
    if outer is None:
        return {}
    devices: dict[Role, DeviceSpec] = {}
    for key, item in outer.table.items.items():
        if key not in tuple(Role):
            outer.problem(key, f"no such device; {_roles(key)}")
        elif item.value is not False:  # `false`: this door hasn't it
            inner = outer.table_at(key)
            if inner is not None:
                devices[Role(key)] = _device(inner, door, Role(key), wiring)
    return devices


def _device(reader: Reader, door: DoorId, role: Role, wiring: Wiring) -> DeviceSpec:
    driver = reader.text("driver")
    if driver and not _DRIVER.fullmatch(driver):
        reader.problem(
            "driver",
            f"`{driver}` is not a driver; write hardware.drivers.MODULE:CLASS",
        )
    simulated = reader.flag("simulated", default=False)
    options = reader.rest()
    if role is Role.LOCK:
        # The door says how its lock is wired, once; the driver owns the polarity.
        options.setdefault("wiring", str(wiring))
    return DeviceSpec(
        id=DeviceId(f"{door}.{role}"),
        role=role,
        driver=driver,
        simulated=simulated,
        options=options,
    )


def _roles(key: str) -> str:
    return nearest(key, tuple(Role)) or f"devices are {', '.join(Role)}"
