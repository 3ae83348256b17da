"""The latest values of one analyte are found without reading the others."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Forward only."""
    op.add_column("result", sa.Column("dated_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE result SET dated_on = document.dated_on FROM document "
        "WHERE document.id = result.document_id"
    )
    op.alter_column("result", "dated_on", nullable=False)
    op.drop_index("ix_result_record_analyte", table_name="result")
    op.create_index(
        "ix_result_record_analyte_dated", "result", ["record_id", "analyte", "dated_on", "id"]
    )
