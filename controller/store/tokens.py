"""Tokens as rows. One that has ended or was revoked stays, and its name with it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from controller.store import tables as t
from domain.tokens import Token, TokenId, TokenScope


def token(connection: Connection, id_: TokenId) -> Token | None:
    query = select(t.tokens).where(t.tokens.c.id == id_)
    row = connection.execute(query).first()
    return None if row is None else _token(row)


def by_digest(connection: Connection, digest: bytes) -> tuple[Token, bytes] | None:
    """The token with its digest as it is kept."""
    query = select(t.tokens).where(t.tokens.c.digest == digest)
    row = connection.execute(query).first()
    return None if row is None else (_token(row), bytes(row.digest))


def tokens(connection: Connection) -> tuple[Token, ...]:
    rows = connection.execute(select(t.tokens).order_by(t.tokens.c.id))
    return tuple(map(_token, rows))


def add(connection: Connection, token: Token, digest: bytes) -> None:
    connection.execute(
        insert(t.tokens),
        {
            "id": token.id,
            "digest": digest,
            "scopes": " ".join(sorted(token.scopes)),
            "made_at": token.made_at,
            "made_by": token.made_by,
            "until": token.until,
        },
    )


def used(connection: Connection, id_: TokenId, at: datetime) -> None:
    k = t.tokens
    connection.execute(update(k).where(k.c.id == id_).values(used_at=at))


def revoke(connection: Connection, id_: TokenId, at: datetime, by: str) -> bool:
    """Whether it was in force still."""
    k = t.tokens
    done = connection.execute(
        update(k)
        .where(k.c.id == id_, k.c.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by=by)
    )
    return bool(done.rowcount == 1)


def _token(row: "Row[Any]") -> Token:
    return Token(
        id=TokenId(row.id),
        scopes=frozenset(map(TokenScope, row.scopes.split())),
        made_at=row.made_at,
        made_by=row.made_by,
        until=row.until,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
