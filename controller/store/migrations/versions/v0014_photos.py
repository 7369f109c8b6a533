"""Photographs of visitors, by consent and for the time of the visit."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visitor_photos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("consent", sa.String(length=32), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_why", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["visit", "person"],
            ["visitors.visit", "visitors.person"],
            name=op.f("fk_visitor_photos_visit_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitor_photos")),
    )
    op.create_index(
        op.f("ix_visitor_photos_visit_person"),
        "visitor_photos",
        ["visit", "person"],
        unique=False,
    )
