"""Visits, what was signed and declared for them, and visitors' badges."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "undertaking_texts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "id", "version", "language", name=op.f("pk_undertaking_texts")
        ),
    )
    op.create_table(
        "visits",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.String(length=64), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("escorts", sa.Text(), nullable=False),
        sa.Column("deputies", sa.Text(), nullable=False),
        sa.Column("escorts_since", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=True),
        sa.Column("approved_rank", sa.String(length=32), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("overdue_alarmed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index(
        op.f("ix_visits_state_until"), "visits", ["state", "until"], unique=False
    )
    op.create_index(op.f("ix_visits_until"), "visits", ["until"], unique=False)
    op.create_table(
        "visit_core_approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit"], ["visits.id"], name=op.f("fk_visit_core_approvals_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_core_approvals")),
    )
    op.create_index(
        op.f("ix_visit_core_approvals_visit"),
        "visit_core_approvals",
        ["visit"],
        unique=False,
    )
    op.create_table(
        "visit_escorts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("escorts", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit"], ["visits.id"], name=op.f("fk_visit_escorts_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_escorts")),
    )
    op.create_index(
        op.f("ix_visit_escorts_visit_since"),
        "visit_escorts",
        ["visit", "since"],
        unique=False,
    )
    op.create_table(
        "visit_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit"], ["visits.id"], name=op.f("fk_visit_states_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_states")),
    )
    op.create_index(
        op.f("ix_visit_states_visit_since"),
        "visit_states",
        ["visit", "since"],
        unique=False,
    )
    op.create_table(
        "visitors",
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=64), nullable=True),
        sa.Column("last_digits", sa.String(length=4), nullable=True),
        sa.Column("identified_at", sa.BigInteger(), nullable=True),
        sa.Column("declared_at", sa.BigInteger(), nullable=True),
        sa.Column("locker", sa.Integer(), nullable=True),
        sa.Column("checked_in_at", sa.BigInteger(), nullable=True),
        sa.Column("checked_out_at", sa.BigInteger(), nullable=True),
        sa.Column("turned_away", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name=op.f("fk_visitors_person")
        ),
        sa.ForeignKeyConstraint(
            ["visit"], ["visits.id"], name=op.f("fk_visitors_visit")
        ),
        sa.PrimaryKeyConstraint("visit", "person", name=op.f("pk_visitors")),
    )
    op.create_index(op.f("ix_visitors_person"), "visitors", ["person"], unique=False)
    op.create_table(
        "declared_devices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("make", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("disposition", sa.String(length=32), nullable=False),
        sa.Column("declared_at", sa.BigInteger(), nullable=False),
        sa.Column("superseded_at", sa.BigInteger(), nullable=True),
        sa.Column("out_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["visit", "person"],
            ["visitors.visit", "visitors.person"],
            name=op.f("fk_declared_devices_visit_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_devices")),
    )
    op.create_index(
        op.f("ix_declared_devices_visit_person"),
        "declared_devices",
        ["visit", "person"],
        unique=False,
    )
    op.create_table(
        "deposits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("locker", sa.Integer(), nullable=False),
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("emptied_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["visit", "person"],
            ["visitors.visit", "visitors.person"],
            name=op.f("fk_deposits_visit_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposits")),
    )
    op.create_index(
        op.f("ix_deposits_emptied_at_locker"),
        "deposits",
        ["emptied_at", "locker"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deposits_visit_person"), "deposits", ["visit", "person"], unique=False
    )
    op.create_table(
        "undertakings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("text_digest", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("strokes", sa.LargeBinary(), nullable=True),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.Column("witness", sa.String(length=64), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("where", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit", "person"],
            ["visitors.visit", "visitors.person"],
            name=op.f("fk_undertakings_visit_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undertakings")),
    )
    op.create_index(
        op.f("ix_undertakings_visit_person"),
        "undertakings",
        ["visit", "person"],
        unique=False,
    )
    op.create_table(
        "visit_returns",
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=32), nullable=False),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit", "person"],
            ["visitors.visit", "visitors.person"],
            name=op.f("fk_visit_returns_visit_person"),
        ),
        sa.PrimaryKeyConstraint(
            "visit", "person", "item", name=op.f("pk_visit_returns")
        ),
    )
    op.create_table(
        "visitor_badges",
        sa.Column("credential", sa.String(length=64), nullable=False),
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("returned_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["visit", "person"],
            ["visitors.visit", "visitors.person"],
            name=op.f("fk_visitor_badges_visit_person"),
        ),
        sa.PrimaryKeyConstraint("credential", name=op.f("pk_visitor_badges")),
    )
    op.create_index(
        op.f("ix_visitor_badges_mark"), "visitor_badges", ["mark"], unique=False
    )
    op.create_index(
        op.f("ix_visitor_badges_visit_person"),
        "visitor_badges",
        ["visit", "person"],
        unique=False,
    )
