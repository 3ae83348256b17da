"""Professionals in records: fresh proofs, emergencies looked at afterwards, alerts of pace."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Forward only."""
    op.add_column("pro_session", sa.Column("fresh_at", sa.DateTime(timezone=True), nullable=True))
    for column in (
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("sealed_comment", sa.LargeBinary(), nullable=True),
    ):
        op.add_column("emergency_access", column)
    op.create_foreign_key(
        op.f("fk_emergency_access_reviewed_by"),
        "emergency_access",
        "professional",
        ["reviewed_by"],
        ["id"],
    )
    op.create_index(
        "ix_emergency_access_professional_until", "emergency_access", ["professional_id", "until"]
    )
    op.create_index(op.f("ix_emergency_access_structure_id"), "emergency_access", ["structure_id"])
    op.create_index(
        "ix_consultation_professional_began", "consultation", ["professional_id", "began_at"]
    )
    op.create_table(
        "access_alert",
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column(
            "span",
            sa.Enum("heure", "jour", name="span", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("sealed_comment", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_access_alert_structure_id")
        ),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_access_alert_professional_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by"], ["professional.id"], name=op.f("fk_access_alert_reviewed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_alert")),
    )
    op.create_index(op.f("ix_access_alert_structure_id"), "access_alert", ["structure_id"])
