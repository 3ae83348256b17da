"""Notices about a record as a whole; promises to tell say of what."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

SAY_OF_WHAT = """
    UPDATE outbox
    SET dedupe_key = 'tell/' || substr(dedupe_key, length('tell-new-document/') + 1),
        job = convert_to(replace(convert_from(job, 'UTF8'),
                                 '"type":"tell-new-document"', '"type":"tell","event":"new"'),
                         'UTF8')
    WHERE dedupe_key LIKE 'tell-new-document/%'
"""


def upgrade() -> None:
    """Forward only."""
    op.alter_column("notice", "document_id", nullable=True)
    op.add_column("notice", sa.Column("professional_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_notice_professional_id"), "notice", "professional", ["professional_id"], ["id"]
    )
    op.execute(SAY_OF_WHAT)
