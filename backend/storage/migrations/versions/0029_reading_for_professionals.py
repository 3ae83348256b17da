"""Tokens by which a laboratory’s system reads for one of its professionals."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Forward only."""
    op.add_column("machine_client", sa.Column("psc_client_id", sa.String(), nullable=True))
    op.create_unique_constraint(
        op.f("uq_machine_client_psc_client_id"), "machine_client", ["psc_client_id"]
    )
    op.create_table(
        "reading_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("profession", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["machine_client.id"], name=op.f("fk_reading_token_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_reading_token_professional_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_reading_token")),
    )
    op.create_index(op.f("ix_reading_token_expires_at"), "reading_token", ["expires_at"])
