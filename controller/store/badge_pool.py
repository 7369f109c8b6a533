"""The desk's own visitor badges as rows: a label, and sealed what the doors know it by.

The number itself is nowhere. All functions work inside the caller's transaction.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from controller.store import visit_tables as t
from controller.store.vault import Vault
from domain.errors import SealBroken, StorageError
from wire.sealing import context, open_local, seal_local


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolBadge:
    """`mark`: what tells one badge from another."""

    id: int
    label: str
    mark: bytes = field(repr=False)
    added_at: datetime


def add(
    connection: Connection,
    vault: Vault,
    label: str,
    digest: bytes,
    mark: bytes,
    *,
    at: datetime,
    by: str,
) -> None:
    sealed = seal_local(
        vault.seals, digest, context=_place(mark), random_bytes=vault.random_bytes
    )
    connection.execute(
        insert(t.badge_pool),
        {
            "label": label,
            "sealed": sealed,
            "mark": mark,
            "added_at": at,
            "added_by": by,
        },
    )


def badges(connection: Connection) -> tuple[PoolBadge, ...]:
    """Those in use, by label."""
    p = t.badge_pool
    rows = connection.execute(
        select(p).where(p.c.retired_at.is_(None)).order_by(p.c.label, p.c.id)
    )
    return tuple(map(_badge, rows))


def retire(connection: Connection, id_: int, *, at: datetime, by: str) -> str | None:
    """Its label; None: there is none of that id in use."""
    p = t.badge_pool
    mine = (p.c.id == id_, p.c.retired_at.is_(None))
    label = connection.execute(select(p.c.label).where(*mine)).scalar()
    if label is None:
        return None
    connection.execute(update(p).where(*mine).values(retired_at=at, retired_by=by))
    return str(label)


def digest(connection: Connection, vault: Vault, id_: int) -> bytes | None:
    """What the doors know it by; None: there is none of that id in use.

    Raises:
        StorageError: the row is damaged, moved, or sealed under other keys.
    """
    p = t.badge_pool.c
    row = connection.execute(
        select(p.sealed, p.mark).where(p.id == id_, p.retired_at.is_(None))
    ).first()
    if row is None:
        return None
    try:
        return open_local(
            vault.seals, bytes(row.sealed), context=_place(bytes(row.mark))
        )
    except SealBroken as error:
        said = f"badge {id_} of the desk cannot be opened: {error}"
        raise StorageError(said) from None


def _badge(row: "Row[Any]") -> PoolBadge:
    return PoolBadge(
        id=row.id, label=row.label, mark=bytes(row.mark), added_at=row.added_at
    )


def _place(mark: bytes) -> bytes:
    return context("desk-badge", mark.hex())
