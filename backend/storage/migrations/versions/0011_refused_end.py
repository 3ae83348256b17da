"""A refused space ends as a closed one does: ten years later."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Forward only."""
    op.execute(
        "UPDATE record SET erase_on = "
        "(coalesce(ended_at, created_at) AT TIME ZONE 'Europe/Paris' + interval '10 years')::date "
        "WHERE state = 'oppose' AND erase_on IS NULL"
    )
