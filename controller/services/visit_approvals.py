"""Approve a visit that was asked for, or refuse it (G2.4)."""

from collections.abc import Iterable
from datetime import datetime

from controller.services.desk import departments_of, levels_of
from controller.services.office import Act, Office
from controller.services.visit_step import Done, change
from controller.services.visit_texts import demand_text
from controller.store.visits import StoredVisit
from domain import visit_acts, visit_approval
from domain.ids import CONTROLLER, VisitId, ZoneId
from domain.operators import Operator, OperatorRole
from domain.people import Department
from domain.visit_approval import Approver
from domain.visit_events import CoreZoneApproved, VisitApproved, VisitRefused
from domain.visit_problems import Refused
from domain.visits import Visit


def heads_of(
    operator: Operator, departments: Iterable[Department]
) -> frozenset[Department]:
    """An approver without a department is one for the whole company."""
    own = operator.department
    return frozenset([Department(own)] if own else departments)


def approver_of(
    operator: Operator, departments: Iterable[Department]
) -> Approver | None:
    """The operator as the approver of a visit to `departments`; None: they are none."""
    approves = OperatorRole.APPROVER in operator.roles
    if not approves or operator.rank is None or operator.person is None:
        return None
    return Approver(
        person=operator.person,
        rank=operator.rank,
        heads=heads_of(operator, departments),
    )


async def approve_core(
    office: Office,
    id_: VisitId,
    approver: Approver,
    zone: ZoneId,
    *,
    since: datetime | None,
    until: datetime | None,
    by: str,
) -> Done | Refused:
    """The secrecy committee's word for one core zone; by default for all the visit.

    Raises:
        InputError: no such visit.
    """

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        visit = stored.visit
        return visit_approval.approve_core(
            visit,
            approver,
            zone,
            since=since or visit.since,
            until=until or visit.until,
            levels=levels_of(office.site),
            at=act.at,
        )

    def then(act: Act, visit: Visit) -> None:
        given = visit.core[-1]
        act.say(
            CoreZoneApproved(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                zone=zone,
                since=given.since,
                until=given.until,
                approver=approver.person,
                rank=approver.rank,
            )
        )

    return await change(office, id_, "approve_core", step, then, by=by)


async def approve(
    office: Office, id_: VisitId, approver: Approver, *, by: str
) -> Done | Refused:
    """Raises InputError: no such visit."""

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        return visit_approval.approve(
            stored.visit,
            approver,
            levels=levels_of(office.site),
            departments=departments_of(office.site),
            at=act.at,
        )

    def then(act: Act, visit: Visit) -> None:
        act.say(
            VisitApproved(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                approver=approver.person,
                rank=approver.rank,
            )
        )

    return await change(office, id_, "approve", step, then, by=by)


async def refuse(
    office: Office, id_: VisitId, *, reason: str, by: str
) -> Done | Refused:
    """Raises InputError: no such visit, or no reason."""
    demand_text("reason", reason)

    def then(act: Act, visit: Visit) -> None:
        act.say(
            VisitRefused(door=CONTROLLER, at=act.at, visit=id_, by=by, reason=reason)
        )

    return await change(
        office,
        id_,
        "refuse",
        lambda act, stored: visit_acts.refuse(stored.visit),
        then,
        by=by,
        reason=reason,
    )
