"""The certificates that laboratories’ systems show on a line under TLS."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "machine_certificate",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["machine_client.id"],
            name=op.f("fk_machine_certificate_client_id"),
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_machine_certificate")),
    )
    op.create_index(op.f("ix_machine_certificate_client_id"), "machine_certificate", ["client_id"])
