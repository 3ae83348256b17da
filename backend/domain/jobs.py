"""What the outbox may carry: names of work and ids, never health data, never a secret."""

from uuid import UUID

import msgspec


class Job(msgspec.Struct, frozen=True, tag=True):
    """One thing to do after the commit. Doing it twice must be harmless."""


class SendCode(Job, frozen=True, tag="send-code"):
    """Send the one-time code of a challenge on its channel."""

    challenge_id: UUID


class TellNewDocument(Job, frozen=True, tag="tell-new-document"):
    """Tell one account, by e-mail, that a document is there; asked again at the time of sending."""

    account_id: UUID
    record_id: UUID
    document_id: UUID
    version_id: UUID


class DrawPages(Job, frozen=True, tag="draw-pages"):
    """Make the page images of a version's PDF."""

    version_id: UUID


AnyJob = SendCode | TellNewDocument | DrawPages
