"""The journal: anchors of its checkpoints, and triggers that keep it append-only."""

import sqlalchemy as sa
from alembic import op

from backend.storage.traces import TRACE_GUARD_DDL

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "anchor",
        sa.Column("lane", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("checkpoint", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("lane", "number", name=op.f("pk_anchor")),
    )
    op.create_index("ix_anchor_checkpoint_lane", "anchor", ["checkpoint", "lane"], unique=False)
    op.execute(TRACE_GUARD_DDL)
