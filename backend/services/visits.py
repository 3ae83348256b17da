"""Who comes with the code of a « partage ponctuel »: let in, known again, led out."""

from datetime import date, datetime
from secrets import token_urlsafe
from uuid import uuid4

from msgspec import Struct
from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.actors import Guest, Patient
from backend.access.doors import ShowingOver
from backend.access.scopes import Moment, records_for
from backend.access.scopes.guests import showing_by, visit_by
from backend.domain.notices import Event
from backend.domain.showings import VISIT_LIFE, Visitor
from backend.services import limits
from backend.services.notices import announce
from backend.services.people import shown_name
from backend.services.sign_in.refusals import Rejected, too_often
from backend.services.sign_in.sessions import hash_token
from backend.storage.db import AsyncSession, vault_of
from backend.storage.records import Identity, Record, key_of, traits_of
from backend.storage.showings import Visit


async def enter(
    db: AsyncSession, at: Moment, code: str, visitor: Visitor, *, address: str
) -> str | Rejected | None:
    """The token of a visit; None when the code opens nothing: wrong, taken back or over."""
    wait = await limits.hit(db, "showing-ip", address) or await limits.hit(db, "showing-all", "")
    if wait:
        return too_often(wait)
    index = vault_of(db).index("showing", code)
    found = (await db.execute(showing_by(index, at))).one_or_none()
    if found is None:
        return None
    showing, record = found
    token, id_ = token_urlsafe(32), uuid4()
    shower = Patient(showing.account_id, record.id, record.id, id_)
    if await db.scalar(records_for(shower, at).where(Record.id == record.id)) is None:
        return None  # closed since, or no longer theirs to show
    visit = Visit(
        id=id_,
        record_id=record.id,
        showing_id=showing.id,
        token_hash=hash_token(token),
        sealed_visitor=key_of(db, record).seal_value(visitor, id_, "visitor"),
        at=at.now,
        ends_at=min(showing.until, at.now + VISIT_LIFE),
    )
    guest = Guest(id_, showing.id, record.id, showing.account_id)
    authorise(db, guest, Action.ENTER_SHOWING, visit)
    db.add(visit)
    await announce(db, record_id=record.id, event=Event.SHOWING_ENTERED, at=at.now)
    return token


async def guest_of(db: AsyncSession, token: str, at: Moment) -> Guest | None:
    """Who holds this token; None once the visit or the showing is over."""
    found = (await db.execute(visit_by(hash_token(token), at))).one_or_none()
    return Guest(*found) if found else None


class Whose(Struct, frozen=True):
    """Whose documents these are: an identity to check with the patient, and when it ends."""

    name: str
    given_name: str
    born: date | None
    until: datetime


async def whose(db: AsyncSession, guest: Guest, at: Moment) -> Whose:
    """For the head of each page of a guest; ShowingOver once nothing is shown any more."""
    query = (
        records_for(guest, at)
        .join(Identity, Identity.record_id == Record.id)
        .join(Visit, Visit.id == guest.id)
        .add_columns(Identity, Visit.ends_at)
    )
    found = (await db.execute(query)).one_or_none()
    if found is None:
        raise ShowingOver
    record, identity, until = found
    traits = traits_of(db, record, identity)
    given = (traits.used_given or traits.first_given).title()
    return Whose(shown_name(traits), given, traits.birth_date, until)


async def leave(db: AsyncSession, guest: Guest, at: Moment) -> None:
    """The visit ends; the code may be typed again."""
    query = select(Visit).where(Visit.id == guest.id).with_for_update()
    visit = await db.scalar(query)
    if visit is not None:
        authorise(db, guest, Action.ENTER_SHOWING, visit, reason="leave")
        visit.ends_at = at.now
