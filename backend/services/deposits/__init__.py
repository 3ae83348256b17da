"""A laboratory deposits, replaces or withdraws a document: one transaction, one receipt.

The same use case serves every door. Either everything is written (version, results, visibility,
notices, promises, journal) or nothing is.
"""

from secrets import token_hex
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import select

from backend.access.actors import Machine
from backend.domain.deposits import (
    Deposit,
    DepositAction,
    check_author,
    check_content,
    check_identity,
)
from backend.services.deposits.actions import ACTIONS, Tools
from backend.services.deposits.lookup import known_version, record_of
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.documents import Receipt
from backend.storage.structures import Structure

__all__ = ["Given", "Tools", "receive"]


class Given(Struct, frozen=True):
    """The answer to a deposit."""

    receipt: str
    replayed: bool = False


async def receive(
    db: AsyncSession, actor: Machine, tools: Tools, deposit: Deposit, *, message: str
) -> Given:
    """File `deposit` and give its receipt; the same `message` again gives the same receipt.

    `message` identifies the message: sender, control id and digest of its bytes. Raises
    DepositRefused (nothing is then written) and the PDF gateway's refusals.
    """
    message_index = vault_of(db).index("message", f"{actor.id}|{message}")
    given = await db.scalar(select(Receipt).where(Receipt.message_index == message_index))
    if given:
        return Given(given.number, replayed=True)
    structure = await db.get_one(Structure, actor.structure_id)
    check_content(deposit)
    check_identity(deposit.patient, deposit.report.header.patient)
    check_author(deposit.report.header, deposit.sender, structure.finess)
    record = await record_of(db, deposit)
    version = await known_version(db, actor, deposit)
    if version and deposit.action is not DepositAction.WITHDRAW:
        return Given(await _number_of(db, version.id), replayed=True)
    if deposit.report.pdf is not None:
        await tools.pdfs.inspect(deposit.report.pdf)
    version = await ACTIONS[deposit.action](db, actor, tools, deposit, record)
    receipt = Receipt(
        id=uuid4(),
        message_index=message_index,
        client_id=actor.id,
        number=f"R-{utcnow():%Y%m%d}-{token_hex(5).upper()}",
        version_id=version.id,
        action=deposit.action,
        at=utcnow(),
    )
    db.add(receipt)
    return Given(receipt.number)


async def _number_of(db: AsyncSession, version_id: UUID) -> str:
    return (
        await db.scalars(
            select(Receipt.number).where(Receipt.version_id == version_id).order_by(Receipt.at)
        )
    ).first() or ""
