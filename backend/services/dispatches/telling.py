"""Acknowledgements Z02 and Z03, ready for the system that deposited, until it says it has them."""

from collections.abc import Collection
from uuid import UUID

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Machine
from backend.access.scopes.dispatches import untold_events
from backend.domain.dispatches import News, Role, reason_of, smtp_code
from backend.domain.dispatches.destinations import Sending
from backend.domain.formats.hl7v2_writer import zam
from backend.storage.db import AsyncSession, utcnow
from backend.storage.dispatches import DispatchEvent, sending_of
from backend.storage.records import key_of

MOST = 50
FAILURES = frozenset({News.REFUSED, News.GIVEN_UP, News.CANCELLED})


class Acknowledgement(Struct, frozen=True):
    """One message to hand over; `id` is what the system names to say that it has it."""

    id: UUID
    message: bytes


async def waiting(db: AsyncSession, actor: Machine) -> list[Acknowledgement]:
    """The oldest ones; the same bytes each time, until `note_told`."""
    found = []
    for event, dispatch, record in await db.execute(untold_events(actor).limit(MOST)):
        authorise(db, actor, Action.TELL_DISPATCH, dispatch)
        sending = sending_of(key_of(db, record), dispatch)
        found.append(Acknowledgement(event.id, _write(event, dispatch.role, sending)))
    return found


async def note_told(db: AsyncSession, actor: Machine, ids: Collection[UUID]) -> int:
    """The system has these: they are not given again. How many that was."""
    query = untold_events(actor).where(DispatchEvent.id.in_(ids))
    rows = (await db.execute(query)).all()
    for event, dispatch, _record in rows:
        authorise(db, actor, Action.TELL_DISPATCH, dispatch)
        event.told_at = utcnow()
    return len(rows)


def _write(event: DispatchEvent, role: Role, sending: Sending) -> bytes:
    to, order = sending.to, sending.order
    patient = to.address.partition("@")[0] if role is Role.PATIENT else ""
    failed = event.news in FAILURES
    failure = (smtp_code(event.code), reason_of(event.code).words) if failed else ("", "")
    return zam.write_zam(
        zam.News(
            event=event.acknowledges,
            control_id=event.id.hex[:20],
            at=event.at,
            about=order.control_id,
            to=order.sending,
            number=to.person.national_id or patient,
            address=to.address,
            failure=failure,
        )
    )
