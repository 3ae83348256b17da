"""The desk of a laboratory: files of its patients, contracts with partners, anomalies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "trust_contract",
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_terms", sa.LargeBinary(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_trust_contract_structure_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_contract")),
    )
    op.create_index(op.f("ix_trust_contract_structure_id"), "trust_contract", ["structure_id"])
    op.create_table(
        "contract_audit",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("audited_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_findings", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["trust_contract.id"], name=op.f("fk_contract_audit_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_audit")),
    )
    op.create_index(op.f("ix_contract_audit_contract_id"), "contract_audit", ["contract_id"])
    op.create_table(
        "patient_file",
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("PROV", "RECUP", "VALI", "QUAL", name="status", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("marks", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("born_index", sa.LargeBinary(), nullable=False),
        sa.Column("ins_index", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_traits", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_former", sa.LargeBinary(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_for_insi", sa.Boolean(), nullable=False),
        sa.Column("qualified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["trust_contract.id"], name=op.f("fk_patient_file_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_patient_file_structure_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_file")),
        sa.UniqueConstraint(
            "structure_id", "ins_index", name=op.f("uq_patient_file_structure_id_ins_index")
        ),
    )
    op.create_index(op.f("ix_patient_file_born_index"), "patient_file", ["born_index"])
    op.create_table(
        "desk_visit",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_choices", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["patient_file.id"], name=op.f("fk_desk_visit_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_visit")),
    )
    op.create_index(op.f("ix_desk_visit_file_id"), "desk_visit", ["file_id"])
    op.create_table(
        "identity_anomaly",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "ecart",
                "doublon",
                "collision",
                "numero-du-parent",
                "usurpation",
                "partenaire",
                "autre",
                name="anomalykind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "ouverte", "en-cours", "close", name="anomalystate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("treated_by", sa.Uuid(), nullable=True),
        sa.Column("treated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_detail", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_outcome", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["trust_contract.id"], name=op.f("fk_identity_anomaly_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["patient_file.id"], name=op.f("fk_identity_anomaly_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_identity_anomaly_structure_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_anomaly")),
    )
    op.create_index(op.f("ix_identity_anomaly_file_id"), "identity_anomaly", ["file_id"])
    op.create_index(op.f("ix_identity_anomaly_structure_id"), "identity_anomaly", ["structure_id"])
    op.create_table(
        "identity_check",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("checked_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["trust_contract.id"], name=op.f("fk_identity_check_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["patient_file.id"], name=op.f("fk_identity_check_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_check")),
    )
    op.create_index(op.f("ix_identity_check_file_id"), "identity_check", ["file_id"])
