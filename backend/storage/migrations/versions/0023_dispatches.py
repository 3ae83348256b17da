"""What leaves by MSSanté, and what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "dispatch",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("replaces", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("promised_at", AT, nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.Column("message_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("dispatch", "record"),
        _key("dispatch", "document"),
        _key("dispatch", "version"),
        _key("dispatch", "structure"),
        _key("dispatch", "client", "machine_client"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
        sa.UniqueConstraint("message_index", name=op.f("uq_dispatch_message_index")),
    )
    for column in ("record_id", "document_id"):
        op.create_index(op.f(f"ix_dispatch_{column}"), "dispatch", [column])
    op.create_index(
        "ix_dispatch_structure_state_changed", "dispatch", ["structure_id", "state", "changed_at"]
    )
    op.create_index(
        "ix_dispatch_promised",
        "dispatch",
        ["promised_at"],
        postgresql_where=sa.text("state = 'promised'"),
    )
    op.create_table(
        "dispatch_event",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("dispatch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("news", sa.String(length=40), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("acknowledges", sa.String(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("told_at", AT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("dispatch_event", "record"),
        _key("dispatch_event", "dispatch"),
        _key("dispatch_event", "client", "machine_client"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_event")),
        sa.UniqueConstraint(
            "dispatch_id", "number", name=op.f("uq_dispatch_event_dispatch_id_number")
        ),
    )
    op.create_index(
        "ix_dispatch_event_untold",
        "dispatch_event",
        ["client_id"],
        postgresql_where=sa.text("told_at IS NULL"),
    )


def _key(table: str, column: str, other: str = "") -> sa.ForeignKeyConstraint:
    other = other or column
    name = op.f(f"fk_{table}_{column}_id")
    return sa.ForeignKeyConstraint([f"{column}_id"], [f"{other}.id"], name=name)
