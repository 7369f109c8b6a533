"""The tables of the lobby's tablets; the laws of `controller.store.tables` hold here.

A tablet that was revoked stays, with when. A task is what stood on its screen: of whom
and for how long, never what they drew.
"""

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from controller.store.tables import MAX_ID, Instant
from controller.store.visit_tables import METADATA

__all__ = ["METADATA"]

_Id = String(MAX_ID)
_Digest = String(64)  # SHA-256 in hex

# `code`: what pairs it, until `code_until`; `token`: what it is known by since.
tablets: Final = Table(
    "tablets",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("code", _Digest, nullable=False),
    Column("code_until", Instant, nullable=False),
    Column("token", _Digest),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("paired_at", Instant),
    Column("revoked_at", Instant),
    Index(None, "code"),
    Index(None, "token"),
)

# `text_digest`, `photo`: what was on the screen and agreed to when a name was typed.
tablet_tasks: Final = Table(
    "tablet_tasks",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("tablet", _Id, ForeignKey("tablets.id"), nullable=False),
    Column("visit", _Id, nullable=False),
    Column("person", _Id, nullable=False),
    Column("language", String(16), nullable=False),
    Column("state", String(32), nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("sent_by", Text, nullable=False),
    Column("used_at", Instant, nullable=False),
    Column("text_digest", LargeBinary),
    Column("photo", Boolean),
    Column("ended_at", Instant),
    ForeignKeyConstraint(["visit", "person"], ["visitors.visit", "visitors.person"]),
    Index(None, "tablet", "ended_at"),
)
