"""« Partage ponctuel »: documents shown by a code, and who came with it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0012"
down_revision = "0011"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "showing",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_whom", sa.LargeBinary(), nullable=False),
        sa.Column("document_ids", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _to("showing", "record_id", "record"),
        _to("showing", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_showing")),
        sa.UniqueConstraint("code_index", name=op.f("uq_showing_code_index")),
    )
    op.create_index(op.f("ix_showing_record_id"), "showing", ["record_id"])
    op.create_table(
        "visit",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("showing_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_visitor", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _to("visit", "record_id", "record"),
        _to("visit", "showing_id", "showing"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_visit_token_hash")),
    )
    op.create_index(op.f("ix_visit_showing_id"), "visit", ["showing_id"])


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)
