"""A report that is sent and not filed lies in a record of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Forward only."""
    op.add_column("record", sa.Column("transit_of", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_record_transit_of_record"), "record", "record", ["transit_of"], ["id"]
    )
