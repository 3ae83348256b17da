"""The words by which a search finds a version, sealed; documents that no structure deposited."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Forward only. The worker fills it for what was there before."""
    op.add_column("version", sa.Column("sealed_words", sa.LargeBinary(), nullable=True))
    op.alter_column("document", "structure_id", nullable=True)
    op.create_index(
        "ix_version_without_words",
        "version",
        ["id"],
        postgresql_where=sa.text("sealed_words IS NULL AND superseded_at IS NULL"),
    )
