"""Credentials as rows, sealed. Works inside the caller's transaction."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from controller.store import tables as t
from controller.store.vault import Vault
from domain.credentials import Credential, Factor
from domain.ids import CredentialId, PersonId

# Values in one statement; SQLite allows 32,766.
_MANY: Final = 10_000


def holder(connection: Connection, id_: CredentialId) -> PersonId | None:
    c = t.credentials.c
    row = connection.execute(select(c.person).where(c.id == id_)).first()
    return None if row is None else PersonId(row.person)


def holder_of_badge(connection: Connection, mark: bytes) -> PersonId | None:
    c = t.credentials.c
    row = connection.execute(select(c.person).where(c.mark == mark)).first()
    return None if row is None else PersonId(row.person)


def kinds_of(
    connection: Connection, person: PersonId
) -> tuple[tuple[Factor, datetime], ...]:
    """Which kinds the person holds and since when: nothing is opened."""
    c = t.credentials.c
    rows = connection.execute(
        select(c.factor, c.enrolled_at)
        .where(c.person == person)
        .order_by(c.factor, c.enrolled_at, c.id)
    )
    return tuple((Factor(row.factor), row.enrolled_at) for row in rows)


def put(
    connection: Connection,
    vault: Vault,
    person: PersonId,
    credential: Credential,
    *,
    at: datetime,
    by: str,
) -> None:
    """Add, or replace under the same id. Whose id it is the caller has asked."""
    values = {
        "factor": credential.factor,
        "sealed": vault.seal(person, credential),
        "mark": vault.mark(credential),
        "duress": credential.duress,
        "enrolled_at": at,
        "enrolled_by": by,
    }
    c = t.credentials
    found = connection.execute(
        update(c).where(c.c.id == credential.id, c.c.person == person), values
    )
    if found.rowcount == 0:
        connection.execute(insert(c), {**values, "id": credential.id, "person": person})


def of_people(
    connection: Connection, vault: Vault, people: Collection[PersonId]
) -> dict[PersonId, tuple[Credential, ...]]:
    """The credentials of each, in the order of their ids."""
    c = t.credentials
    query = select(c).order_by(c.c.id)
    wanted = set(people)
    if len(wanted) <= _MANY:  # beyond, nearly everybody is wanted
        query = query.where(c.c.person.in_(sorted(wanted)))
    found: defaultdict[PersonId, list[Credential]] = defaultdict(list)
    for row in connection.execute(query):
        if row.person in wanted:
            holds = PersonId(row.person)
            id_, factor = CredentialId(row.id), Factor(row.factor)
            data = vault.open(holds, id_, factor, row.sealed)
            found[holds].append(Credential(id_, factor, data, row.duress))
    return {person: tuple(held) for person, held in found.items()}
