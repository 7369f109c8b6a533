"""Register people, and change what is known of them.

A site file's people only start the register: whoever is known already is left as the
office made them since, so that a restart never gives a grant back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from config.schema import PersonSpec
from controller.services.enrol import enrol_in
from controller.services.grant import grant_in
from controller.services.office import Act, Office
from controller.services.rosters import doors_of_person
from controller.store import credentials as stored
from controller.store import register
from controller.store.register import StoredPerson
from controller.store.sendings import ChangeId
from domain.credentials import Credential
from domain.errors import InputError
from domain.ids import CONTROLLER, DoorId, PersonId
from domain.office_events import PersonChanged, PersonRegistered
from domain.people import Qualifications

_LONGEST_ID: Final = 64


async def seed(
    office: Office,
    people: Iterable[PersonSpec],
    credentials: Mapping[PersonId, Sequence[Credential]],
    *,
    by: str,
) -> None:
    """Start the register: add whoever it lacks, with grants, and whatever credentials
    it lacks."""
    specs = tuple(people)

    def work(act: Act) -> None:
        for spec in specs:
            if register.person(act.connection, spec.id) is None:
                register_in(act, office, spec, by=by)
                for each in spec.grants:
                    grant_in(act, office, spec.id, each, by=by)
            for credential in credentials.get(spec.id, ()):
                if stored.holder(act.connection, credential.id) is None:
                    enrol_in(act, office, spec.id, credential, by=by)

    await office.act(work)


async def put_person(office: Office, spec: PersonSpec, *, by: str) -> ChangeId:
    """Register somebody, or change name, post, qualifications or the way past the
    face. State and grants of somebody known are changed by their own acts.

    Raises:
        InputError: the id, name or post is not usable.
    """

    def work(act: Act) -> ChangeId:
        known = register.person(act.connection, spec.id)
        if known is None:
            register_in(act, office, spec, by=by)
            for each in spec.grants:
                grant_in(act, office, spec.id, each, by=by)
            known = _stored(spec, at=act.at)
        fresh = replace(
            _stored(spec, at=act.at), state=known.state, state_since=known.state_since
        )
        doors = change_in(act, office, known, fresh, by=by)
        return act.change("person", spec.id, by=by, doors=doors)

    return await office.act(work)


def change_in(
    act: Act,
    office: Office,
    known: StoredPerson,
    fresh: StoredPerson,
    *,
    by: str,
    note: str = "",
) -> set[DoorId]:
    """Inside an act: everything but the state. The doors that hear of it; `note` goes
    into the log."""
    grants = register.grants_of(act.connection, known.id)
    if fresh != known:
        register.change_person(act.connection, fresh)
        change = _difference(known, fresh)
        act.say(
            PersonChanged(
                door=CONTROLLER,
                at=act.at,
                person=known.id,
                change=f"{change}: {note}" if note else change,
                by=by,
            )
        )
    return {
        *doors_of_person(office.site, known, grants),
        *doors_of_person(office.site, fresh, grants),
    }


def register_in(
    act: Act, office: Office, spec: PersonSpec, *, by: str
) -> frozenset[DoorId]:
    """Inside an act: somebody new, without their grants. The doors that hear of it."""
    if not 1 <= len(spec.id) <= _LONGEST_ID or not spec.name:
        raise InputError(f"`{spec.id}` needs an id of 1..{_LONGEST_ID} and a name")
    person = _stored(spec, at=act.at)
    register.add_person(act.connection, person)
    doors = doors_of_person(office.site, person, ())
    act.doors |= doors
    act.say(PersonRegistered(door=CONTROLLER, at=act.at, person=spec.id, by=by))
    return doors


def _stored(spec: PersonSpec, *, at: datetime) -> StoredPerson:
    return StoredPerson(
        id=spec.id,
        name=spec.name,
        name_en=spec.name_en,
        post=spec.post,
        state=spec.state,
        state_since=at,
        qualifications=Qualifications(
            agreement_until=spec.agreement_until,
            commitment_until=spec.commitment_until,
            training_until=spec.training_until,
        ),
        non_face=spec.non_face,
    )


def _difference(before: StoredPerson, after: StoredPerson) -> str:
    """Which facts changed, by name; qualifications with their new dates."""
    changed = [
        name
        for name in ("name", "name_en", "post", "non_face")
        if getattr(before, name) != getattr(after, name)
    ]
    if before.post != after.post:
        changed[changed.index("post")] = f"post={after.post}"
    for name in ("agreement_until", "commitment_until", "training_until"):
        old = getattr(before.qualifications, name)
        new = getattr(after.qualifications, name)
        if old != new:
            changed.append(f"{name}={new}")
    return ", ".join(changed)
