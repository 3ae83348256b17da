"""A forgotten identifier: sent to the address on file, whoever asks for it."""

from datetime import date
from uuid import UUID

from backend.access.scopes import spaces_by_ins
from backend.domain.jobs import TellIdentifier
from backend.domain.space import Event, allows
from backend.services import limits
from backend.services.accounts import contact, identifier_of
from backend.services.even import even
from backend.services.sign_in.refusals import Rejected, too_often
from backend.services.space import hold
from backend.storage.accounts import Account, Channel
from backend.storage.db import AsyncSession, Sessions, utcnow, vault_of
from backend.storage.outbox import enqueue
from backend.storage.records import indexes_of, traits_of


@even
async def send_identifier(
    sessions: Sessions, *, nir: str, born: date, address: str
) -> Rejected | None:
    """If the two go together, the identifier leaves for its holder; nobody learns whether."""
    async with sessions.begin() as db:
        for name, subject in (("recovery-ip", address), ("code-again", f"id/{nir}")):
            if wait := await limits.hit(db, name, subject):
                return too_often(wait)
        await _promise(db, nir, born)
    return None


async def identifier_letter(db: AsyncSession, account_id: UUID) -> tuple[Channel, str, str] | None:
    """(channel, address, identifier), or None when it can no longer be sent."""
    account = await db.get_one(Account, account_id)
    space = await hold(db, account.record_id)
    if space.account is None or not allows(space.state, Event.RECOVER):
        return None
    identifier = identifier_of(db, space.record, space.account)
    email, phone = await contact(db, space.account)
    if not identifier or not (email or phone):
        return None
    return (Channel.EMAIL, email, identifier) if email else (Channel.SMS, phone or "", identifier)


async def _promise(db: AsyncSession, nir: str, born: date) -> None:
    row = (await db.execute(spaces_by_ins(indexes_of(vault_of(db), nir)))).first()
    if row is None or traits_of(db, *row).birth_date != born:
        return
    space = await hold(db, row[0].id)
    if space.account is None or not allows(space.state, Event.RECOVER):
        return
    job = TellIdentifier(account_id=space.account.id)
    await enqueue(db, job, key=f"tell-identifier/{space.account.id}/{utcnow():%Y%m%dT%H%M%S}")
