"""The end of what was proposed about somebody, inside whichever act ends it."""

from controller.services.office import Act
from controller.store import proposals
from controller.store.proposals import Settlement
from domain.ids import CONTROLLER, PersonId
from domain.person_acts import FreezeProposalSettled, ProposalOutcome


def settle_in(
    act: Act, person: PersonId, outcome: ProposalOutcome, *, by: str, note: str
) -> None:
    """Every open proposal to freeze the person is settled; without one nothing is."""
    how = Settlement(outcome=outcome, at=act.at, by=by, note=note)
    if count := proposals.settle(act.connection, person, how):
        act.say(
            FreezeProposalSettled(
                door=CONTROLLER,
                at=act.at,
                person=person,
                outcome=outcome,
                proposals=count,
                reason=note,
                by=by,
            )
        )
