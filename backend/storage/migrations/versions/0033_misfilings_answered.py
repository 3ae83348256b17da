"""Who of a laboratory answers what a patient says is not theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Forward only."""
    op.add_column("misfiling", sa.Column("doubted_at", sa.DateTime(timezone=True), nullable=True))
    for column in ("professional_id", "closed_by"):
        op.add_column("misfiling", sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_misfiling_{column}_professional"),
            "misfiling",
            "professional",
            [column],
            ["id"],
        )
