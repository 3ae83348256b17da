"""The deposit of a draft: the use case of every door, then the draft is gone; one transaction."""

from collections.abc import Collection, Iterator
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.drafts import receipts_by_hand
from backend.domain.contact import read_email
from backend.domain.deposit_words import in_words
from backend.domain.deposits import DepositRefused, Order, Recipient
from backend.domain.dispatches import Role, is_citizens, is_for
from backend.domain.dispatches.reasons import OURS
from backend.domain.errors import NotFound, Problem, Refused, Unavailable
from backend.domain.handing import Plan, Sort, Told
from backend.domain.reports import Header, Person
from backend.domain.rniv.children import is_minor
from backend.domain.visibility import Visibility, flags_of
from backend.gateways.outside import Outside
from backend.services import announcements, pro_sign_in
from backend.services.deposits import Sent, inspect, receive
from backend.services.deposits.lookup import message_index
from backend.services.handing import drafts
from backend.services.handing.checking import (
    Foreseen,
    foresee,
    message_of,
    to_send,
)
from backend.services.handing.site import site_of
from backend.storage.db import AsyncSession, vault_of
from backend.storage.desk import traits_of
from backend.storage.documents import Document, Receipt
from backend.storage.drafts import about_draft


class Unplanned(Unavailable):
    """Who announces it changed meanwhile: nothing is deposited."""


OFFICIAL = 2.5
"""Seconds for the official checks: the page that deposits is given four (`web/shedding.py`)."""
PARTS = {Role.PRESCRIBER: "prescriber", Role.PHYSICIAN: "general_practitioner"}


class Asked(Struct, frozen=True):
    """What the professional decided about a draft."""

    sort: Sort
    told: Told | None
    """Of a PDF."""
    visibility: Visibility
    secret: bool
    to: frozenset[str]
    """Whom it goes to by MSSanté: parts of those that the document names, numbers of the others."""
    address: str
    """Of somebody else, or of a prescriber without a number."""
    plan: Plan | None = None
    """Of what is withheld, when the professional may say who announces it."""


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
    *,
    file_id: UUID,
    draft_id: UUID,
    asked: Asked,
) -> str:
    """The number of its receipt, or Refused and nothing is written but the refusal."""
    now = await pro_sign_in.present(db, actor)
    file, draft = await drafts.find(db, now, at, file_id, draft_id)
    address = read_address(asked.address, outside.mssante.domains)
    if asked.secret and not is_minor(traits_of(db, file), at.today):
        raise Refused("La connexion secrète est pour les personnes mineures.")
    site = await site_of(db, now)
    copies = about_draft(db, file, draft).copies
    sent = await to_send(db, now, at, file, draft, site=site, told=asked.told)
    sent = _as_asked(sent, asked, copies, address)
    foreseen = await foresee(db, file, sent, site, asked.sort)
    if plan := asked.plan:  # before anything is filed
        since = foreseen.waiting_since or at.today
        await announcements.check_plan(db, now, since, plan.owner, plan.remind_on)
    try:
        sent = await inspect(outside, sent, within=OFFICIAL)
        number = await _file(db, outside, sent, foreseen)
    except Refused as refusal:
        code = refusal.code if isinstance(refusal, DepositRefused) else "906"
        drafts.note_refusal(db, now, file, code)
        raise Refused(in_words(refusal)) from refusal
    if asked.plan:
        await _plan(db, now, number, asked.plan)
    await drafts.forget(db, now, file, draft)
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


def read_address(text: str, domains: tuple[str, ...]) -> str:
    """An address of the espace de confiance, or nothing; Refused for any other."""
    if not text.strip():
        return ""
    good = read_email(text)
    if is_citizens(good):
        raise Refused("Cette adresse est celle d’un patient : écrivez celle d’un professionnel.")
    if not is_for(Role.COPY, good, domains):
        raise Refused(OURS["not-secure"].words)
    return good


async def _file(db: AsyncSession, outside: Outside, sent: Sent, foreseen: Foreseen) -> str:
    """Through the door of every deposit, once nothing stops it."""
    for check in foreseen.checks:
        if not check.good and not (check.filing and sent.deposit.only_sent):
            raise DepositRefused(check.code or "906", check.words)
    answer = (await receive(db, outside.files, [sent]))[0]
    if isinstance(answer, Problem):
        raise answer
    return answer.receipt


def _as_asked(sent: Sent, asked: Asked, copies: tuple[Recipient, ...], address: str) -> Sent:
    header = sent.deposit.report.header
    copies = tuple(one for one in copies if one.person.national_id in asked.to)
    numbers = {one.person.national_id for one in copies}
    named = [one for one in _recipients(header, asked, address) if not _is_among(one, numbers)]
    to = (*named, *copies)
    deposit = replace(
        sent.deposit,
        flags=flags_of(asked.visibility, secret=asked.secret),
        recipients=to,
        order=Order(to_professionals=bool(to)),
        only_sent=asked.visibility is Visibility.SENT,
    )
    return replace(sent, deposit=deposit)


def _is_among(one: Recipient, numbers: Collection[str]) -> bool:
    """Named by the document and found in the directory: one mail, to the address found."""
    return not one.address and one.person.national_id in numbers


def _recipients(header: Header, asked: Asked, address: str) -> Iterator[Recipient]:
    """Those that were ticked; the address is of a prescriber without a number, or of a copy."""
    for role, name in PARTS.items():
        person = getattr(header, name)
        if role in asked.to and person.national_id:
            yield Recipient(person)
    if address:
        nobody = header.prescriber.national_id
        yield Recipient(Person() if nobody else header.prescriber, address)
