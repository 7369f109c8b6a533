"""Every table of the office.

Laws: history is never deleted (a grant is withdrawn, a person leaves; rows stay); the
exact signed bytes of every envelope are kept for ever; everything else about events
is a projection that could be folded again from them. Instants are microseconds since
1970 in UTC: exact, ordered, the same in SQLite and PostgreSQL. Templates and digests
are sealed (`controller.store.vault`).
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware `datetime`, held as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(
        self, value: int | None, dialect: Dialect
    ) -> datetime | None:
        return None if value is None else instant(value)


def micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def instant(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


_CONVENTION: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA: Final = MetaData(naming_convention=_CONVENTION)

# An id of ours. What a door reports with a longer one is quarantined.
MAX_ID: Final = 64
_Id = String(MAX_ID)

# --- the register ---

people: Final = Table(
    "people",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("post", _Id, nullable=False),
    Column("state", String(16), nullable=False),
    Column("state_since", Instant, nullable=False),
    Column("agreement_until", Date),
    Column("commitment_until", Date),
    Column("training_until", Date),
    Column("non_face", Boolean, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Index(None, "post"),
)

person_states: Final = Table(
    "person_states",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("person", _Id, ForeignKey("people.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("since", Instant, nullable=False),
    Index(None, "person", "since"),
)

grants: Final = Table(
    "grants",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("person", _Id, ForeignKey("people.id"), nullable=False),
    Column("zone", _Id, nullable=False),
    Column("rank", String(32), nullable=False),
    Column("approved_by", _Id),
    Column("purpose", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("schedule", _Id),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("withdrawn_at", Instant),
    Column("withdrawn_reason", Text),
    Column("withdrawn_by", Text),
    CheckConstraint(
        "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn_whole"
    ),
    Index(None, "zone", "person"),
    Index(None, "person"),
)

# `mark`: keyed digest of a badge's own digest, so that one badge has one holder
# although what it is lies sealed.
credentials: Final = Table(
    "credentials",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("person", _Id, ForeignKey("people.id"), nullable=False),
    Column("factor", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("mark", LargeBinary),
    Column("duress", Boolean, nullable=False),
    Column("enrolled_at", Instant, nullable=False),
    Column("enrolled_by", Text, nullable=False),
    Column("since", Instant),  # when it begins and ends to admit
    Column("until", Instant),
    Index(None, "person"),
    UniqueConstraint("mark"),
)

# Who may not freeze asks. All that are open about a person are settled together.
freeze_proposals: Final = Table(
    "freeze_proposals",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("person", _Id, ForeignKey("people.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("proposer", _Id),  # whose account that is, if the register knows
    Column("outcome", String(16)),
    Column("settled_at", Instant),
    Column("settled_by", Text),
    Column("note", Text),
    Index(None, "person"),
    Index(None, "settled_at"),
)

# A badge for one day, for who forgot theirs. `day`: of the site.
day_badges: Final = Table(
    "day_badges",
    METADATA,
    Column("person", _Id, ForeignKey("people.id"), nullable=False),
    Column("day", String(10), nullable=False),
    Column("document", String(32), nullable=False),  # its kind
    Column("issued_at", Instant, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Text),
    PrimaryKeyConstraint("person", "day"),
    Index(None, "day"),
)

# --- the log ---

# `position`: the order of commitment, over all senders, without gaps from 1.
envelopes: Final = Table(
    "envelopes",
    METADATA,
    Column("door", _Id, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("type", _Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("door", "seq"),
    UniqueConstraint("position"),
    Index(None, "at", "position"),
)

# What came after a gap: verified, kept, not yet part of the chain.
waiting: Final = Table(
    "waiting",
    METADATA,
    Column("door", _Id, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("door", "seq"),
)

gaps: Final = Table(
    "gaps",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("door", _Id, nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("noticed_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("alarmed", Boolean, nullable=False),
    Index(None, "closed_at", "door"),
)

quarantine: Final = Table(
    "quarantine",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("received_at", Instant, nullable=False),
    Column("topic", Text, nullable=False),
    Column("door", _Id),
    Column("seq", BigInteger),
    Column("reason", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    UniqueConstraint("digest", "reason"),
)

mentions: Final = Table(
    "mentions",
    METADATA,
    Column("person", _Id, nullable=False),
    Column("position", BigInteger, nullable=False),
    PrimaryKeyConstraint("person", "position"),
)

# --- projections ---

accesses: Final = Table(
    "accesses",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("door", _Id, nullable=False),
    Column("zone", _Id, nullable=False),
    Column("side", String(8), nullable=False),
    Column("outcome", String(16), nullable=False),
    Index(None, "at", "position"),
    Index(None, "door", "at"),
)

# The latest movement of a person that each door of a zone told.
movements: Final = Table(
    "movements",
    METADATA,
    Column("zone", _Id, nullable=False),
    Column("person", _Id, nullable=False),
    Column("door", _Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("inside", Boolean, nullable=False),
    Column("declaration", Text),
    PrimaryKeyConstraint("zone", "person", "door"),
)

# When each door last made its zone's occupancy unknown, reset it, or let one in.
doubts: Final = Table(
    "doubts",
    METADATA,
    Column("zone", _Id, nullable=False),
    Column("door", _Id, nullable=False),
    Column("unknown_at", Instant),
    Column("reset_at", Instant),
    Column("entered_at", Instant),
    PrimaryKeyConstraint("zone", "door"),
)

alarms: Final = Table(
    "alarms",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("door", _Id, nullable=False),
    Column("code", _Id, nullable=False),
    Column("device", _Id, nullable=False),  # "": of no device
    Column("person", _Id),
    Column("priority", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Column("silent", Boolean, nullable=False),
    Column("since", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("times", Integer, nullable=False),
    Column("cleared_at", Instant),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", _Id),
    Column("note", Text),
    Column("resolved_at", Instant),
    Column("resolved_by", _Id),
    Column("cause", String(32)),
    Column("sentence", Text),
    # By the office's clock; null in rows older than migration 0006.
    Column("heard_at", Instant),
    Index(None, "door", "code", "device"),
    Index(None, "cleared_at"),
    Index(None, "resolved_at"),
    Index(None, "acknowledged_at"),
)

# Who was called because of an alarm: each at most once.
alarm_calls: Final = Table(
    "alarm_calls",
    METADATA,
    Column("alarm", Integer, nullable=False),
    Column("called", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", _Id),  # null: the clock
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("alarm", "called"),
)

# What is known of each door; `seen_roster`: the highest number it ever told.
doors: Final = Table(
    "doors",
    METADATA,
    Column("door", _Id, primary_key=True),
    Column("phase", String(16)),
    Column("phase_since", Instant),
    Column("is_open", Boolean, nullable=False),
    Column("lockdown", Boolean, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("clock_trusted", Boolean),
    Column("seen_roster", BigInteger, nullable=False),
    Column("last_people", Text, nullable=False),  # ids, separated by blanks
    Column("last_at", Instant),
    Column("temperature_c", Float),
    Column("humidity_percent", Float),
    Column("climate_at", Instant),
    Column("online", Boolean),
    Column("online_since", Instant),
    Column("session", Text),
    Column("service_worker", Text),
    Column("service_until", Instant),
)

# --- what the office sends ---

rosters: Final = Table(
    "rosters",
    METADATA,
    Column("door", _Id, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("people", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("applied_at", Instant),
    PrimaryKeyConstraint("door", "number"),
)

changes: Final = Table(
    "changes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("what", Text, nullable=False),
    Column("person", _Id, nullable=False),
    Column("by", Text, nullable=False),
)

# `roster`: the first one that carries the change; None until it is issued.
receipts: Final = Table(
    "receipts",
    METADATA,
    Column("change", Integer, ForeignKey("changes.id"), nullable=False),
    Column("door", _Id, nullable=False),
    Column("roster", BigInteger),
    Column("confirmed_at", Instant),
    PrimaryKeyConstraint("change", "door"),
    Index(None, "door", "confirmed_at"),
)

commands: Final = Table(
    "commands",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("door", _Id, nullable=False),
    Column("order", _Id, nullable=False),
    Column("nonce", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("answer", Text),  # "received", or why it was refused
    Column("answered_at", Instant),
    Column("service_worker", Text),
    Column("service_until", Instant),
    Index(None, "door", "issued_at"),
)

# What an operator asked of doors. `confirmed_at`: when a second operator agreed, or at
# once where none is needed; `confirmed_by` is then "". `doors`: separated by blanks.
door_acts: Final = Table(
    "door_acts",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("order", _Id, nullable=False),
    Column("scope", String(8), nullable=False),
    Column("doors", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", _Id, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("confirmed_by", _Id, nullable=False),
    Column("confirmed_at", Instant),
    Column("service_worker", Text),
    Column("service_until", Instant),
    Index(None, "asked_at"),
    Index(None, "confirmed_at", "expires_at"),
)

door_act_commands: Final = Table(
    "door_act_commands",
    METADATA,
    Column("act", _Id, ForeignKey("door_acts.id"), nullable=False),
    Column("command", _Id, ForeignKey("commands.id"), nullable=False),
    PrimaryKeyConstraint("act", "command"),
)

# --- operators of the console ---

# `secret`: of one-time codes, sealed. `last_step`: of the latest code taken; none up
# to it is taken again.
operators: Final = Table(
    "operators",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("person", _Id),
    Column("roles", Text, nullable=False),  # separated by spaces, as are zones
    Column("zones", Text, nullable=False),
    Column("rank", String(32)),
    Column("department", Text, nullable=False),
    Column("password", Text, nullable=False),  # argon2id, in its own notation
    Column("secret", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("reset_at", Instant),
    Column("disabled_at", Instant),
)

# A code used or replaced stays, with when.
recovery_codes: Final = Table(
    "recovery_codes",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("operator", _Id, ForeignKey("operators.id"), nullable=False),
    Column("ended_at", Instant),
    Index(None, "operator"),
)

# `id` is the digest of what the browser keeps, so that a copy of the database opens
# no session. `seen_at` follows within a minute.
sessions: Final = Table(
    "sessions",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("operator", _Id, ForeignKey("operators.id"), nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("locked_at", Instant),
    Column("ended_at", Instant),
    Column("ended_by", String(16)),
    Index(None, "operator", "ended_at"),
)

# --- the review of grants ---

# `warned`: days before the end of the last warning given. `ended_at`: when the end was
# acted upon; `closed_at`: when nothing waited for anybody any more.
review_rounds: Final = Table(
    "review_rounds",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("opened_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("warned", Integer),
    Column("ended_at", Instant),
    Column("closed_at", Instant),
)

review_items: Final = Table(
    "review_items",
    METADATA,
    Column("round", String(16), ForeignKey("review_rounds.id"), nullable=False),
    Column("grant", _Id, ForeignKey("grants.id"), nullable=False),
    Column("person", _Id, nullable=False),
    Column("zone", _Id, nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", Instant),
    Column("by", Text),
    PrimaryKeyConstraint("round", "grant"),
    Index(None, "grant"),
)

# --- other systems that use the office ---

# `digest`: SHA-256 of the token, so that a copy of the database lets nobody in.
# `used_at` follows within a minute.
tokens: Final = Table(
    "tokens",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("scopes", Text, nullable=False),  # separated by spaces
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    Column("revoked_by", Text),
    UniqueConstraint("digest"),
)

# Asked for by one operator, decided by another; `grant`: what came of an approval.
grant_requests: Final = Table(
    "grant_requests",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("person", _Id, ForeignKey("people.id"), nullable=False),
    Column("zone", _Id, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("since", Instant),
    Column("until", Instant),
    Column("schedule", _Id),
    Column("asked_at", Instant, nullable=False),
    Column("asked_by", _Id, nullable=False),
    Column("state", String(16), nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", _Id),
    Column("reason", Text),
    Column("grant", _Id, ForeignKey("grants.id")),
    Index(None, "state", "asked_at"),
)
