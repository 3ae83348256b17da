"""What an export holds: the versions in it. One of before does not say, and is not given."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Forward only."""
    op.add_column("export", sa.Column("version_ids", ARRAY(sa.Uuid()), nullable=True))
