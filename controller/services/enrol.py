"""Give somebody a credential. Enrolment needs an operator; nothing enrols itself.

A credential keeps its id for ever: enrolling again under the same id replaces what it
is, never whose it is, and one badge has one holder.
"""

from dataclasses import replace

from controller.services.office import Act, Office, demand_person
from controller.services.rosters import doors_of_person
from controller.store import credentials, day_badges, register
from controller.store.sendings import ChangeId
from domain.credentials import Credential, Factor
from domain.errors import InputError
from domain.ids import CONTROLLER, PersonId
from domain.office_events import CredentialEnrolled


async def enrol(
    office: Office, person: PersonId, credential: Credential, *, by: str
) -> ChangeId:
    """Enrol it; the change says when each door has heard of it.

    Raises:
        InputError: no such person, or the credential is somebody else's.
    """
    return await office.act(
        lambda act: enrol_in(act, office, person, credential, by=by)
    )


def enrol_in(
    act: Act, office: Office, person: PersonId, credential: Credential, *, by: str
) -> ChangeId:
    """The same inside an act."""
    known = demand_person(act.connection, person)
    holder = credentials.holder(act.connection, credential.id)
    if holder is not None and holder != person:
        raise InputError(f"credential `{credential.id}` is `{holder}`'s")
    mark = office.vault.mark(credential)
    if mark is not None:
        holder = credentials.holder_of_badge(act.connection, mark)
        if holder is not None and holder != person:
            raise InputError(f"this badge is `{holder}`'s")
    day = day_badges.latest(act.connection, person)
    forgotten = credential.factor is Factor.BADGE and credential.until is None
    if forgotten and day is not None and day.in_force(act.at):
        # Two people must not come in as one: until midnight there is the day badge.
        credential = replace(credential, since=day.until)
    credentials.put(act.connection, office.vault, person, credential, at=act.at, by=by)
    act.say(
        CredentialEnrolled(
            door=CONTROLLER,
            at=act.at,
            person=person,
            factor=credential.factor,
            duress=credential.duress,
            by=by,
        )
    )
    grants = register.grants_of(act.connection, person)
    doors = doors_of_person(office.site, known, grants)
    return act.change("credential", person, by=by, doors=doors)
