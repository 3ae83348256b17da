"""The outbox wakes its workers by itself."""

from alembic import op

from backend.storage.outbox import OUTBOX_WAKE_DDL

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Forward only."""
    op.execute(OUTBOX_WAKE_DDL)
