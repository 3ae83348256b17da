"""Laura has put some of her reports away, by the same way as her pages."""

from uuid import UUID

from sqlalchemy import select

from backend.access.actors import Patient
from backend.access.scopes import Moment, Policy
from backend.demo.people import LAURA
from backend.services import folders, listing
from backend.services.accounts import identifier_index
from backend.storage.accounts import Account
from backend.storage.db import Sessions, utcnow

NAMES = {"Suivi du fer": 2, "Vaccins": 0}
NO_SESSION = UUID(int=0)


async def put_away(sessions: Sessions, policy: Policy) -> None:
    """One folder with her latest reports, one that is still empty."""
    async with sessions.begin() as db:
        index = identifier_index(db, LAURA.identifier)
        account = (await db.scalars(select(Account).where(Account.identifier_index == index))).one()
        laura = Patient(account.id, account.record_id, account.record_id, NO_SESSION)
        at = Moment.at(utcnow(), policy)
        lines, _ = await listing.list_documents(db, laura, at)
        for name, many in NAMES.items():
            folder_id = await folders.create(db, laura, at, name)
            await db.flush()
            if many:
                await folders.put(db, laura, at, folder_id, [line.id for line in lines[:many]])
