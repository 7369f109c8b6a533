"""The small tables of a door: timing, climate and face limits, its display."""

from dataclasses import fields
from datetime import timedelta
from typing import Final

from config.schema import ClimateLimits, DisplaySpec, FaceLimits, Timing
from config.toml_reader import Reader
from domain.visit_classes import EscortRatio, PersonClass
from domain.zones import DwellLimit

# Below, a port takes a privilege that an agent doesn't have.
_FREE_PORTS: Final = 1024
# Nobody keeps an eye on more.
_GROUP: Final = {"least": 1, "most": 30}


def read_timing(outer: Reader, default: Timing) -> Timing:
    """`[timing]` of `outer` over `default`; durations like `15s`."""
    reader = outer.table_at("timing")
    if reader is None:
        return default
    values: dict[str, timedelta] = {
        f.name: reader.duration(f.name, default=getattr(default, f.name))
        for f in fields(Timing)
    }
    reader.finish()
    return Timing(**values)


def read_escorts(outer: Reader, default: EscortRatio) -> EscortRatio:
    """`[escorts]` of `outer` over `default`: visitors that one escort may lead."""
    reader = outer.table_at("escorts")
    if reader is None:
        return default
    ratio = EscortRatio(
        visitors=reader.integer("visitors", default=default.visitors, **_GROUP),
        tour=reader.integer("tour", default=default.tour, **_GROUP),
    )
    reader.finish()
    return ratio


def read_dwell(outer: Reader) -> tuple[DwellLimit, ...]:
    """`[dwell]` of a zone: how long people of a class may stay in it."""
    reader = outer.table_at("dwell")
    if reader is None:
        return ()
    named = [who for who in PersonClass if who in reader.table.items]
    limits = tuple(DwellLimit(who, reader.duration(who)) for who in named)
    reader.finish()
    return limits


def read_faces(outer: Reader, default: FaceLimits) -> FaceLimits:
    """`[faces]` of `outer` over `default`; Euclidean distances."""
    reader = outer.table_at("faces")
    if reader is None:
        return default
    limits = FaceLimits(
        verify=reader.number("verify", default=default.verify),
        identify=reader.number("identify", default=default.identify),
    )
    reader.finish()
    return limits


def read_climate(outer: Reader) -> ClimateLimits | None:
    """`[climate]` of `outer`; None if it isn't there."""
    reader = outer.table_at("climate")
    if reader is None:
        return None
    default = ClimateLimits()
    values: dict[str, float] = {
        f.name: reader.number(f.name, default=getattr(default, f.name))
        for f in fields(ClimateLimits)
    }
    reader.finish()
    return ClimateLimits(**values)


def read_display(outer: Reader) -> DisplaySpec | None:
    """`[display]` of `outer`; None if this door has no display."""
    reader = outer.table_at("display")
    if reader is None:
        return None
    spec = DisplaySpec(port=reader.integer("port", least=_FREE_PORTS, most=65535))
    reader.finish()
    return spec
