"""Pages that change by themselves are woken; laboratories keep models of messages."""

import sqlalchemy as sa
from alembic import op

from backend.storage.listening import PAGES_WAKE_DDL

revision = "0032"
down_revision = "0031"

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward only."""
    op.execute(PAGES_WAKE_DDL)
    op.create_table(
        "message_model",
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", AT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("structure_id", "structure"),
        _key("written_by", "professional"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_model")),
    )
    op.create_index(op.f("ix_message_model_structure_id"), "message_model", ["structure_id"])


def _key(column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_message_model_{column}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)
