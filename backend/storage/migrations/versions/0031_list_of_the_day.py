"""Who is received or expected at a desk, and when: the list of the day."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Forward only."""
    for what in ("expected", "received"):
        column = f"{what}_at"
        op.add_column("patient_file", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
        op.create_index(
            f"ix_patient_file_structure_{what}", "patient_file", ["structure_id", column]
        )
