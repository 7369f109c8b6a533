"""Who comes to visit all day: the same six visits, again and again, with new people.

    a supplier accompanied to the grinding shop and out again
    a repair, its laptop declared and its memory stick in a locker
    a tour of four, phones and cameras in lockers
    somebody who stays past the end of the visit
    an escort who leaves the grinding shop before the visitor does
    a walk-in who is not approved

Pure: every step's instant follows from `starts`. Who escorts here doesn't wander
about (`simulators.day`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from config.schema import Site
from domain.credentials import Factor
from domain.ids import DoorId, PersonId, VisitId, ZoneId
from domain.people import Department
from domain.policy import Side
from domain.visit_classes import VisitClass
from domain.visit_devices import CarriedDevice, DeviceKind, Disposition
from simulators.people import Shown
from simulators.story import Deed, Step
from simulators.story_visits import DeskStep, VisitorSpec, VisitSpec

GRINDING: Final = DoorId("precision_grinding")
ASSEMBLY: Final = DoorId("core_assembly")
ARCHIVE: Final = DoorId("archive")

# Who leads the visits: each has a grant for where they lead.
_SUPPLIERS: Final = PersonId("E1013")  # 马超, grinding
_REPAIRS: Final = PersonId("E1006")  # 赵磊, grinding and assembly
_TOURS: Final = PersonId("E1005")  # 陈静, assembly
_LATE: Final = PersonId("E1009")  # 吴敏, archive
# Leads the visit that is left to whoever sits at the desk.
DESK_ESCORT: Final = PersonId("E1003")  # 王强, grinding
ESCORTS: Final = frozenset({_SUPPLIERS, _REPAIRS, _TOURS, _LATE, DESK_ESCORT})

_NO_ONES: Final = Department("production")  # of a zone without a department
_HEAD: Final = PersonId("E1010")
_CLERK: Final = PersonId("E1025")
_CYCLE: Final = timedelta(minutes=16)

LAPTOP: Final = CarriedDevice(
    kind=DeviceKind.LAPTOP,
    type="T14",
    make="联想",
    serial="PF-3K9H2M",
    disposition=Disposition.SEALED,
)
STICK: Final = CarriedDevice(
    kind=DeviceKind.STORAGE,
    type="64 GB",
    make="金士顿",
    serial="DT-0093",
    disposition=Disposition.DEPOSITED,
)
CAMERA: Final = CarriedDevice(
    kind=DeviceKind.CAMERA,
    type="X100",
    make="富士",
    serial="41A0",
    disposition=Disposition.DEPOSITED,
)


@dataclass(slots=True)
class _Day:
    site: Site
    at: datetime
    cycle: int = 0
    number: int = 0

    def step(
        self,
        after: float,
        *,
        deed: Deed | None = None,
        desk: DeskStep | None = None,
        door: DoorId | None = None,
        side: Side = Side.ENTRY,
        shown: tuple[Shown, ...] = (),
    ) -> Step:
        self.number += 1
        pause = timedelta(seconds=after)
        self.at += pause
        return Step(
            number=self.number,
            line=0,
            after=pause,
            door=door,
            side=side,
            person=None,
            shown=shown,
            passes=True,
            deed=deed,
            expect=None,
            desk=desk,
        )

    def visit(
        self,
        which: int,
        kind: VisitClass,
        zone: DoorId,
        escort: PersonId,
        *visitors: tuple[str, str],
        lasts: timedelta = timedelta(hours=2),
        devices: tuple[CarriedDevice, ...] = (),
    ) -> VisitSpec:
        return VisitSpec(
            id=VisitId(f"D{self.cycle}{which}"),
            kind=kind,
            department=self.site.zones[ZoneId(zone)].department or _NO_ONES,
            purpose=_PURPOSES[kind],
            requester=_CLERK,
            approver=_HEAD,
            since=self.at,
            until=self.at + lasts,
            route=(ZoneId(self.site.doors[zone].zone),),
            escorts=(escort,),
            deputies=(),
            visitors=tuple(
                VisitorSpec(
                    id=PersonId(f"V{self.cycle}{which}{n}"),
                    name=name,
                    organisation=organisation,
                )
                for n, (name, organisation) in enumerate(visitors)
            ),
            devices=devices,
            locker=(self.cycle * 10 + which) * 10 if devices else None,
            begins=None,
        )


_PURPOSES: Final = {
    VisitClass.CUSTOMER: "磨床备件交付",
    VisitClass.REPAIR: "装配线传感器维修",
    VisitClass.TOUR: "行业协会参观",
    VisitClass.CONSTRUCTION: "消防管线改造",
    VisitClass.INSPECTION: "安全生产检查",
}
_TO_THE_DOOR: Final = (
    Deed.REQUEST_VISIT,
    Deed.APPROVE_VISIT,
    Deed.IDENTIFY,
    Deed.SIGN_UNDERTAKING,
    Deed.DECLARE_DEVICES,
    Deed.CHECK_IN,
)


def fits(site: Site) -> bool:
    """Whether `site` has the doors and the people of this day."""
    people = {*ESCORTS, _HEAD, _CLERK}
    return {GRINDING, ASSEMBLY, ARCHIVE} <= set(site.doors) and people <= set(
        site.people
    )


def visits_day(site: Site, starts: datetime) -> Iterator[Step]:
    """Steps without end."""
    today = _Day(site, starts)
    while True:
        today.cycle += 1
        begun = today.at
        supplier = today.visit(
            1, VisitClass.CUSTOMER, GRINDING, _SUPPLIERS, ("Klaus Weber", "莱茵磨床")
        )
        yield from _to_the_door(today, supplier)
        yield from _enter(today, supplier, GRINDING)
        yield from _not_approved(today)
        late = today.visit(
            3,
            VisitClass.CUSTOMER,
            ARCHIVE,
            _LATE,
            ("高翔", "江北风电装备"),
            lasts=timedelta(minutes=4),
        )
        yield from _to_the_door(today, late)
        yield from _enter(today, late, ARCHIVE)
        repair = today.visit(
            4,
            VisitClass.REPAIR,
            ASSEMBLY,
            _REPAIRS,
            ("何志远", "苏测量仪维修"),
            devices=(LAPTOP, STICK),
        )
        yield from _to_the_door(today, repair)
        yield from _enter(today, repair, ASSEMBLY)
        yield from _leave(today, supplier, GRINDING)
        tour = today.visit(
            5,
            VisitClass.TOUR,
            ASSEMBLY,
            _TOURS,
            ("周敏", "省轴承工业协会"),
            ("李强", "省轴承工业协会"),
            ("吴倩", "省轴承工业协会"),
            ("郑凯", "省轴承工业协会"),
            devices=(CAMERA,),
        )
        yield from _to_the_door(today, tour)
        yield from _enter(today, tour, ASSEMBLY)
        alone = today.visit(
            6, VisitClass.CUSTOMER, GRINDING, _SUPPLIERS, ("罗斌", "东岳钢材")
        )
        yield from _to_the_door(today, alone)
        yield from _enter(today, alone, GRINDING)
        yield _out(today, _SUPPLIERS, GRINDING, after=20)  # and the visitor stays
        yield from _leave(today, repair, ASSEMBLY)
        yield from _leave(today, tour, ASSEMBLY)
        yield _out(today, alone.visitors[0].id, GRINDING, after=30)
        yield _at_desk(today, Deed.CHECK_OUT, alone)
        rest = (begun + _CYCLE - today.at).total_seconds()
        yield _out(today, late.visitors[0].id, ARCHIVE, after=max(1.0, rest))
        yield _out(today, _LATE, ARCHIVE, after=6)
        yield _at_desk(today, Deed.CHECK_OUT, late)


def for_the_desk(site: Site, starts: datetime) -> VisitSpec:
    """One that is expected, and left to whoever sits at the desk."""
    today = _Day(site, starts)
    return today.visit(
        9,
        VisitClass.REPAIR,
        GRINDING,
        DESK_ESCORT,
        ("段鹏", "启明精密维修"),
        lasts=timedelta(hours=8),
    )


def _not_approved(today: _Day) -> Iterator[Step]:
    walk_in = today.visit(
        2, VisitClass.CUSTOMER, GRINDING, _SUPPLIERS, ("陌生来客", "未预约")
    )
    yield _at_desk(today, Deed.REQUEST_VISIT, walk_in)
    yield _at_desk(today, Deed.REFUSE_VISIT, walk_in, after=8)


def _to_the_door(today: _Day, visit: VisitSpec) -> Iterator[Step]:
    for deed in _TO_THE_DOOR:
        yield _at_desk(today, deed, visit)


def _at_desk(today: _Day, deed: Deed, visit: VisitSpec, *, after: float = 4) -> Step:
    return today.step(after, deed=deed, desk=DeskStep(visit=visit))


def _enter(today: _Day, visit: VisitSpec, door: DoorId) -> Iterator[Step]:
    """Everybody's badge, then the escort's."""
    people = (*(who.id for who in visit.visitors), visit.escorts[0])
    shown = tuple(Shown(Factor.BADGE, each) for each in people)
    yield today.step(8, door=door, shown=shown)


def _leave(today: _Day, visit: VisitSpec, door: DoorId) -> Iterator[Step]:
    for who in visit.visitors:
        yield _out(today, who.id, door, after=8)
    yield _out(today, visit.escorts[0], door, after=6)
    yield _at_desk(today, Deed.CHECK_OUT, visit)


def _out(today: _Day, who: PersonId, door: DoorId, *, after: float) -> Step:
    badge = (Shown(Factor.BADGE, who),)
    return today.step(after, door=door, side=Side.EXIT, shown=badge)
