"""Laboratories deposit, replace or withdraw documents: many share a transaction, each its receipt.

The same use case serves every door. Of each deposit either everything is written (version,
results, visibility, notices, promises, journal) or nothing is.
"""

from collections.abc import Sequence
from secrets import token_hex
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import select

from backend.access.actors import Depositor, Machine, Professional
from backend.domain.deposits import (
    Deposit,
    DepositAction,
    DepositRefused,
    check_author,
    check_content,
    check_identity,
)
from backend.domain.dispatches import check_only_sent, check_recipients
from backend.domain.errors import Problem
from backend.domain.official import Verdict
from backend.gateways.antivirus import Infected
from backend.gateways.files import Files
from backend.gateways.outside import Outside
from backend.services.deposits import official, transit
from backend.services.deposits.actions import ACTIONS
from backend.services.deposits.lookup import Known, Sent, by_author, find_known
from backend.services.deposits.policy import as_ruled
from backend.services.deposits.reception import Wanted, as_wanted, find_wanted
from backend.services.deposits.same_pdf import Same, find_same_pdfs
from backend.services.deposits.structured import Followed, as_followed, find_followed
from backend.services.deposits.taken_back import TakenBack, as_taken_back, find_taken_back
from backend.services.filing import FIGURES, Filing
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.documents import Receipt, Version

__all__ = ["Given", "Sent", "check", "inspect", "receipt_for", "receive"]

INFECTED = "L’antivirus a trouvé un virus dans ce document : il n’est pas déposé."


class Given(Struct, frozen=True):
    """The answer to a deposit."""

    receipt: str
    replayed: bool = False
    verdict: Verdict | None = None
    """Of the official checks, where they are made."""


class Around(Struct, frozen=True):
    """What else bears on the deposits of a batch, looked up once for all."""

    wanted: Wanted
    same: Same
    followed: Followed
    taken_back: Sequence[TakenBack]


async def inspect(outside: Outside, sent: Sent, *, within: float | None = None) -> Sent:
    """What can be refused before anything is looked up: its type, its identity, its files.

    It comes back with what the official checks say; a page waits for them `within` some seconds.
    """
    check(sent)
    if sent.adds:
        await _scan(outside, sent.deposit)
    if sent.deposit.report.pdf is not None:
        await outside.pdfs.inspect(sent.deposit.report.pdf)
    for media in sent.deposit.report.media:
        if media.media_type in FIGURES:
            await outside.pdfs.look(media.content, media.media_type)
    if not sent.adds:
        return sent
    verdict = await official.check(outside, sent.deposit.content, within=within)
    return replace(sent, verdict=verdict)


def check(sent: Sent) -> None:
    """What a deposit says of itself: it asks nobody, and is decided again by whoever files."""
    check_content(sent.deposit)
    check_identity(sent.deposit.patient, sent.deposit.report.header.patient)
    check_only_sent(sent.deposit)
    if sent.adds:
        check_recipients(sent.deposit)


async def _scan(outside: Outside, deposit: Deposit) -> None:
    """As it came, then each file in it as it will be read: base64 hides it from the scanner."""
    try:
        for content in (deposit.content, *(media.content for media in deposit.report.media)):
            await outside.antivirus.scan(content)
    except Infected as refusal:
        raise DepositRefused("906", INFECTED, place="document") from refusal


async def receive(db: AsyncSession, files: Files, batch: Sequence[Sent]) -> list[Given | Problem]:
    """File inspected deposits and give the receipt of each, or why it is refused.

    The same message again gives the same receipt. What is refused adds nothing to the
    transaction; anything unexpected fails the whole batch.
    """
    await transit.wait_for_others(db, batch)
    known, filing = await find_known(db, batch), Filing()
    wanted, same = await _wanted(db, batch), await find_same_pdfs(db, known, batch)
    around = Around(
        wanted, same, await find_followed(db, known, batch), await find_taken_back(db, known, batch)
    )
    answers: list[Given | Problem] = []
    for sent in batch:
        try:
            given = await _receive(db, known, around, filing=filing, sent=sent)
            answers.append(replace(given, verdict=sent.verdict))
        except Problem as refusal:
            answers.append(refusal)
    await filing.write(db, files)
    return answers


async def _wanted(db: AsyncSession, batch: Sequence[Sent]) -> Wanted:
    """One query for each author."""
    found: Wanted = {}
    for actor, theirs in by_author(batch):
        found |= await find_wanted(db, actor, theirs)
    return found


async def _receive(
    db: AsyncSession, known: Known, around: Around, *, filing: Filing, sent: Sent
) -> Given:
    if number := known.receipts.get(sent.message_index):
        return Given(number, replayed=True)
    header = sent.deposit.report.header
    check_author(header, sent.deposit.sender, known.finess[sent.structure_id])
    if sent.deposit.only_sent:
        return await _only_send(db, known, around, filing=filing, sent=sent)
    record = known.record_of(db, sent)
    if (version := known.versions.get(sent.unique_index)) and sent.adds:
        return await _again(db, version, sent)
    if version := around.same.get(sent.message_index):
        return Given(await receipt_of(db, version), replayed=True)
    sent = as_ruled(known, as_followed(around.followed, sent))
    sent = as_wanted(db, around.wanted, as_taken_back(db, known, around.taken_back, sent))
    version = await ACTIONS[sent.deposit.action](db, known, filing, sent, record)
    receipt = receipt_for(sent.actor, sent.message_index, version, sent.deposit.action)
    filing.rows.append(receipt)
    if not sent.is_new and (stopped := await transit.stop(db, sent)):
        index = transit.transit_index(vault_of(db), sent.message_index)
        filing.rows.append(receipt_for(sent.actor, index, stopped, DepositAction.WITHDRAW))
    return Given(receipt.number)


async def _only_send(
    db: AsyncSession, known: Known, around: Around, *, filing: Filing, sent: Sent
) -> Given:
    if sent.adds and (version := await transit.find(db, sent)):
        return await _again(db, version, sent)
    sent = as_wanted(db, around.wanted, as_ruled(known, sent))
    version = await transit.pass_on(db, known, filing, sent)
    receipt = receipt_for(sent.actor, sent.message_index, version, sent.deposit.action)
    filing.rows.append(receipt)
    return Given(receipt.number)


def receipt_for(actor: Depositor, index: bytes, version: Version, action: DepositAction) -> Receipt:
    """The answer to a message, that is found again by its index."""
    return Receipt(
        id=uuid4(),
        message_index=index,
        client_id=actor.id if isinstance(actor, Machine) else None,
        professional_id=actor.id if isinstance(actor, Professional) else None,
        number=f"R-{utcnow():%Y%m%d}-{token_hex(5).upper()}",
        version_id=version.id,
        action=action,
        at=utcnow(),
    )


async def _again(db: AsyncSession, version: Version, sent: Sent) -> Given:
    """The same document in another message: the receipt it had; other bytes are refused."""
    if version.sha256 != sent.digest:
        raise DepositRefused(
            "906",
            "Un document de même identifiant et de contenu différent est déjà déposé.",
            place="document",
        )
    return Given(await receipt_of(db, version), replayed=True)


async def receipt_of(db: AsyncSession, version: Version) -> str:
    """The number given when this version came."""
    numbers = select(Receipt.number).where(Receipt.version_id == version.id).order_by(Receipt.at)
    return (await db.scalars(numbers)).first() or ""
