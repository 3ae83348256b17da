"""Since when a document is withheld; browsers to tell; what was read of the notices."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

SINCE_WHEN = """
    UPDATE document
    SET withheld_on = (
        SELECT CAST(timezone('Europe/Paris', min(change.at)) AS date)
        FROM visibility_change AS change
        WHERE change.document_id = document.id AND change.number > coalesce(
            (SELECT max(shown.number) FROM visibility_change AS shown
             WHERE shown.document_id = document.id AND NOT shown.withheld), -1)
    )
    WHERE withheld
"""


def upgrade() -> None:
    """Forward only."""
    op.add_column("document", sa.Column("withheld_on", sa.Date(), nullable=True))
    op.execute(SINCE_WHEN)
    op.create_index(
        "ix_document_withheld_on", "document", ["withheld_on"], postgresql_where=sa.text("withheld")
    )
    _make_tables()


def _make_tables() -> None:
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_push_subscription_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("endpoint_index", name=op.f("uq_push_subscription_endpoint_index")),
    )
    op.create_index(op.f("ix_push_subscription_account_id"), "push_subscription", ["account_id"])
    op.create_table(
        "notice_mark",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("put_away", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notice_mark_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_mark_notice_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "notice_id", name=op.f("pk_notice_mark")),
    )
