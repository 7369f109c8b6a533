"""What another system reports of people: somebody left, is suspended, is back, changed.

The same acts as a person's (`services.people_acts`), with less room. Laws: reporting
twice has one outcome, the change of the first time; who has left stays so; a system
lifts only what a system suspended: what a person froze (G7.3.2) a person lifts; another
post ends what was granted for the old one (G5.1.2-3).
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from config.schema import PersonSpec
from controller.services.office import Act, Office, demand_person
from controller.services.people import change_in, put_person
from controller.services.people_acts import Deed, possible, state_after
from controller.services.revoke import set_state_in, transfer_in
from controller.services.sessions import end_all
from controller.store import envelopes, register, sendings
from controller.store import operators as accounts
from controller.store.sendings import Change, ChangeId, Receipt
from domain.ids import CONTROLLER, PersonId
from domain.operators import OperatorId
from domain.people import PersonState, Qualifications
from domain.person_acts import PersonViewed

_SYSTEM: Final = "token:"
_LOOK: Final = "person_viewed"
_LOOKS: Final = 50


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


async def report_deed(
    office: Office, person: PersonId, deed: Deed, *, reason: str, by: str
) -> ChangeId | NotReported:
    """`deed`: leave, freeze or reinstate. Who left or is frozen is signed out of the
    console at once, and stays out.

    Raises:
        InputError: no such person.
    """

    def work(act: Act) -> ChangeId | NotReported:
        known = demand_person(act.connection, person)
        done = _done(act.connection, person, deed, known.state)
        if done is not None:
            return done
        if deed not in possible(known):
            return NotReported.STATE
        if deed is Deed.REINSTATE:
            frozen = _latest(act.connection, person, PersonState.SUSPENDED)
            if frozen is None or not frozen.by.startswith(_SYSTEM):
                return NotReported.BY_A_PERSON
        else:
            for account in accounts.operators(act.connection):
                if account.person == person:
                    end_all(act, account.id, "disabled")
        into = state_after(act.connection, known, deed)
        return set_state_in(act, office, person, into, by=by, reason=reason)

    return await office.act(work)


async def report_person(
    office: Office, spec: PersonSpec, *, by: str
) -> ChangeId | NotReported:
    """Register somebody, or change what is known of them; never state or grants, but
    for what another post ends.

    Raises:
        InputError: the id, name or post is not usable.
    """

    def work(act: Act) -> ChangeId | NotReported | None:
        known = register.person(act.connection, spec.id)
        if known is None:
            return None
        if known.state is PersonState.LEFT:
            return NotReported.STATE
        fresh = replace(
            known,
            name=spec.name,
            name_en=spec.name_en,
            qualifications=Qualifications(
                agreement_until=spec.agreement_until,
                commitment_until=spec.commitment_until,
                training_until=spec.training_until,
            ),
            non_face=spec.non_face,
        )
        doors = change_in(act, office, known, fresh, by=by)
        if spec.post != known.post:
            return transfer_in(act, office, fresh, spec.post, by=by, reason="")
        return act.change("person", spec.id, by=by, doors=doors)

    done = await office.act(work)
    return await put_person(office, spec, by=by) if done is None else done


async def note_look(office: Office, person: PersonId, *, by: str) -> None:
    """That a system was told all of a person is in the log, once a day for each."""
    who = OperatorId(by)  # `token:NAME`, which no operator is called

    def work(act: Act) -> None:
        looks = envelopes.page(act.connection, person=person, kind=_LOOK, limit=_LOOKS)
        days = {
            seen.at.astimezone(office.site.tz).date()
            for each in looks
            if isinstance(seen := each.event, PersonViewed) and seen.by == who
        }
        if act.at.astimezone(office.site.tz).date() in days:
            return
        act.say(PersonViewed(door=CONTROLLER, at=act.at, person=person, by=who))

    await office.act(work)


def told(connection: Connection, id_: ChangeId) -> Told | None:
    change = sendings.change(connection, id_)
    if change is None:
        return None
    return Told(change=change, receipts=sendings.receipts(connection, id_))


def _done(
    connection: Connection, person: PersonId, deed: Deed, state: PersonState
) -> ChangeId | None:
    """The change of the first time, if they are where `deed` leads."""
    there = {
        Deed.LEAVE: state is PersonState.LEFT,
        Deed.FREEZE: state is PersonState.SUSPENDED,
        Deed.REINSTATE: state in (PersonState.ACTIVE, PersonState.DE_SECRECY),
    }
    if not there[deed]:
        return None
    latest = _latest(connection, person, state)
    return None if latest is None else latest.id


def _latest(
    connection: Connection, person: PersonId, state: PersonState
) -> Change | None:
    changes = sendings.changes_of(connection, person)
    return next((each for each in changes if each.what == f"state {state}"), None)
