"""Who comes: a document is looked at; who did not come, or isn't let in."""

from typing import Final

from controller.services import again
from controller.services.office import Act, Office
from controller.services.visit_step import Done, change
from controller.services.visit_texts import demand_short
from controller.store import visits
from controller.store.visits import StoredVisit
from domain import visit_acts
from domain.errors import InputError
from domain.ids import CONTROLLER, PersonId, VisitId
from domain.visit_events import VisitorIdentified, VisitorTurnedAway
from domain.visit_problems import Refused
from domain.visits import Identity, Visit

_MAX_DOCUMENT: Final = 32


async def identify(
    office: Office,
    id_: VisitId,
    person: PersonId,
    *,
    document: str,
    last_digits: str,
    by: str,
) -> Done | Refused:
    """A document was looked at; its kind and last digits are kept, never more.

    Raises:
        InputError: no such visit, or no such document.
    """
    if not document.isidentifier() or len(document) > _MAX_DOCUMENT:
        raise InputError("the document is named like `id_card`")
    if not last_digits.isalnum() or not last_digits.isascii():
        raise InputError("the last digits are letters and digits")

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        identity = Identity(document=document, last_digits=last_digits, at=act.at)
        return visit_acts.identify(stored.visit, person, identity)

    def then(act: Act, visit: Visit) -> None:
        act.say(
            VisitorIdentified(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                person=person,
                document=document,
            )
        )

    same = again.identified(person, document, last_digits)
    return await change(
        office, id_, "identify", step, then, by=by, person=person, same=same
    )


async def turn_away(
    office: Office, id_: VisitId, person: PersonId, *, reason: str, by: str
) -> Done | Refused:
    """Somebody of the group did not come, or isn't let in.

    Raises:
        InputError: no such visit, or no reason.
    """
    demand_short("reason", reason)

    def then(act: Act, visit: Visit) -> None:
        visits.empty_locker(act.connection, id_, person, act.at)
        act.say(
            VisitorTurnedAway(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                person=person,
                reason=reason,
            )
        )

    return await change(
        office,
        id_,
        "turn_away",
        lambda act, stored: visit_acts.turn_away(stored.visit, person),
        then,
        by=by,
        person=person,
        same=again.turned_away(person),
    )
