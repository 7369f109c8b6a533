"""Who acknowledged an alarm, who resolved it, and why there was one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_by", sa.String(length=64), nullable=True),
        sa.Column("cause", sa.String(length=32), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=True),
    ):
        op.add_column("alarms", column)
    op.create_index(
        op.f("ix_alarms_resolved_at"), "alarms", ["resolved_at"], unique=False
    )
