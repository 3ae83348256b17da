"""The deposit of a draft: the use case of every door, then the draft is gone; one transaction."""

from uuid import UUID

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.drafts import receipts_by_hand
from backend.domain.deposit_words import in_words
from backend.domain.deposits import DepositRefused
from backend.domain.errors import NotFound, Problem, Refused, Unavailable
from backend.domain.handing import Plan
from backend.gateways.outside import Outside
from backend.services import announcements, pro_sign_in
from backend.services.deposits import Sent, check, receipt_of, receive, transit
from backend.services.deposits.lookup import message_index
from backend.services.handing import drafts
from backend.services.handing.checking import Foreseen, foresee, message_of
from backend.services.handing.readying import Asked, Looked, as_looked_at, make_ready
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import Document, Receipt

AGAIN = (
    "Ce document est déjà envoyé : reçu {}. Pour l’envoyer ailleurs, renvoyez-le depuis « Suivi "
    "des envois »."
)
ENDED = "Ce document a été retiré ou remplacé (reçu {}). Produisez-le de nouveau."


class Unplanned(Unavailable):
    """Who announces it changed meanwhile: nothing is deposited."""


async def already(db: AsyncSession, actor: Professional, draft_id: UUID) -> str:
    """The receipt that this draft had: a second click waits for the first, then finds it."""
    now = await pro_sign_in.present(db, actor)
    index = message_index(vault_of(db), now, message_of(draft_id))
    found = receipts_by_hand(now).where(Receipt.message_index == index)
    receipt = (await db.scalars(found.with_only_columns(Receipt))).first()
    return receipt.number if receipt else ""


async def deposit(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    outside: Outside,
    of: tuple[UUID, UUID],
    *,
    asked: Asked,
    looked: Looked | None,
) -> str:
    """The number of its receipt, or Refused and nothing is written but the refusal.

    `of`: the patient’s file, and the draft. Everything is decided here; `looked` must be of these
    very bytes.
    """
    now = await pro_sign_in.present(db, actor)
    ready = await make_ready(db, now, at, outside, of, asked=asked)
    file, sent = ready.file, ready.sent
    foreseen = await foresee(db, file, sent, ready.site, asked.sort)
    if plan := asked.plan:  # before anything is filed
        since = foreseen.waiting_since or at.today
        await announcements.check_plan(db, now, since, plan.owner, plan.remind_on)
    try:
        check(sent)
        await _refuse_again(db, sent)
        number = await _file(db, outside, as_looked_at(sent, looked), foreseen)
    except Refused as refusal:
        code = refusal.code if isinstance(refusal, DepositRefused) else "906"
        drafts.note_refusal(db, now, file, code)
        raise Refused(in_words(refusal)) from refusal
    if asked.plan:
        await _plan(db, now, number, asked.plan)
    await drafts.forget(db, now, file, ready.draft)
    return number


async def _plan(db: AsyncSession, actor: Professional, number: str, plan: Plan) -> None:
    """Who announces it, said with the deposit; a professional whom the patient blocked may not."""
    found = receipts_by_hand(actor).where(Receipt.number == number)
    document = (await db.scalars(found.with_only_columns(Document))).first()
    if document is None or not document.withheld:
        return
    try:
        await announcements.plan(
            db,
            actor,
            document,
            owner=plan.owner,
            remind_on=plan.remind_on,
            reason=plan.reason,
        )
    except NotFound:
        return
    except Refused as refusal:  # what is filed already must not be committed without it
        raise Unplanned(refusal.message) from refusal


async def _refuse_again(db: AsyncSession, sent: Sent) -> None:
    """What was only sent already and is chosen again: nothing would leave, even to others."""
    version = await transit.find(db, sent) if sent.deposit.only_sent else None
    if version is None:
        return
    number = await receipt_of(db, version)
    if version.superseded_at is not None:
        raise DepositRefused("906", ENDED.format(number), place="document")
    raise DepositRefused("906", AGAIN.format(number), place="document")


async def _file(db: AsyncSession, outside: Outside, sent: Sent, foreseen: Foreseen) -> str:
    """Through the door of every deposit, once nothing stops it."""
    for line in foreseen.checks:
        if not line.good and not (line.filing and sent.deposit.only_sent):
            raise DepositRefused(line.code or "906", line.words)
    answer = (await receive(db, outside.files, [sent]))[0]
    if isinstance(answer, Problem):
        raise answer
    return answer.receipt
