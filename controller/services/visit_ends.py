"""End a visit that nobody checks out: cancelled, frozen, or past its time."""

from controller.services import photos
from controller.services.office import Act, Office
from controller.services.visit_step import Done, change, change_in
from controller.services.visit_texts import demand_text
from controller.store import visits
from controller.store.visits import StoredVisit
from domain import visit_acts
from domain.ids import CONTROLLER, VisitId
from domain.visit_events import VisitBlocked, VisitCancelled, VisitLapsed
from domain.visit_problems import Refused
from domain.visits import Visit


async def cancel(
    office: Office, id_: VisitId, *, reason: str, by: str
) -> Done | Refused:
    """Raises InputError: no such visit, or no reason."""
    demand_text("reason", reason)

    def then(act: Act, visit: Visit) -> None:
        act.say(
            VisitCancelled(door=CONTROLLER, at=act.at, visit=id_, by=by, reason=reason)
        )

    return await change(
        office,
        id_,
        "cancel",
        lambda act, stored: visit_acts.cancel(stored.visit),
        then,
        by=by,
        reason=reason,
    )


async def block(
    office: Office, id_: VisitId, *, reason: str, by: str
) -> Done | Refused:
    """Freeze it (G7.3.2): its badges open nothing from now on, but every way out.

    Raises:
        InputError: no such visit, or no reason.
    """
    demand_text("reason", reason)

    def then(act: Act, visit: Visit) -> None:
        act.say(
            VisitBlocked(door=CONTROLLER, at=act.at, visit=id_, by=by, reason=reason)
        )

    return await change(
        office,
        id_,
        "block",
        lambda act, stored: visit_acts.block(stored.visit),
        then,
        by=by,
        reason=reason,
    )


def lapse_in(act: Act, office: Office, stored: StoredVisit, *, by: str) -> None:
    """Its end came: expired, a no-show or overdue. Before that nothing happens."""
    before = stored.visit
    after = visit_acts.end(before, at=act.at)
    if isinstance(after, Refused) or after.state is before.state:
        return
    visits.save(act.connection, before, after, at=act.at, by=by)
    act.say(
        VisitLapsed(
            door=CONTROLLER, at=act.at, visit=after.id, by=by, state=after.state
        )
    )
    photos.end_in(act, after, by=by)
    change_in(act, office, before, after, "end", by=by)
