"""Who works at a door until when: as asked, as commanded, as the door told."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("commands", "door_acts", "doors"):
        op.add_column(table, sa.Column("service_worker", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("service_until", sa.BigInteger(), nullable=True))
