"""A visitor desk to work at: the real offices on the gate's own register.

The guard and the approver are persons of the example site; the general manager stands
above every department.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from controller.services import people
from controller.services.visit_office import VisitOffice
from controller.services.visits import Done, NewVisit, NewVisitor
from domain.ids import PersonId, VisitId, ZoneId
from domain.operators import Operator, OperatorRole
from domain.people import Department, Post, Rank
from domain.visit_classes import VisitClass
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
    *,
    kind: VisitClass = VisitClass.REPAIR,
    starts: float = 0,
    hours: float = 3,
) -> VisitId:
    """Ask for a visit; `starts` in minutes from now."""
    since = NOW + timedelta(minutes=starts)
    done = await office.request(
        NewVisit(
            id=VisitId(id_),
            kind=kind,
            department=Department("process"),
            purpose="磨床主轴检修",
            requested_by=HOST,
            since=since,
            until=since + timedelta(hours=hours),
            route=(GRINDING,),
            escorts=(ESCORT,),
            visitors=(
                NewVisitor(
                    id=PersonId(f"V{id_}"), name=name, organisation=organisation
                ),
            ),
        ),
        "test",
    )
    assert isinstance(done, Done), done
    return VisitId(id_)
