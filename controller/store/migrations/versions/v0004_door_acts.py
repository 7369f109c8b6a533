"""What operators ask of doors, and who confirmed it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "door_acts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("order", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("doors", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_acts")),
    )
    op.create_index(op.f("ix_door_acts_asked_at"), "door_acts", ["asked_at"])
    op.create_index(
        op.f("ix_door_acts_confirmed_at_expires_at"),
        "door_acts",
        ["confirmed_at", "expires_at"],
    )
    op.create_table(
        "door_act_commands",
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("command", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["act"], ["door_acts.id"], name=op.f("fk_door_act_commands_act")
        ),
        sa.ForeignKeyConstraint(
            ["command"], ["commands.id"], name=op.f("fk_door_act_commands_command")
        ),
        sa.PrimaryKeyConstraint("act", "command", name=op.f("pk_door_act_commands")),
    )
