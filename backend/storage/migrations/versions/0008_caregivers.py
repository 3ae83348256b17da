"""What an aidant may do, in words: to read, or to read and keep copies."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

MANDATE = sa.Enum("lire", "garder", name="mandate", native_enum=False, length=40)


def upgrade() -> None:
    """Forward only. No row was ever written."""
    op.drop_column("delegation", "may_write")
    op.add_column("delegation", sa.Column("mandate", MANDATE, nullable=False))
