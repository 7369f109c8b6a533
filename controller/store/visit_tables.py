"""The tables of visits; the laws of `controller.store.tables` hold here too.

A visit's row holds its latest state; `visit_states` what it was when. A declaration
made again supersedes the one before, which stays; a locker that is emptied, an escort
who handed over, a badge that came back: each stays, with when.
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
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from controller.store.tables import MAX_ID, METADATA, Instant

__all__ = ["METADATA"]

_Id = String(MAX_ID)
_Code = String(32)  # a member of a closed set

# `route`, `escorts`, `deputies`: ids in order, separated by blanks.
visits: Final = Table(
    "visits",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("kind", _Code, nullable=False),
    Column("state", _Code, nullable=False),
    Column("department", _Id, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("requested_by", _Id, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("route", Text, nullable=False),
    Column("escorts", Text, nullable=False),
    Column("deputies", Text, nullable=False),
    Column("escorts_since", Instant, nullable=False),
    Column("approved_by", _Id),
    Column("approved_rank", _Code),
    Column("approved_at", Instant),
    Column("overdue_alarmed_at", Instant),
    Index(None, "state", "until"),
    Index(None, "until"),
)

visit_states: Final = Table(
    "visit_states",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("visit", _Id, ForeignKey("visits.id"), nullable=False),
    Column("state", _Code, nullable=False),
    Column("since", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index(None, "visit", "since"),
)

visit_core_approvals: Final = Table(
    "visit_core_approvals",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("visit", _Id, ForeignKey("visits.id"), nullable=False),
    Column("zone", _Id, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("by", _Id, nullable=False),
    Column("rank", _Code, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "visit"),
)

# Who led the visit from when on: the first ones, and each handover.
visit_escorts: Final = Table(
    "visit_escorts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("visit", _Id, ForeignKey("visits.id"), nullable=False),
    Column("escorts", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Index(None, "visit", "since"),
)

# `place`: in the order of the request.
visitors: Final = Table(
    "visitors",
    METADATA,
    Column("visit", _Id, ForeignKey("visits.id"), nullable=False),
    Column("person", _Id, ForeignKey("people.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("document", _Id),
    Column("last_digits", String(4)),
    Column("identified_at", Instant),
    Column("declared_at", Instant),
    Column("locker", Integer),
    Column("checked_in_at", Instant),
    Column("checked_out_at", Instant),
    Column("turned_away", Boolean, nullable=False),
    PrimaryKeyConstraint("visit", "person"),
    Index(None, "person"),
)

declared_devices: Final = Table(
    "declared_devices",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("visit", _Id, nullable=False),
    Column("person", _Id, nullable=False),
    Column("kind", _Code, nullable=False),
    Column("type", Text, nullable=False),
    Column("make", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("disposition", _Code, nullable=False),
    Column("declared_at", Instant, nullable=False),
    Column("superseded_at", Instant),
    Column("out_at", Instant),  # ticked off going out
    ForeignKeyConstraint(["visit", "person"], ["visitors.visit", "visitors.person"]),
    Index(None, "visit", "person"),
)

# The texts, one row a version and language; an older version stays what was signed.
undertaking_texts: Final = Table(
    "undertaking_texts",
    METADATA,
    Column("id", _Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("language", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    PrimaryKeyConstraint("id", "version", "language"),
)

# `strokes`: sealed. `witness`: who saw a decline, or a typed name instead of strokes.
# `photo`: whether they agreed to be photographed; null: nobody asked.
undertakings: Final = Table(
    "undertakings",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("visit", _Id, nullable=False),
    Column("person", _Id, nullable=False),
    Column("text", _Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("language", String(16), nullable=False),
    Column("text_digest", LargeBinary, nullable=False),
    Column("digest", LargeBinary),
    Column("strokes", LargeBinary),
    Column("declined", Boolean, nullable=False),
    Column("witness", _Id),
    Column("photo", Boolean),
    Column("at", Instant, nullable=False),
    Column("where", Text, nullable=False),
    ForeignKeyConstraint(["visit", "person"], ["visitors.visit", "visitors.person"]),
    Index(None, "visit", "person"),
)

deposits: Final = Table(
    "deposits",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("locker", Integer, nullable=False),
    Column("visit", _Id, nullable=False),
    Column("person", _Id, nullable=False),
    Column("since", Instant, nullable=False),
    Column("emptied_at", Instant),
    ForeignKeyConstraint(["visit", "person"], ["visitors.visit", "visitors.person"]),
    Index(None, "emptied_at", "locker"),
    Index(None, "visit", "person"),
)

# What was to be ticked going out, and whether it was.
visit_returns: Final = Table(
    "visit_returns",
    METADATA,
    Column("visit", _Id, nullable=False),
    Column("person", _Id, nullable=False),
    Column("item", _Code, nullable=False),
    Column("returned", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    PrimaryKeyConstraint("visit", "person", "item"),
    ForeignKeyConstraint(["visit", "person"], ["visitors.visit", "visitors.person"]),
)

# A visitor's badge goes from hand to hand, so it is no credential of a person for
# ever. One that wasn't returned (`revoked_at`) is nobody's any more.
visitor_badges: Final = Table(
    "visitor_badges",
    METADATA,
    Column("credential", _Id, primary_key=True),
    Column("visit", _Id, nullable=False),
    Column("person", _Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("mark", LargeBinary, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("returned_at", Instant),
    Column("revoked_at", Instant),
    ForeignKeyConstraint(["visit", "person"], ["visitors.visit", "visitors.person"]),
    Index(None, "visit", "person"),
    Index(None, "mark"),
)

# `sealed`: the picture, until it is removed; the row stays, with whose word it was.
visitor_photos: Final = Table(
    "visitor_photos",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("visit", _Id, nullable=False),
    Column("person", _Id, nullable=False),
    Column("sealed", LargeBinary),
    Column("consent", _Code, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("removed_at", Instant),
    Column("removed_why", _Code),
    ForeignKeyConstraint(["visit", "person"], ["visitors.visit", "visitors.person"]),
    Index(None, "visit", "person"),
)

# The desk's own badges. `sealed`: what the doors know each by; the number is nowhere.
badge_pool: Final = Table(
    "badge_pool",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("label", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("mark", LargeBinary, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("retired_at", Instant),
    Column("retired_by", Text),
)
