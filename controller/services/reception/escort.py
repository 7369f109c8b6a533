"""Who leads a visit, and how many of its visitors."""

from config.schema import Site
from controller.services.office import Act, Office, demand_person
from controller.services.visit_step import Done, change
from controller.store.visits import StoredVisit
from domain import visit_acts
from domain.ids import CONTROLLER, PersonId, VisitId
from domain.visit_classes import EscortRatio
from domain.visit_events import EscortHandedOver
from domain.visit_problems import Refused
from domain.visits import Visit


async def hand_over(
    office: Office,
    id_: VisitId,
    *,
    old: PersonId,
    new: PersonId,
    present: frozenset[PersonId],
    by: str,
) -> Done | Refused:
    """`new` leads the visit instead of `old`, both at the desk.

    Raises:
        InputError: no such visit, or nobody of that id.
    """

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        standing = demand_person(act.connection, new).state
        return visit_acts.hand_over(
            stored.visit,
            old=old,
            new=new,
            standing=standing,
            present=present,
            at=act.at,
        )

    def then(act: Act, visit: Visit) -> None:
        act.say(
            EscortHandedOver(
                door=CONTROLLER, at=act.at, visit=id_, by=by, old=old, new=new
            )
        )

    return await change(office, id_, "hand_over", step, then, by=by)


def ratio_of(site: Site) -> EscortRatio:
    """How many visitors one escort may lead on this site."""
    return site.escorts
