"""Credentials as rows, sealed. Works inside the caller's transaction."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

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


def badge_of(
    connection: Connection, mark: bytes
) -> tuple[PersonId, CredentialId] | None:
    """Whose badge it is, and as which of theirs."""
    c = t.credentials.c
    row = connection.execute(select(c.person, c.id).where(c.mark == mark)).first()
    return None if row is None else (PersonId(row.person), CredentialId(row.id))


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
        "since": credential.since,
        "until": credential.until,
    }
    c = t.credentials
    found = connection.execute(
        update(c).where(c.c.id == credential.id, c.c.person == person), values
    )
    if found.rowcount == 0:
        connection.execute(insert(c), {**values, "id": credential.id, "person": person})


def badges_of(connection: Connection, person: PersonId) -> tuple[CredentialId, ...]:
    c = t.credentials.c
    rows = connection.execute(
        select(c.id).where(c.person == person, c.factor == Factor.BADGE).order_by(c.id)
    )
    return tuple(CredentialId(row.id) for row in rows)


def begin_at(
    connection: Connection, ids: Collection[CredentialId], since: datetime | None
) -> None:
    """They admit from `since` on; None: at any time."""
    c = t.credentials
    connection.execute(update(c).where(c.c.id.in_(sorted(ids))).values(since=since))


def drop(connection: Connection, ids: Collection[CredentialId]) -> None:
    c = t.credentials
    connection.execute(delete(c).where(c.c.id.in_(sorted(ids))))


def drop_over(connection: Connection, before: datetime) -> None:
    """Those that ceased to admit before that instant: nobody is inside with one."""
    c = t.credentials
    connection.execute(delete(c).where(c.c.until < before))


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
            found[holds].append(
                Credential(id_, factor, data, row.duress, row.since, row.until)
            )
    return {person: tuple(held) for person, held in found.items()}
