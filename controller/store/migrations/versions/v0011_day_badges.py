"""Badges for a day, and the times between which a credential admits."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("since", "until"):
        op.add_column("credentials", sa.Column(name, sa.BigInteger(), nullable=True))
    op.create_table(
        "day_badges",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("document", sa.String(length=32), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name=op.f("fk_day_badges_person_people")
        ),
        sa.PrimaryKeyConstraint("person", "day", name=op.f("pk_day_badges")),
    )
    op.create_index(op.f("ix_day_badges_day"), "day_badges", ["day"], unique=False)
