"""What somebody who knows the person would try first as their password."""

from backend.access.actors import Newcomer
from backend.access.scopes import space_and_identity
from backend.services.accounts import contact, identifier_of, words_of
from backend.services.space import Space
from backend.storage.db import AsyncSession
from backend.storage.records import traits_of


async def words_for(db: AsyncSession, newcomer: Newcomer, space: Space) -> list[str]:
    """Names, identifier and addresses of whoever proved that this space is theirs."""
    assert space.account is not None
    record, identity = (await db.execute(space_and_identity(newcomer))).one()
    traits = traits_of(db, record, identity)
    names = f"{traits.birth_name} {traits.used_name} {traits.given_names}".lower().split()
    email, phone = await contact(db, space.account)
    identifier = identifier_of(db, space.record, space.account)
    return [*words_of(identifier), *names, (email or "").partition("@")[0], (phone or "")[3:]]
