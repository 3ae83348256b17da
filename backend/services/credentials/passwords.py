"""A new password, chosen by whoever knows the one before and has just given a proof."""

from dataclasses import replace

from backend.access import Action
from backend.access.actors import Patient
from backend.access.scopes import Moment
from backend.domain.credentials import Kind
from backend.domain.errors import Refused
from backend.domain.passwords import check_password
from backend.domain.space import Event
from backend.gateways.breaches import Breaches
from backend.services import limits
from backend.services.accounts import (
    contact,
    hash_password,
    identifier_of,
    refuse_breached,
    verify_password,
    words_of,
)
from backend.services.credentials.changes import before_change, note_change
from backend.services.people import profile_of
from backend.services.sign_in.present import present
from backend.services.sign_in.refusals import Rejected, too_often
from backend.services.sign_in.sessions import end_all
from backend.services.sign_in.stepping_up import WRONG
from backend.services.space import Space, advance
from backend.storage.accounts import Account
from backend.storage.db import AsyncSession, Sessions, vault_of


async def change_password(
    all_sessions: Sessions, actor: Patient, at: Moment, *, old: str, new: str, breaches: Breaches
) -> Rejected | None:
    """None when it is changed: the other browsers leave, every channel is told.

    Refused when the new one is weak. The hashing is between transactions.
    """
    async with all_sessions.begin() as db:
        _, space, account = await present(db, actor)
        if wait := await limits.hit(db, "step-up", str(account.id)):
            return too_often(wait)
        vault, stored = vault_of(db), account.password_hash
        words = await known_words(db, actor, at, space, account)
    if not await verify_password(vault, stored, old):
        return WRONG
    check_password(new, words)
    if old == new:
        raise Refused("C’est déjà votre mot de passe. Choisissez-en un autre.")
    await refuse_breached(breaches, new)
    hashed = await hash_password(vault, new)
    async with all_sessions.begin() as db:
        _, space, account = await present(db, actor)
        if account.password_hash != stored:
            return WRONG
        await limits.give_back(db, "step-up", str(account.id))
        before = await before_change(db, space)
        advance(db, actor, Action.CHANGE_CREDENTIAL, Event.CHANGE_CREDENTIAL, space)
        account.password_hash = hashed
        await note_change(db, space, Kind.PASSWORD, before)
        await end_all(db, account.id, but=actor.session_id)
    return None


async def known_words(
    db: AsyncSession, actor: Patient, at: Moment, space: Space, account: Account
) -> list[str]:
    """What somebody who knows the person would try first."""
    own = replace(actor, record_id=actor.own_record_id)
    profile = await profile_of(db, own, at)
    email, phone = await contact(db, account)
    identifier = identifier_of(db, space.record, account)
    names = f"{profile.given_name} {profile.family_name}".lower().split()
    mailbox = (email or "").partition("@")[0]
    return [*words_of(identifier), *names, mailbox, (phone or "")[3:]]
