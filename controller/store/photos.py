"""Photographs of visitors as rows: sealed while of use, then only that one was.

A row stays for the record of consent; its picture goes. All functions work inside the
caller's transaction.
"""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from controller.store import visit_tables as t
from controller.store.vault import Vault
from domain.errors import SealBroken, StorageError
from domain.ids import PersonId, VisitId
from domain.visit_photos import PhotoConsent, PhotoEnd
from wire.sealing import context, open_local, seal_local


def add(
    connection: Connection,
    vault: Vault,
    visit: VisitId,
    person: PersonId,
    picture: bytes,
    *,
    consent: PhotoConsent,
    at: datetime,
    by: str,
) -> None:
    sealed = seal_local(
        vault.seals,
        picture,
        context=_place(visit, person),
        random_bytes=vault.random_bytes,
    )
    connection.execute(
        insert(t.visitor_photos),
        {
            "visit": visit,
            "person": person,
            "sealed": sealed,
            "consent": consent,
            "taken_at": at,
            "taken_by": by,
        },
    )


def remove(
    connection: Connection,
    visit: VisitId,
    person: PersonId,
    *,
    why: PhotoEnd,
    at: datetime,
) -> bool:
    """Whether there was one."""
    p = t.visitor_photos
    done = connection.execute(
        update(p)
        .where(p.c.visit == visit, p.c.person == person, p.c.removed_at.is_(None))
        .values(sealed=None, removed_at=at, removed_why=why)
    )
    return done.rowcount > 0


def photo(
    connection: Connection, vault: Vault, visit: VisitId, person: PersonId
) -> bytes | None:
    """The picture.

    Raises:
        StorageError: the row is damaged, moved, or sealed under other keys.
    """
    p = t.visitor_photos.c
    sealed = connection.execute(
        select(p.sealed)
        .where(p.visit == visit, p.person == person, p.removed_at.is_(None))
        .order_by(p.id.desc())
        .limit(1)
    ).scalar()
    if sealed is None:
        return None
    try:
        return open_local(vault.seals, bytes(sealed), context=_place(visit, person))
    except SealBroken as error:
        raise StorageError(
            f"the photograph of `{person}` cannot be opened: {error}"
        ) from None


def photographed(connection: Connection, visit: VisitId) -> dict[PersonId, datetime]:
    """Of whom there is one, and since when."""
    p = t.visitor_photos.c
    rows = connection.execute(
        select(p.person, p.taken_at).where(p.visit == visit, p.removed_at.is_(None))
    )
    return {PersonId(row.person): row.taken_at for row in rows}


def agreed_on_tablet(connection: Connection, visit: VisitId) -> frozenset[PersonId]:
    """Whose latest word, beside what they signed, is that they agree."""
    u, p = t.undertakings.c, t.visitor_photos.c
    said: dict[str, tuple[bool, datetime]] = {}
    for row in connection.execute(
        select(u.person, u.photo, u.at)
        .where(u.visit == visit, u.photo.is_not(None))
        .order_by(u.id)
    ):
        said[row.person] = (row.photo, row.at)
    withdrawn = {
        row.person: row.last
        for row in connection.execute(
            select(p.person, func.max(p.removed_at).label("last"))
            .where(p.visit == visit, p.removed_why == PhotoEnd.WITHDRAWN)
            .group_by(p.person)
        )
    }
    return frozenset(
        PersonId(person)
        for person, (agreed, at) in said.items()
        if agreed and (person not in withdrawn or withdrawn[person] < at)
    )


def _place(visit: VisitId, person: PersonId) -> bytes:
    return context("visitor-photo", visit, person)
