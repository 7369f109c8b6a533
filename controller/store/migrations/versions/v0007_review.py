"""Rounds in which grants are reviewed, and what was decided about each grant."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_rounds",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("warned", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_rounds")),
    )
    op.create_table(
        "review_items",
        sa.Column("round", sa.String(length=16), nullable=False),
        sa.Column("grant", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["round"], ["review_rounds.id"], name=op.f("fk_review_items_round")
        ),
        sa.ForeignKeyConstraint(
            ["grant"], ["grants.id"], name=op.f("fk_review_items_grant")
        ),
        sa.PrimaryKeyConstraint("round", "grant", name=op.f("pk_review_items")),
    )
    op.create_index(
        op.f("ix_review_items_grant"), "review_items", ["grant"], unique=False
    )
