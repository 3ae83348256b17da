"""A person's preferences, read and changed."""

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.domain.errors import Refused
from backend.domain.preferences import Preferences, read_preferences, write_preferences
from backend.services.accounts import contact
from backend.services.sign_in.present import present
from backend.storage.accounts import Account
from backend.storage.db import AsyncSession

NO_PHONE = "Ajoutez d’abord un numéro de mobile, dans « Sécurité »."
NO_EMAIL = "Ajoutez d’abord une adresse e-mail, dans « Sécurité »."


async def preferences_of(db: AsyncSession, actor: Patient) -> Preferences:
    """As they are."""
    return read_preferences((await db.get_one(Account, actor.id)).preferences)


async def reachable(db: AsyncSession, actor: Patient) -> tuple[bool, bool]:
    """(by e-mail, by SMS)."""
    email, phone = await contact(db, await db.get_one(Account, actor.id))
    return email is not None, phone is not None


async def set_preferences(db: AsyncSession, actor: Patient, chosen: Preferences) -> None:
    """As they shall be; Refused for a channel that the person has not."""
    _, _, account = await present(db, actor)
    email, phone = await contact(db, account)
    if "sms" in chosen.new_document and phone is None:
        raise Refused(NO_PHONE)
    if "email" in chosen.new_document and email is None:
        raise Refused(NO_EMAIL)
    authorise(db, actor, Action.SET_PREFERENCES, account)
    account.preferences = write_preferences(chosen)
