"""A fresh proof of a professional serves for one record."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Forward only."""
    op.add_column("pro_session", sa.Column("fresh_for", sa.Uuid(), nullable=True))
