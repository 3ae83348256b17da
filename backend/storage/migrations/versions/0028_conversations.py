"""Messages between professionals and patients."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward only."""
    op.add_column(
        "record",
        sa.Column("messages_refused", sa.Boolean(), server_default="false", nullable=False),
    )
    _conversations()
    _messages()
    _enclosures()
    op.create_table(
        "conversation_mark",
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_mark_conversation_id"),
        ),
        sa.PrimaryKeyConstraint("reader_id", "conversation_id", name=op.f("pk_conversation_mark")),
    )
    op.create_table(
        "refused_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mail_index", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_mail")),
        sa.UniqueConstraint("mail_index", name=op.f("uq_refused_mail_mail_index")),
    )


def _conversations() -> None:
    op.create_table(
        "conversation",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("ending", sa.String(40), nullable=True),
        sa.Column("waits_for", sa.String(40), nullable=False),
        sa.Column("hidden_from_guardians", sa.Boolean(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("sealed_head", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [there], name=op.f(f"fk_conversation_{name}"))
            for name, there in (
                ("record_id", "record.id"),
                ("structure_id", "structure.id"),
                ("opened_by", "professional.id"),
                ("assigned_to", "professional.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    op.create_index(
        "ix_conversation_structure_state_changed",
        "conversation",
        ["structure_id", "state", "changed_at"],
    )
    op.create_index("ix_conversation_record_changed", "conversation", ["record_id", "changed_at"])


def _messages() -> None:
    op.create_table(
        "message",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(40), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("mail_index", sa.LargeBinary(), nullable=True),
        sa.Column("sent", sa.String(40), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_message_record_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_message_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "conversation_id", "number", name=op.f("uq_message_conversation_id_number")
        ),
        sa.UniqueConstraint("mail_index", name=op.f("uq_message_mail_index")),
    )


def _enclosures() -> None:
    op.create_table(
        "enclosure",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.Column("sealed_facts", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_enclosure_record_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_enclosure_conversation_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_enclosure_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enclosure")),
        sa.UniqueConstraint(
            "conversation_id", "number", name=op.f("uq_enclosure_conversation_id_number")
        ),
    )
    op.create_index(op.f("ix_enclosure_message_id"), "enclosure", ["message_id"])
