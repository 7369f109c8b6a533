"""When the office heard of an alarm, and whom it called out because of it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alarms", sa.Column("heard_at", sa.BigInteger(), nullable=True))
    op.create_index(
        op.f("ix_alarms_acknowledged_at"), "alarms", ["acknowledged_at"], unique=False
    )
    op.create_table(
        "alarm_calls",
        sa.Column("alarm", sa.Integer(), nullable=False),
        sa.Column("called", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alarm", "called", name=op.f("pk_alarm_calls")),
    )
