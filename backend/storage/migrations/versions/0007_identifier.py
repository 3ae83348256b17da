"""The identifier, sealed for its holder: to show it, and to send it when it is forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Forward only."""
    op.add_column("account", sa.Column("sealed_identifier", sa.LargeBinary(), nullable=True))
