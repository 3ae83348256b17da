"""What the outbox may carry: names of work and ids, never health data, never a secret."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.domain.notices import Event


class Job(msgspec.Struct, frozen=True, tag=True):
    """One thing to do after the commit. Doing it twice must be harmless."""


class SendCode(Job, frozen=True, tag="send-code"):
    """Send the one-time code of a challenge on its channel."""

    challenge_id: UUID


class Tell(Job, frozen=True, tag="tell"):
    """Tell one account what happened in a record; asked again at the time of sending.

    `version_id` when there is a version to read: a later one silences it.
    """

    account_id: UUID
    record_id: UUID
    event: Event
    document_id: UUID | None = None
    version_id: UUID | None = None


class TellAccount(Job, frozen=True, tag="tell-account"):
    """Tell one account something that is about no one event: the day’s digest, a trial."""

    account_id: UUID
    what: str


class TellBrowser(Job, frozen=True, tag="tell-browser"):
    """Write to one browser that asked for it; `about` is asked again at the time of sending."""

    subscription_id: UUID
    what: str
    about: Tell | None = None


class DrawPages(Job, frozen=True, tag="draw-pages"):
    """Make the page images of a version's PDF."""

    version_id: UUID


class SendProvisionalCode(Job, frozen=True, tag="send-provisional-code"):
    """Send a « code provisoire » by letter, e-mail or SMS, to what is on file."""

    code_id: UUID


class TellSpace(Job, frozen=True, tag="tell-space"):
    """Tell the holder of an account what became of a space, theirs or a child’s.

    `what` names the letter: `space_closed`, `child_shared`…
    """

    account_id: UUID
    what: str


class EraseSpace(Job, frozen=True, tag="erase-space"):
    """Destroy the key of a closed space, and tell its holder."""

    record_id: UUID


class TellChange(Job, frozen=True, tag="tell-change"):
    """Tell a channel of the account that a means to sign in changed, with the link that undoes it.

    `channel` is `email` or `sms`; `before` means the address that it had before the change.
    """

    change_id: UUID
    channel: str
    before: bool = False


class TellSignIn(Job, frozen=True, tag="tell-sign-in"):
    """Tell the holder of an account that a browser never seen before has signed in.

    `channel` is `email` or `sms`: the other is told when the account has not that one.
    """

    account_id: UUID
    channel: str
    at: datetime
    browser: str
    """« Chrome, Android »."""


class TellIdentifier(Job, frozen=True, tag="tell-identifier"):
    """Send its identifier to the holder of an account who forgot it."""

    account_id: UUID


class TellMajority(Job, frozen=True, tag="tell-majority"):
    """Tell a representative that a child will soon be eighteen."""

    record_id: UUID
    account_id: UUID


class TellOperator(Job, frozen=True, tag="tell-operator"):
    """Tell whoever runs the service that a person reported an access."""

    report_id: UUID


class MakeExport(Job, frozen=True, tag="make-export"):
    """Make the file of everything in one record."""

    export_id: UUID


class TellExport(Job, frozen=True, tag="tell-export"):
    """Tell who asked that the file is ready."""

    export_id: UUID


class SendDispatch(Job, frozen=True, tag="send-dispatch"):
    """Send a report by MSSanté; `round` tells a sending asked for again from the one before."""

    dispatch_id: UUID
    round: int


class SendAnswer(Job, frozen=True, tag="send-answer"):
    """Send by MSSanté what a person answers to a professional outside."""

    message_id: UUID


class SendBounce(Job, frozen=True, tag="send-bounce"):
    """Tell who wrote a mail that it was not taken in."""

    refused_id: UUID


AnyJob = (
    SendCode
    | Tell
    | TellAccount
    | TellBrowser
    | DrawPages
    | SendProvisionalCode
    | TellSpace
    | EraseSpace
    | TellChange
    | TellIdentifier
    | TellSignIn
    | TellMajority
    | TellOperator
    | MakeExport
    | TellExport
    | SendDispatch
    | SendAnswer
    | SendBounce
)
