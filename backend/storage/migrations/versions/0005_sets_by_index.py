"""A laboratory’s earlier document is found by its set without reading all the others."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Forward only."""
    op.create_index("ix_document_set_index", "document", ["set_index"])
