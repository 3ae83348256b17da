"""What people tell of their health themselves, a section a row."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "profile_section",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.Uuid(), nullable=False),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_profile_section_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["account.id"], name=op.f("fk_profile_section_changed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_section")),
        sa.UniqueConstraint(
            "record_id", "section", name=op.f("uq_profile_section_record_id_section")
        ),
    )
