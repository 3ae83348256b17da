"""Deposits by hand: drafts, receipts and dispatches of professionals, the same PDF by two ways."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "deposit_draft",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_about", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["patient_file.id"], name=op.f("fk_deposit_draft_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["pro_session.id"],
            name=op.f("fk_deposit_draft_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit_draft")),
    )
    for column in ("file_id", "session_id", "ends_at"):
        op.create_index(op.f(f"ix_deposit_draft_{column}"), "deposit_draft", [column])
    op.alter_column("receipt", "client_id", nullable=True)
    op.add_column("receipt", sa.Column("professional_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_receipt_professional_id"), "receipt", "professional", ["professional_id"], ["id"]
    )
    op.create_index(op.f("ix_receipt_professional_id"), "receipt", ["professional_id"])
    op.create_check_constraint(
        op.f("ck_receipt_one"), "receipt", "num_nonnulls(client_id, professional_id) = 1"
    )
    op.alter_column("dispatch", "client_id", nullable=True)
    op.add_column("version", sa.Column("pdf_fingerprint", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_version_pdf_fingerprint"), "version", ["pdf_fingerprint"])
