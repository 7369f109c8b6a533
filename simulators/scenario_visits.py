"""`[[visits]]` of scenario files, and what their steps say of them.

[[visits]]
id = "T1"
class = "repair"
visitors = ["V1"]                # or [{ id = "V1", name = "…", organisation = "…" }]
escorts = ["E1013"]
zones = ["precision_grinding"]   # in the order of the route
devices = [{ kind = "laptop", type = "T14", make = "…", serial = "…" }]
begins = "checked_in"            # brought there before the story begins
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from config.schema import Site
from config.toml_reader import Reader
from controller.services.desk import owners_of
from domain.ids import PersonId, VisitId, ZoneId, is_visitor
from domain.people import Department, Rank
from domain.visit_classes import ReturnItem, VisitClass
from domain.visit_devices import CarriedDevice, DeviceKind, Disposition
from domain.visit_life import VisitState
from simulators.story import Deed
from simulators.story_visits import BEGINNINGS, DeskStep, VisitorSpec, VisitSpec
from simulators.visit_deeds import DESK_DEEDS

_LASTS: Final = timedelta(hours=8)
_PURPOSE: Final = "业务来访"
_HEAD_OF_ALL: Final = "general_manager"
_MAX_LOCKER: Final = 9999


@dataclass(frozen=True, slots=True)
class Here:
    """What a visit may refer to."""

    site: Site
    people: Collection[PersonId]
    starts: datetime


def read_visits(reader: Reader, here: Here) -> dict[VisitId, VisitSpec]:
    found: dict[VisitId, VisitSpec] = {}
    for table in reader.tables("visits"):
        visit = _visit(table, here)
        if visit.id in found:
            table.problem("id", f"there is a visit `{visit.id}` already")
        found[visit.id] = visit
    return found


def visitors_of(visits: Mapping[VisitId, VisitSpec]) -> frozenset[PersonId]:
    return frozenset(who.id for visit in visits.values() for who in visit.visitors)


def read_desk_step(
    table: Reader,
    deed: Deed | None,
    visits: Mapping[VisitId, VisitSpec],
    here: Here,
    *,
    who: PersonId | None,
) -> DeskStep | None:
    """What a step says of a visit; None if it does nothing with one."""
    name = table.name_of("visit", visits, "visit", optional=True)
    if deed not in DESK_DEEDS:
        if table.has("visit"):
            table.problem("visit", "only a deed at the desk has one")
        return None
    if name is None or VisitId(name) not in visits:
        if name is None:
            table.problem("do", f"`{deed}` needs a `visit`; write which")
        return None
    visit = visits[VisitId(name)]
    if who is not None and who not in {each.id for each in visit.visitors}:
        table.problem("person", f"`{who}` does not come with visit `{visit.id}`")
    zone = table.name_of("zone", here.site.zones, "zone", optional=True)
    step = DeskStep(
        visit=visit,
        who=who,
        by=_person(table, "by", here),
        rank=table.choice("rank", Rank, default=None),
        heads=_department(table, "heads"),
        zone=None if zone is None else ZoneId(zone),
        since=table.instant("since", here.site.tz),
        until=table.instant("until", here.site.tz),
        present=_people(table, "present", here) if table.has("present") else None,
        old=_person(table, "from", here),
        new=_person(table, "to", here),
        witness=_person(table, "witness", here),
        text=table.text("text", default=None),
        devices=_devices(table, "devices") if table.has("devices") else None,
        locker=_locker(table),
        out=_devices(table, "out") if table.has("out") else None,
        returned=(
            frozenset(table.choices("returned", ReturnItem))
            if table.has("returned")
            else None
        ),
    )
    if deed is Deed.HANDOVER and step.new is None:
        table.problem("to", "`handover` needs `to`; write who leads the visit next")
    return step


def _visit(table: Reader, here: Here) -> VisitSpec:
    begins = table.choice("begins", VisitState, default=None)
    if begins is not None and begins not in BEGINNINGS:
        table.problem("begins", f"must be one of {', '.join(BEGINNINGS)}")
    escorts = _people(table, "escorts", here)
    requester = _person(table, "requester", here)
    head = next(
        (p.id for p in here.site.people.values() if p.post == _HEAD_OF_ALL), None
    )
    approver = _person(table, "approver", here) or head
    if approver is None:
        table.problem("approver", "is missing; write who approves")
    zones = table.texts("zones")
    for zone in zones:
        table.check_known("zones", zone, here.site.zones, "zone")
    route = tuple(map(ZoneId, zones))
    owners = owners_of(here.site, route)
    department = Department(
        table.text("department", default=owners[0] if owners else "site")
    )
    visit = VisitSpec(
        id=VisitId(table.text("id")),
        kind=table.choice("class", VisitClass),
        department=department,
        purpose=table.text("purpose", default=_PURPOSE),
        requester=requester or (escorts[0] if escorts else PersonId("")),
        approver=approver or PersonId(""),
        since=table.instant("since", here.site.tz) or here.starts,
        until=table.instant("until", here.site.tz) or here.starts + _LASTS,
        route=route,
        escorts=escorts,
        deputies=_people(table, "deputies", here),
        visitors=_visitors(table),
        devices=_devices(table, "devices"),
        locker=_locker(table),
        begins=begins if begins in BEGINNINGS else None,
    )
    table.finish()
    return visit


def _visitors(table: Reader) -> tuple[VisitorSpec, ...]:
    """Ids, or tables with a name and whence they come."""
    item = table.table.items.get("visitors")
    listed = item.value if item is not None else None
    if isinstance(listed, list) and listed and isinstance(listed[0], str):
        found = tuple(
            VisitorSpec(id=PersonId(id_), name=id_, organisation="")
            for id_ in table.texts("visitors")
        )
    else:
        found = tuple(_visitor(each) for each in table.tables("visitors"))
    for who in found:
        if not is_visitor(who.id):
            table.problem("visitors", f"`{who.id}` is no visitor's id; begin with V")
    return found


def _visitor(table: Reader) -> VisitorSpec:
    id_ = table.text("id")
    visitor = VisitorSpec(
        id=PersonId(id_),
        name=table.text("name", default=id_),
        organisation=table.text("organisation", default=""),
    )
    table.finish()
    return visitor


def _devices(table: Reader, key: str) -> tuple[CarriedDevice, ...]:
    return tuple(_device(each) for each in table.tables(key))


def _device(table: Reader) -> CarriedDevice:
    device = CarriedDevice(
        kind=table.choice("kind", DeviceKind),
        type=table.text("type", default=""),
        make=table.text("make", default=""),
        serial=table.text("serial", default=""),
        disposition=table.choice(
            "disposition", Disposition, default=Disposition.SEALED
        ),
    )
    table.finish()
    return device


def _locker(table: Reader) -> int | None:
    return table.integer("locker", default=None, least=1, most=_MAX_LOCKER)


def _department(table: Reader, key: str) -> Department | None:
    text = table.text(key, default=None)
    return None if text is None else Department(text)


def _person(table: Reader, key: str, here: Here) -> PersonId | None:
    """Anybody the site knows, or a visitor, who may be where they shouldn't."""
    name = table.text(key, default=None)
    if name is not None and not is_visitor(PersonId(name)):
        table.check_known(key, name, here.people, "person")
    return None if name is None else PersonId(name)


def _people(table: Reader, key: str, here: Here) -> tuple[PersonId, ...]:
    names = table.texts(key)
    for name in names:
        if not is_visitor(PersonId(name)):
            table.check_known(key, name, here.people, "person")
    return tuple(map(PersonId, names))
