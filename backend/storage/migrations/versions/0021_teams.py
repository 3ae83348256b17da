"""Who works in a laboratory; professionals who are signed in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"

ROLE = sa.Enum(
    *("biologiste", "technicien", "secretaire", "referent", "administrateur"),
    name="role",
    native_enum=False,
    length=40,
)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward only."""
    false = sa.text("false")
    op.add_column(
        "structure", sa.Column("laboratory", sa.Boolean(), server_default=false, nullable=False)
    )
    op.execute(
        "UPDATE structure SET laboratory = true"
        " WHERE id IN (SELECT structure_id FROM machine_client)"
    )
    op.create_table(
        "membership",
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("national_id", sa.String(), nullable=False),
        sa.Column("role", ROLE, nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("given", sa.String(), nullable=False),
        sa.Column("attached_by", sa.Uuid(), nullable=True),
        sa.Column("attached_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("membership", "structure_id", "structure"),
        _key("membership", "attached_by", "professional"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_national_id"), "membership", ["national_id"])
    op.create_index(
        "uq_membership_one_of_a_kind",
        "membership",
        ["structure_id", "national_id", "role"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "pro_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_proofs", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pro_entry")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_pro_entry_state_hash")),
    )
    op.create_index(op.f("ix_pro_entry_ends_at"), "pro_entry", ["ends_at"])
    _sessions()


def _sessions() -> None:
    op.create_table(
        "pro_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("places", JSONB(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=True),
        sa.Column("profession", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("psc_session", sa.String(), nullable=False),
        sa.Column("sealed_hint", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        _key("pro_session", "professional_id", "professional"),
        _key("pro_session", "structure_id", "structure"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pro_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_pro_session_token_hash")),
    )
    for column in ("professional_id", "structure_id", "subject", "ends_at"):
        op.create_index(op.f(f"ix_pro_session_{column}"), "pro_session", [column])


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
