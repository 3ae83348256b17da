"""Acknowledgements Z02 and Z03, ready for the system that deposited, until it says it has them."""

import re
from uuid import UUID

from backend.access import Action, authorise
from backend.access.actors import Machine
from backend.access.scopes.dispatches import events_to_tell, untold_events
from backend.domain.deposits import Order
from backend.domain.dispatches import News, Role, reason_of, smtp_code
from backend.domain.dispatches.destinations import Destination
from backend.domain.formats.hl7v2_writer import zam
from backend.storage.db import AsyncSession, utcnow
from backend.storage.dispatches import DispatchEvent, sending_of
from backend.storage.records import key_of

NUMBER = 20
"""Characters of MSH-10 (HL7 2.6)."""
FAILURES = frozenset({News.REFUSED, News.GIVEN_UP, News.CANCELLED})


async def next_to_tell(db: AsyncSession, actor: Machine) -> bytes | None:
    """The oldest message; the same bytes each time, until `note_told`."""
    found = (await db.execute(untold_events(actor).limit(1))).one_or_none()
    if found is None:
        return None
    event, dispatch, record = found
    authorise(db, actor, Action.TELL_DISPATCH, dispatch)
    sending = sending_of(key_of(db, record), dispatch)
    to = sending.of_round(event.round, dispatch.round) or sending.to
    return _write(event, to, sending.order)


async def note_told(db: AsyncSession, actor: Machine, number: str) -> bool:
    """The system has the message of this MSH-10: it is not given again. False when there is none.

    Saying it twice is the same as once.
    """
    if not re.fullmatch(rf"[0-9a-f]{{{NUMBER}}}", number):
        return False
    first, last = (UUID(number + end * (32 - NUMBER)) for end in "0f")
    query = events_to_tell(actor).where(DispatchEvent.id.between(first, last))
    found = (await db.execute(query.with_for_update(of=DispatchEvent))).first()
    if found is None:
        return False
    event, dispatch, _record = found
    if event.told_at is None:
        authorise(db, actor, Action.TELL_DISPATCH, dispatch)
        event.told_at = utcnow()
    return True


def _write(event: DispatchEvent, to: Destination, order: Order) -> bytes:
    patient = to.address.partition("@")[0] if to.role is Role.PATIENT else ""
    failed = event.news in FAILURES
    failure = (smtp_code(event.code), reason_of(event.code).words) if failed else ("", "")
    return zam.write_zam(
        zam.News(
            event=event.acknowledges,
            control_id=event.id.hex[:NUMBER],
            at=event.at,
            about=order.control_id,
            to=order.sending,
            number=to.person.national_id or patient,
            address=to.address,
            failure=failure,
        )
    )
