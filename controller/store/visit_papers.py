"""What was to be signed, what was signed, and visitors' badges, as rows.

A text never changes: a new wording is a new version. Strokes of a signature and what
a badge is lie sealed, bound to their visit and visitor.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from controller.store import visit_tables as t
from controller.store.vault import Vault
from domain.credentials import Credential, Factor
from domain.errors import SealBroken, StorageError
from domain.ids import CredentialId, PersonId, VisitId
from wire.sealing import context, open_local, seal_local


@dataclass(frozen=True, slots=True, kw_only=True)
class UndertakingText:
    """One version in one language. `digest`: SHA-256 of title and body."""

    id: str
    version: int
    language: str
    title: str
    body: str
    digest: bytes
    made_at: datetime
    made_by: str

    @property
    def name(self) -> str:
        return f"{self.id}/{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUndertaking:
    """`strokes`: what the finger drew, as the tablet sent it; None where somebody
    declined, or a witness saw them type their name. `photo`: whether they agreed to
    be photographed; None: nobody asked."""

    visit: VisitId
    person: PersonId
    text: str
    version: int
    language: str
    text_digest: bytes
    digest: bytes | None
    strokes: bytes | None = field(repr=False)
    declined: bool
    witness: PersonId | None
    at: datetime
    where: str
    photo: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBadge:
    credential: Credential = field(repr=False)
    visit: VisitId
    person: PersonId
    issued_at: datetime
    returned_at: datetime | None
    revoked_at: datetime | None

    @property
    def live(self) -> bool:
        return self.returned_at is None and self.revoked_at is None


# --- texts ---


def texts(connection: Connection, id_: str) -> tuple[UndertakingText, ...]:
    """Every version in every language, latest first."""
    u = t.undertaking_texts
    rows = connection.execute(
        select(u).where(u.c.id == id_).order_by(u.c.version.desc(), u.c.language)
    )
    return tuple(map(_text, rows))


def text(
    connection: Connection, id_: str, version: int, language: str
) -> UndertakingText | None:
    u = t.undertaking_texts
    row = connection.execute(
        select(u).where(u.c.id == id_, u.c.version == version, u.c.language == language)
    ).first()
    return None if row is None else _text(row)


def text_ids(connection: Connection) -> frozenset[str]:
    u = t.undertaking_texts.c
    return frozenset(connection.execute(select(u.id).distinct()).scalars())


def latest_version(connection: Connection, id_: str) -> int:
    """0 if there is none."""
    u = t.undertaking_texts.c
    found = connection.execute(select(func.max(u.version)).where(u.id == id_)).scalar()
    return int(found or 0)


def add_texts(connection: Connection, texts: Iterable[UndertakingText]) -> None:
    connection.execute(
        insert(t.undertaking_texts),
        [
            {
                "id": each.id,
                "version": each.version,
                "language": each.language,
                "title": each.title,
                "body": each.body,
                "digest": each.digest,
                "made_at": each.made_at,
                "made_by": each.made_by,
            }
            for each in texts
        ],
    )


# --- what was signed ---


def add_undertaking(
    connection: Connection, vault: Vault, paper: StoredUndertaking
) -> None:
    sealed = (
        None
        if paper.strokes is None
        else seal_local(
            vault.seals,
            paper.strokes,
            context=_signature(paper.visit, paper.person),
            random_bytes=vault.random_bytes,
        )
    )
    connection.execute(
        insert(t.undertakings),
        {
            "visit": paper.visit,
            "person": paper.person,
            "text": paper.text,
            "version": paper.version,
            "language": paper.language,
            "text_digest": paper.text_digest,
            "digest": paper.digest,
            "strokes": sealed,
            "declined": paper.declined,
            "witness": paper.witness,
            "photo": paper.photo,
            "at": paper.at,
            "where": paper.where,
        },
    )


def undertaking(
    connection: Connection, vault: Vault, visit: VisitId, person: PersonId
) -> StoredUndertaking | None:
    """The latest that this visitor signed or declined for this visit.

    Raises:
        StorageError: the strokes are damaged, or sealed under other keys.
    """
    u = t.undertakings
    row = connection.execute(
        select(u)
        .where(u.c.visit == visit, u.c.person == person)
        .order_by(u.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return StoredUndertaking(
        visit=visit,
        person=person,
        text=row.text,
        version=row.version,
        language=row.language,
        text_digest=bytes(row.text_digest),
        digest=None if row.digest is None else bytes(row.digest),
        strokes=None if row.strokes is None else _opened(vault, row, visit, person),
        declined=row.declined,
        witness=None if row.witness is None else PersonId(row.witness),
        at=row.at,
        where=row.where,
        photo=row.photo,
    )


# --- badges ---


def issue_badge(
    connection: Connection,
    vault: Vault,
    visit: VisitId,
    person: PersonId,
    credential: Credential,
    mark: bytes,
    *,
    at: datetime,
    by: str,
) -> None:
    connection.execute(
        insert(t.visitor_badges),
        {
            "credential": credential.id,
            "visit": visit,
            "person": person,
            "sealed": vault.seal(person, credential),
            "mark": mark,
            "issued_at": at,
            "issued_by": by,
        },
    )


def badge_is_out(connection: Connection, mark: bytes) -> bool:
    """Whether a visitor holds it, or kept it: then it is nobody's to give."""
    b = t.visitor_badges.c
    held = or_(b.returned_at.is_(None), b.revoked_at.is_not(None))
    query = select(b.credential).where(b.mark == mark, held).limit(1)
    return connection.execute(query).first() is not None


def end_badge(
    connection: Connection,
    visit: VisitId,
    person: PersonId,
    at: datetime,
    *,
    returned: bool,
) -> None:
    """It came back, or is revoked for ever."""
    b = t.visitor_badges
    what = "returned_at" if returned else "revoked_at"
    connection.execute(
        update(b)
        .where(
            b.c.visit == visit,
            b.c.person == person,
            b.c.returned_at.is_(None),
            b.c.revoked_at.is_(None),
        )
        .values({what: at})
    )


def badges_of(
    connection: Connection, vault: Vault, visits: Collection[VisitId]
) -> dict[PersonId, tuple[StoredBadge, ...]]:
    """All badges that were given out for these visits, by holder."""
    b = t.visitor_badges
    rows = connection.execute(
        select(b).where(b.c.visit.in_(sorted(visits))).order_by(b.c.issued_at)
    )
    found: defaultdict[PersonId, list[StoredBadge]] = defaultdict(list)
    for row in rows:
        found[PersonId(row.person)].append(_badge(vault, row))
    return {person: tuple(held) for person, held in found.items()}


def holders_of_live_badges(connection: Connection) -> frozenset[tuple[str, str]]:
    """Visit and person of every badge that is out."""
    b = t.visitor_badges.c
    rows = connection.execute(
        select(b.visit, b.person).where(b.returned_at.is_(None), b.revoked_at.is_(None))
    )
    return frozenset((row.visit, row.person) for row in rows)


def holder_of_mark(
    connection: Connection, mark: bytes
) -> tuple[VisitId, PersonId] | None:
    """Who holds, or kept, the badge with this mark."""
    b = t.visitor_badges.c
    row = connection.execute(
        select(b.visit, b.person)
        .where(b.mark == mark, b.returned_at.is_(None))
        .order_by(b.issued_at.desc())
        .limit(1)
    ).first()
    return None if row is None else (VisitId(row.visit), PersonId(row.person))


# --- inside ---


def _text(row: "Row[Any]") -> UndertakingText:
    return UndertakingText(
        id=row.id,
        version=row.version,
        language=row.language,
        title=row.title,
        body=row.body,
        digest=bytes(row.digest),
        made_at=row.made_at,
        made_by=row.made_by,
    )


def _badge(vault: Vault, row: "Row[Any]") -> StoredBadge:
    person, id_ = PersonId(row.person), CredentialId(row.credential)
    data = vault.open(person, id_, Factor.BADGE, bytes(row.sealed))
    return StoredBadge(
        credential=Credential(id_, Factor.BADGE, data, duress=False),
        visit=VisitId(row.visit),
        person=person,
        issued_at=row.issued_at,
        returned_at=row.returned_at,
        revoked_at=row.revoked_at,
    )


def _opened(vault: Vault, row: "Row[Any]", visit: VisitId, person: PersonId) -> bytes:
    try:
        return open_local(
            vault.seals, bytes(row.strokes), context=_signature(visit, person)
        )
    except SealBroken as error:
        raise StorageError(
            f"what `{person}` signed for `{visit}` cannot be opened: {error}"
        ) from None


def _signature(visit: VisitId, person: PersonId) -> bytes:
    return context("signature", visit, person)
