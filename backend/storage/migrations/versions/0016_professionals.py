"""Who looks into a record: practices, consultations, reports; the three emergency switches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0016"
down_revision = "0015"

PURPOSE = sa.Enum("ETREAT", "BTG", name="purpose", native_enum=False, length=40)
STATE = sa.Enum("recu", "traite", name="reportstate", native_enum=False, length=40)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward only."""
    _switches()
    op.create_table(
        "practice",
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        *_keys("practice", professional_id="professional", structure_id="structure"),
        sa.PrimaryKeyConstraint("professional_id", "structure_id", name=op.f("pk_practice")),
    )
    op.create_table(
        "consultation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("purpose", PURPOSE, nullable=True),
        *_keys(
            "consultation",
            record_id="record",
            professional_id="professional",
            structure_id="structure",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
    )
    op.create_index(
        "ix_consultation_record_professional", "consultation", ["record_id", "professional_id"]
    )
    op.create_table(
        "access_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("trace_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=True),
        *_keys("access_report", record_id="record", account_id="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_report")),
        sa.UniqueConstraint("number", name=op.f("uq_access_report_number")),
        sa.UniqueConstraint(
            "record_id", "trace_id", name=op.f("uq_access_report_record_id_trace_id")
        ),
    )


def _switches() -> None:
    for name, default in (("samu_allowed", "true"), ("emergency_unmasks", "false")):
        op.add_column(
            "record",
            sa.Column(name, sa.Boolean(), server_default=sa.text(default), nullable=False),
        )
    none = sa.text("'{}'")
    op.add_column(
        "record",
        sa.Column("masked_categories", ARRAY(sa.String()), server_default=none, nullable=False),
    )
    op.add_column(
        "structure",
        sa.Column("samu", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("care_link", sa.Column("agreed_at", TIME, nullable=True))
    op.add_column("care_link", sa.Column("blocked_at", TIME, nullable=True))
    op.add_column(
        "emergency_access", sa.Column("purpose", PURPOSE, server_default="BTG", nullable=False)
    )
    op.add_column("emergency_access", sa.Column("structure_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_emergency_access_structure_id"),
        "emergency_access",
        "structure",
        ["structure_id"],
        ["id"],
    )


def _keys(table: str, **others: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in others.items()
    ]
