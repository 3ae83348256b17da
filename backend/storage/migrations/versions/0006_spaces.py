"""Activation, means to sign in, children, refusal and closing, exports."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "provisional_code",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=True),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_provisional_code_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provisional_code")),
    )
    op.create_index(
        op.f("ix_provisional_code_record_id"), "provisional_code", ["record_id"], unique=False
    )
    op.create_table(
        "vitale_card",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("serial_index", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_vitale_card_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vitale_card")),
        sa.UniqueConstraint(
            "record_id", "serial_index", name=op.f("uq_vitale_card_record_id_serial_index")
        ),
    )
    op.create_table(
        "ceremony",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_ceremony_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ceremony")),
        sa.UniqueConstraint("challenge", name=op.f("uq_ceremony_challenge")),
    )
    op.create_index(op.f("ix_ceremony_expires_at"), "ceremony", ["expires_at"], unique=False)
    op.create_table(
        "credential_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_token", sa.LargeBinary(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_before", sa.LargeBinary(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_credential_change_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_change")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_credential_change_token_hash")),
    )
    op.create_index(
        op.f("ix_credential_change_account_id"), "credential_change", ["account_id"], unique=False
    )
    op.create_table(
        "delegation",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("to_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_to", sa.LargeBinary(), nullable=False),
        sa.Column("may_write", sa.Boolean(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_delegation_account_id")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_delegation_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(op.f("ix_delegation_account_id"), "delegation", ["account_id"], unique=False)
    op.create_index(op.f("ix_delegation_record_id"), "delegation", ["record_id"], unique=False)
    op.create_index(op.f("ix_delegation_to_index"), "delegation", ["to_index"], unique=False)
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_draft", sa.LargeBinary(), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("code_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["code_id"], ["provisional_code.id"], name=op.f("fk_enrolment_code_id")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_enrolment_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_enrolment_token_hash")),
    )
    op.create_index(op.f("ix_enrolment_ends_at"), "enrolment", ["ends_at"], unique=False)
    op.create_table(
        "export",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("attente", "pret", "echec", name="exportstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_export_account_id")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_export_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    op.create_index(op.f("ix_export_account_id"), "export", ["account_id"], unique=False)
    op.create_index(op.f("ix_export_record_id"), "export", ["record_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("from_account_id", sa.Uuid(), nullable=False),
        sa.Column("to_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_to", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "attente",
                "acceptee",
                "refusee",
                "retiree",
                name="invitationstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_account_id"], ["account.id"], name=op.f("fk_invitation_from_account_id")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_invitation_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_record_id"), "invitation", ["record_id"], unique=False)
    op.create_index(op.f("ix_invitation_to_index"), "invitation", ["to_index"], unique=False)
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_passkey_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_account_id"), "passkey", ["account_id"], unique=False)
    op.add_column("account", sa.Column("sealed_totp", sa.LargeBinary(), nullable=True))
    op.add_column(
        "account", sa.Column("totp_used", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("account", sa.Column("preferences", sa.LargeBinary(), nullable=True))
    op.add_column("browser_session", sa.Column("acting_for", sa.Uuid(), nullable=True))
    op.add_column(
        "browser_session", sa.Column("stepped_up_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "browser_session", sa.Column("means", sa.String(), server_default="code", nullable=False)
    )
    op.add_column(
        "browser_session", sa.Column("browser", sa.String(), server_default="", nullable=False)
    )
    op.create_foreign_key(
        op.f("fk_browser_session_acting_for"), "browser_session", "record", ["acting_for"], ["id"]
    )
    op.add_column("challenge", sa.Column("enrolment_id", sa.Uuid(), nullable=True))
    op.add_column("challenge", sa.Column("sealed_to", sa.LargeBinary(), nullable=True))
    op.alter_column("challenge", "account_id", existing_type=sa.UUID(), nullable=True)
    op.alter_column("challenge", "session_id", existing_type=sa.UUID(), nullable=True)
    op.create_index(op.f("ix_challenge_enrolment_id"), "challenge", ["enrolment_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_challenge_enrolment_id"),
        "challenge",
        "enrolment",
        ["enrolment_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.add_column(
        "guardianship",
        sa.Column("principal", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("identity", sa.Column("sealed_contacts", sa.LargeBinary(), nullable=True))
    op.add_column("record", sa.Column("attached_to", sa.Uuid(), nullable=True))
    op.add_column("record", sa.Column("opens_on", sa.Date(), nullable=True))
    op.add_column("record", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "record",
        sa.Column("erasure_asked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("record", sa.Column("erase_on", sa.Date(), nullable=True))
    op.create_index(op.f("ix_record_attached_to"), "record", ["attached_to"], unique=False)
    op.create_foreign_key(
        op.f("fk_record_attached_to"), "record", "record", ["attached_to"], ["id"]
    )
