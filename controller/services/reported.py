"""What another system reports of people: somebody left, is suspended, is back.

The same acts as a person's, with less room. Laws: reporting twice has one outcome, the
change of the first time; who has left stays so, and from the de-secrecy period one only
leaves; a system lifts only what a system suspended: what a person froze (G7.3.2)
a person lifts.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from controller.services.office import Act, Office, demand_person
from controller.services.revoke import set_state_in
from controller.store import sendings
from controller.store.sendings import Change, ChangeId, Receipt
from domain.ids import PersonId
from domain.people import PersonState

_FROM: Final = {
    PersonState.LEFT: frozenset(PersonState),
    PersonState.SUSPENDED: frozenset({PersonState.ACTIVE}),
    PersonState.ACTIVE: frozenset({PersonState.SUSPENDED}),
}
_SYSTEM: Final = "token:"


class NotReported(StrEnum):
    """Why nothing was done."""

    STATE = "state"  # their present state doesn't lead there
    BY_A_PERSON = "by_a_person"  # who suspended them must lift it


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change with the receipts of the doors it concerns."""

    change: Change
    receipts: tuple[Receipt, ...]

    @property
    def complete(self) -> bool:
        return all(each.confirmed_at is not None for each in self.receipts)


async def report_state(
    office: Office, person: PersonId, state: PersonState, *, reason: str, by: str
) -> ChangeId | NotReported:
    """
    Raises:
        InputError: no such person.
    """

    def work(act: Act) -> ChangeId | NotReported:
        known = demand_person(act.connection, person)
        if known.state is state:
            done = _latest(act.connection, person, state)
            if done is not None:
                return done.id
        elif known.state not in _FROM[state]:
            return NotReported.STATE
        elif state is PersonState.ACTIVE:
            suspended = _latest(act.connection, person, PersonState.SUSPENDED)
            if suspended is None or not suspended.by.startswith(_SYSTEM):
                return NotReported.BY_A_PERSON
        return set_state_in(act, office, person, state, by=by, reason=reason)

    return await office.act(work)


def told(connection: Connection, id_: ChangeId) -> Told | None:
    change = sendings.change(connection, id_)
    if change is None:
        return None
    return Told(change=change, receipts=sendings.receipts(connection, id_))


def _latest(
    connection: Connection, person: PersonId, state: PersonState
) -> Change | None:
    changes = sendings.changes_of(connection, person)
    return next((each for each in changes if each.what == f"state {state}"), None)
