"""Out to Pro Santé Connect, and in again: whatever is not right is traced, and opens nothing."""

from collections.abc import Awaitable
from typing import TypeVar
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete

from backend.access import Action, record_refusal, refuse
from backend.access.actors import Professional, Unplaced, Visitor
from backend.domain.errors import Forbidden, Unavailable
from backend.gateways.psc import Distrusted, Identified, PscClient
from backend.services import limits
from backend.services.pro_sign_in.ending import leave, told_goodbye
from backend.services.pro_sign_in.entries import Begun, Proofs, begin, redeem
from backend.services.pro_sign_in.places import known, places_for
from backend.services.pro_sign_in.proving import prove
from backend.services.pro_sign_in.sessions import Proved, open_session
from backend.services.sign_in.refusals import Rejected, too_often
from backend.services.sign_in.sessions import hash_token
from backend.storage.db import AsyncSession, Sessions, take_turns, utcnow
from backend.storage.teams import ProSession

T = TypeVar("T")

LONGEST = 2048
"""Characters of what an address may bring back."""


class NotIdentified(Forbidden):
    """The identification is not to be trusted: why is for the journal alone."""

    title = "Identification refusée"
    message = "Votre identification n’a pas abouti. Recommencez depuis la page d’entrée."


class Return(Struct, frozen=True):
    """What the address of the return says, and the mark of the browser."""

    code: str = ""
    state: str = ""
    error: str = ""
    issuer: str = ""
    browser: str = ""
    address: str = ""


class Came(Struct, frozen=True):
    """In: the token of their session."""

    token: str


class Nowhere(Struct, frozen=True):
    """Known, and without an activity that may be chosen here."""

    name: str
    national_id: str
    """To give to whoever may attach them."""


async def start(
    sessions: Sessions,
    psc: PscClient | None,
    *,
    address: str,
    again: UUID | None = None,
    about: UUID | None = None,
) -> Begun | Rejected:
    """Where to send this browser, and its mark; Unavailable when the door is closed.

    `again` is the session of somebody who proves once more who they are, for the record `about`.
    """
    if psc is None:
        raise Unavailable
    async with sessions.begin() as db:
        if wait := await limits.hit(db, "pro-entry-ip", address):
            return too_often(wait)
        leaving = begin(db, again=again, about=about)
    proofs = leaving.proofs
    there = psc.address(
        state=leaving.state,
        nonce=proofs.nonce,
        verifier=proofs.verifier,
        now=utcnow(),
        again=again is not None,
    )
    return Begun(await _reached(there, sessions), leaving.browser)


async def arrive(
    sessions: Sessions, psc: PscClient | None, back: Return, *, browser: str, before: str
) -> Came | Nowhere:
    """In, with the session `before` of this browser ended; NotIdentified or Unavailable, traced."""
    async with sessions.begin() as db:
        if await limits.hit(db, "pro-return-ip", back.address):
            raise NotIdentified  # untraced: strangers may not fill the journal
        whole = all(0 < len(text) <= LONGEST for text in (back.state, back.browser))
        proofs = await redeem(db, back.state, back.browser) if whole else None
    if proofs is None or psc is None:
        raise await _refused(sessions, "return-state")
    if back.error or not 0 < len(back.code) <= LONGEST:
        raise await _refused(sessions, "return-error")
    proving = psc.identify(
        back.code,
        nonce=proofs.nonce,
        verifier=proofs.verifier,
        issuer=back.issuer,
        now=utcnow(),
    )
    who = await _reached(proving, sessions)
    if proofs.again:
        return await _proved(sessions, who, proofs, before)
    async with sessions.begin() as db:
        came = await _let_in(db, who, browser=browser, before=before)
    if came is None:
        raise NotIdentified
    return came


async def _proved(sessions: Sessions, who: Identified, proofs: Proofs, before: str) -> Came:
    """Their session goes on, with a fresh proof; NotIdentified for another person, or an old one.

    Their session stays as it was: somebody else’s proof changes nothing in it.
    """
    async with sessions.begin() as db:
        token = await prove(db, who, proofs, before)
    if token is None:
        raise await _refused(sessions, "not-proved-again")
    return Came(token)


async def _let_in(
    db: AsyncSession, who: Identified, *, browser: str, before: str
) -> Came | Nowhere | None:
    """None when the session of Pro Santé Connect is too old to last here."""
    await take_turns(db, f"seats/{who.person.national_id}")
    professional = await known(db, who.person)
    places = await places_for(db, professional, who.person)
    nobody = Unplaced(professional.id, professional.id)
    if not places:
        refuse(db, nobody, Action.PRO_SIGN_IN_REFUSED, reason="no-activity")
        return Nowhere(f"{who.person.given} {who.person.family}", who.person.national_id)
    await db.execute(
        delete(ProSession)
        .where(ProSession.token_hash == hash_token(before))
        .execution_options(synchronize_session=False)
    )
    proved = Proved(who.subject, who.session, who.hint, who.since)
    token = await open_session(db, professional, places, proved, browser=browser)
    if token is None:
        refuse(db, nobody, Action.PRO_SIGN_IN_REFUSED, reason="token-auth-time")
        return None
    return Came(token)


async def _reached(work: Awaitable[T], sessions: Sessions) -> T:
    """What a neighbour answers, or why it is not believed, in the journal before it is told."""
    try:
        return await work
    except Distrusted as error:
        raise await _refused(sessions, error.reason) from error
    except Unavailable:
        await _refused(sessions, "psc-down")
        raise


async def _refused(sessions: Sessions, reason: str) -> NotIdentified:
    await record_refusal(sessions, Visitor(), Action.PRO_SIGN_IN_REFUSED, reason=reason)
    return NotIdentified()


async def goodbye(sessions: Sessions, psc: PscClient | None, token: str) -> bool:
    """Pro Santé Connect tells that a session of its own has ended: so do ours that came of it."""
    if psc is None:
        return False
    try:
        subject, psc_session = await psc.goodbye(token, utcnow())
    except (Distrusted, Unavailable):
        return False
    async with sessions.begin() as db:
        await told_goodbye(db, subject, psc_session)
    return True


async def depart(sessions: Sessions, psc: PscClient | None, actor: Professional | Unplaced) -> str:
    """Out of here; where the browser goes next so that Pro Santé Connect’s session ends too."""
    async with sessions.begin() as db:
        hint = await leave(db, actor)
    return await psc.farewell(hint, utcnow()) if psc else ""
