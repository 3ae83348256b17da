"""Results that wait for their announcement, those that already do, and what laboratories choose."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

AT = sa.DateTime(timezone=True)
OPEN = sa.text("done_at IS NULL")


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "announcement",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_held", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", AT, nullable=False),
        sa.Column("done_at", AT, nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("sealed_outcome", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("announcement", "record_id", "record"),
        _key("announcement", "document_id", "document"),
        _key("announcement", "structure_id", "structure"),
        _key("announcement", "owner_id", "professional"),
        _key("announcement", "client_id", "machine_client"),
        _key("announcement", "done_by", "professional"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index(op.f("ix_announcement_document_id"), "announcement", ["document_id"])
    op.create_index(
        "uq_announcement_open", "announcement", ["document_id"], unique=True, postgresql_where=OPEN
    )
    op.create_index(
        "ix_announcement_structure_open", "announcement", ["structure_id"], postgresql_where=OPEN
    )
    op.create_table(
        "announcement_call",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("at", AT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("announcement_call", "record_id", "record"),
        _key("announcement_call", "announcement_id", "announcement"),
        _key("announcement_call", "owner_id", "professional"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_call")),
        sa.UniqueConstraint(
            "announcement_id",
            "kind",
            "due_on",
            name=op.f("uq_announcement_call_announcement_id_kind_due_on"),
        ),
    )
    _policies()
    # What waits already waits like the rest: nobody’s yet.
    op.execute(
        "INSERT INTO announcement (id, record_id, document_id, structure_id, opened_at) "
        "SELECT gen_random_uuid(), record_id, id, structure_id, now() FROM document "
        "WHERE withheld AND status <> 'withdrawn' AND structure_id IS NOT NULL"
    )


def _policies() -> None:
    op.create_table(
        "withheld_family",
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=False),
        sa.Column("chosen_at", AT, nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("withheld_family", "structure_id", "structure"),
        _key("withheld_family", "chosen_by", "professional"),
        _key("withheld_family", "ended_by", "professional"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withheld_family")),
    )
    op.create_index(
        "uq_withheld_family_chosen",
        "withheld_family",
        ["structure_id", "family"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
