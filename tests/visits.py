"""One visit in which all is well, in any state. Tests change one thing at a time.

A supplier comes to the important zone today from nine to five; Li accompanies her, Zhao
may take over, and Wang, who heads the department, approved.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, TypeAlias

from domain.ids import PersonId, VisitId, ZoneId
from domain.people import VISITOR, Department, Person, PersonState, Qualifications, Rank
from domain.visit_classes import CLASS_DEMANDS
from domain.visit_devices import (
    CarriedDevice,
    DeviceDeclaration,
    DeviceKind,
    Disposition,
)
from domain.visits import (
    Approval,
    CoreApproval,
    Identity,
    Signed,
    Visit,
    VisitClass,
    Visitor,
    VisitorRight,
    VisitState,
    right_of,
)
from domain.zones import ZoneLevel
from tests.builders import LI, NINE, WANG, ZHAO

AnyField: TypeAlias = Any  # of whatever class is built

GUEST: Final = PersonId("V1001")
OTHER_GUEST: Final = PersonId("V1002")
FIVE: Final = NINE + timedelta(hours=8)
YESTERDAY: Final = NINE - timedelta(days=1)
CLERK: Final = PersonId("E1099")  # who asked for the visit
HEAD: Final = WANG
COMMITTEE: Final = PersonId("E1050")
PRODUCTION: Final = Department("production")
LEVELS: Final = {ZoneId(str(level)): level for level in ZoneLevel}
IMPORTANT: Final = ZoneId("important")
CORE: Final = ZoneId("core")

LAPTOP: Final = CarriedDevice(
    kind=DeviceKind.LAPTOP,
    type="X1",
    make="Lenovo",
    serial="PF1234",
    disposition=Disposition.SEALED,
)
STICK: Final = CarriedDevice(
    kind=DeviceKind.STORAGE,
    type="USB 3.0",
    make="Kingston",
    serial="K77",
    disposition=Disposition.DEPOSITED,
)
NOTHING: Final = DeviceDeclaration(devices=(), locker=None, at=NINE)


def signed(kind: VisitClass = VisitClass.CUSTOMER) -> Signed:
    return Signed(
        text=f"{CLASS_DEMANDS[kind].undertaking}/1",
        text_digest=bytes(32),
        digest=bytes(range(32)),
        at=NINE,
    )


def visitor(
    id_: PersonId = GUEST, kind: VisitClass = VisitClass.CUSTOMER, **changes: AnyField
) -> Visitor:
    """Somebody who has done everything that the desk asks."""
    plain = Visitor(
        id=id_,
        identity=Identity(document="id_card", last_digits="1234", at=NINE),
        undertaking=signed(kind),
        devices=NOTHING,
        checked_in_at=None,
        checked_out_at=None,
        turned_away=False,
    )
    return replace(plain, **changes)


def visit(
    state: VisitState = VisitState.CHECKED_IN,
    kind: VisitClass = VisitClass.CUSTOMER,
    **changes: AnyField,
) -> Visit:
    """A visit with every part, to the important zone."""
    plain = Visit(
        id=VisitId("B1"),
        kind=kind,
        state=state,
        department=PRODUCTION,
        purpose="交付磨床备件",
        requested_by=CLERK,
        since=NINE,
        until=FIVE,
        route=(IMPORTANT,),
        escorts=(LI,),
        deputies=(ZHAO,),
        escorts_since=YESTERDAY,
        visitors=(visitor(kind=kind),),
        approval=Approval(by=HEAD, rank=Rank.DEPARTMENT_HEAD, at=YESTERDAY),
        core=(),
    )
    return replace(plain, **changes)


def into_core(kind: VisitClass = VisitClass.REPAIR, **changes: AnyField) -> Visit:
    """A visit to a core zone that the committee approved for the whole of it."""
    approval = CoreApproval(
        zone=CORE,
        since=NINE,
        until=FIVE,
        by=COMMITTEE,
        rank=Rank.COMMITTEE,
        at=YESTERDAY,
    )
    plain = visit(kind=kind, route=(CORE, IMPORTANT), core=(approval,))
    return replace(plain, **changes)


def right(of: Visit | None = None, who: PersonId = GUEST) -> VisitorRight:
    made = right_of(of if of is not None else visit(), who)
    assert isinstance(made, VisitorRight)
    return made


def guest(id_: PersonId = GUEST, **changes: AnyField) -> Person:
    """A visitor as a door knows them."""
    plain = Person(
        id=id_,
        name="周经理",
        post=VISITOR,
        state=PersonState.ACTIVE,
        qualifications=Qualifications(
            agreement_until=None, commitment_until=None, training_until=None
        ),
        grants=(),
        withdrawn=None,
        non_face=False,
    )
    return replace(plain, **changes)
