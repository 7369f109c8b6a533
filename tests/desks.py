"""A visitor desk to work at: the real offices on the gate's own register.

The guard and the approver are persons of the example site; the general manager stands
above every department.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from controller.services import people
from controller.services.desk import owners_of
from controller.services.visit_office import VisitOffice
from controller.services.visit_request import NewVisit, NewVisitor
from controller.services.visit_step import Done
from domain.ids import PersonId, VisitId, ZoneId
from domain.operators import Operator, OperatorRole
from domain.people import Department, Post, Rank
from domain.visit_approval import Approver
from domain.visit_classes import VisitClass
from domain.visit_devices import CarriedDevice, DeviceKind, Disposition
from tests.boards import NOW, SITE
from tests.operators import PASSWORD, Gate, new_gate, operator
from tests.web_site import SetClock

_ANY: Final = next(iter(SITE.zones))


def of_post(post: str) -> PersonId:
    return next(p.id for p in SITE.people.values() if p.post == Post(post))


GUARD: Final = of_post("guard")
MANAGER: Final = of_post("general_manager")
HOST, ESCORT = PersonId("E1013"), PersonId("E1015")
GRINDING: Final = ZoneId("precision_grinding")


def office_of(gate: Gate) -> VisitOffice:
    assert gate.office is not None
    return VisitOffice(gate.office)


async def desk_gate(clock: SetClock) -> Gate:
    """The example site's people, and two operators of them: `zhao` and `manager`."""
    gate = await new_gate(SITE, clock)
    assert gate.office is not None
    await people.seed(gate.office, SITE.people.values(), {}, by="test")
    guard = operator(OperatorRole.GUARD, _ANY, "zhao")
    manager = operator(OperatorRole.APPROVER, _ANY, "manager")
    cast: tuple[Operator, ...] = (
        replace(guard, person=GUARD),
        replace(manager, person=MANAGER, rank=Rank.GENERAL_MANAGER, department=""),
    )
    handed = {
        str(each.id): await gate.operators.add(each, PASSWORD, by="test")
        for each in cast
    }
    gate.handed = {**gate.handed, **handed}
    return gate


async def ask(
    office: VisitOffice,
    id_: str,
    name: str,
    organisation: str,
    *more: str,
    kind: VisitClass = VisitClass.REPAIR,
    purpose: str = "磨床主轴检修",
    route: tuple[ZoneId, ...] = (GRINDING,),
    escorts: tuple[PersonId, ...] = (ESCORT,),
    starts: float = 0,
    hours: float = 3,
) -> VisitId:
    """Ask for one of `name`, and `more` in a group; `starts` in minutes from NOW."""
    since = NOW + timedelta(minutes=starts)
    people = [PersonId(f"V{id_}"), *(PersonId(f"V{id_}{n}") for n in range(len(more)))]
    done = await office.request(
        NewVisit(
            id=VisitId(id_),
            kind=kind,
            department=Department("")
            if owners_of(SITE, route)
            else Department("sales"),
            purpose=purpose,
            requested_by=HOST,
            since=since,
            until=since + timedelta(hours=hours),
            route=route,
            escorts=escorts,
            visitors=tuple(
                NewVisitor(id=person, name=each, organisation=organisation)
                for person, each in zip(people, (name, *more), strict=True)
            ),
        ),
        "test",
    )
    assert isinstance(done, Done), done
    return VisitId(id_)


async def let_in(
    office: VisitOffice,
    visit: VisitId,
    *devices: CarriedDevice,
    locker: int | None = None,
    steps: int = 6,
) -> None:
    """Approve it, and do the first `steps` at the desk for everybody who comes."""
    head = Approver(person=MANAGER, rank=Rank.GENERAL_MANAGER, heads=frozenset())
    await office.approve(visit, head, "test")
    asked = await office.visit(visit)
    text = (await office.texts(asked.undertaking))["zh-CN"]
    numbers = {}
    for n, who in enumerate(asked.visitors):
        person = who.person.id
        numbers[person] = visit.encode().ljust(4, b"*") + bytes([n])
        if steps >= 1:
            await office.identify(visit, person, "id_card", "0417", "test")
        if steps >= 3:
            mine = None if locker is None else locker + n
            await office.declare(visit, person, devices, "test", locker=mine)
        if steps >= 4:
            await office.sign(
                visit,
                person,
                text.digest,
                "test",
                strokes=None,
                witness=GUARD,
                where="desk",
            )
    if steps >= 6:
        here = frozenset(escort.id for escort in asked.escorts)
        done = await office.check_in(
            visit, "test", escorts_present=here, badges=numbers
        )
        assert isinstance(done, Done), done


def a_device(
    kind: DeviceKind, make: str, type_: str, serial: str, *, stays: bool = True
) -> CarriedDevice:
    return CarriedDevice(
        kind=kind,
        type=type_,
        make=make,
        serial=serial,
        disposition=Disposition.DEPOSITED if stays else Disposition.SEALED,
    )


LAPTOP: Final = a_device(DeviceKind.LAPTOP, "联想", "T14", "PF-3K9H2M", stays=False)
PHONE: Final = a_device(DeviceKind.PHONE, "华为", "Mate 60", "7Q21")


async def busy_desk(gate: Gate, clock: SetClock) -> VisitOffice:
    """One visit of every sort, as of an hour after NOW; `T1` is being checked in."""
    office = office_of(gate)
    assembly, archive = ZoneId("core_assembly"), ZoneId("archive")
    reception = ZoneId("reception")
    late = await ask(
        office,
        "T2",
        "高翔",
        "江北风电装备",
        kind=VisitClass.CUSTOMER,
        purpose="商务洽谈",
        route=(reception,),
        hours=0.5,
    )
    await let_in(office, late)
    inside = await ask(office, "T3", "Klaus Weber", "莱茵磨床", "Anna Vogt", hours=5)
    await let_in(office, inside, PHONE, locker=4)
    officials = await ask(
        office,
        "T4",
        "张怡",
        "市市场监管局",
        "郭凯",
        kind=VisitClass.INSPECTION,
        purpose="安全生产检查",
        route=(archive, GRINDING),
        hours=4,
    )
    await let_in(office, officials)
    await ask(office, "T1", "何志远", "苏测量仪维修", starts=45)
    await let_in(office, VisitId("T1"), PHONE, LAPTOP, steps=3)
    tour = [f"{family}{given}" for family in "李王张刘陈杨赵" for given in ("敏", "强")]
    guests = await ask(
        office,
        "T5",
        "周敏",
        "省轴承工业协会",
        *tour[:11],
        kind=VisitClass.TOUR,
        purpose="行业协会参观",
        route=(assembly, GRINDING),
        escorts=(ESCORT, HOST),
        starts=50,
    )
    await let_in(office, guests, steps=0)
    fan = await ask(
        office,
        "T6",
        "范雪",
        "安信计量检测",
        kind=VisitClass.CUSTOMER,
        purpose="量具校准",
        route=(reception,),
        starts=90,
    )
    await let_in(office, fan, steps=0)
    await ask(
        office,
        "T7",
        "段鹏",
        "启明消防工程",
        kind=VisitClass.CONSTRUCTION,
        purpose="消防管线改造",
        route=(ZoneId("heat_treatment"),),
        starts=120,
    )
    clock.pass_by(timedelta(hours=1))
    return office
