"""Tablets of the lobby, what stands on them, and consent to a photograph."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tablets",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("code_until", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("paired_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tablets")),
    )
    op.create_index(op.f("ix_tablets_code"), "tablets", ["code"], unique=False)
    op.create_index(op.f("ix_tablets_token"), "tablets", ["token"], unique=False)
    op.create_table(
        "tablet_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tablet", sa.String(length=64), nullable=False),
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("text_digest", sa.LargeBinary(), nullable=True),
        sa.Column("photo", sa.Boolean(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tablet"], ["tablets.id"], name=op.f("fk_tablet_tasks_tablet")
        ),
        sa.ForeignKeyConstraint(
            ["visit", "person"],
            ["visitors.visit", "visitors.person"],
            name=op.f("fk_tablet_tasks_visit_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tablet_tasks")),
    )
    op.create_index(
        op.f("ix_tablet_tasks_tablet_ended_at"),
        "tablet_tasks",
        ["tablet", "ended_at"],
        unique=False,
    )
    op.add_column("undertakings", sa.Column("photo", sa.Boolean(), nullable=True))
