"""Letters of professionals to people’s own addresses, and what people answer, by MSSanté."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from backend.access.scopes import Moment
from backend.domain.conversations import Refusal, check_room
from backend.domain.dispatches import News
from backend.domain.errors import Refused, Unavailable
from backend.domain.formats.mail import Attached, Letter
from backend.domain.jobs import SendAnswer, SendBounce
from backend.domain.own_documents import Given
from backend.gateways.delivery import PermanentFailure
from backend.gateways.mssante import Rejected
from backend.gateways.outside import Outside
from backend.jobs.desk import Desk
from backend.jobs.worker import Cancelled
from backend.services.conversations import make_pieces
from backend.services.conversations.posting import Piece
from backend.services.conversations.receiving import (
    Addressee,
    Mail,
    Network,
    addressee,
    mail_of,
    take_in,
    turn_away,
)
from backend.services.conversations.sending import bounce, note, prepare
from backend.storage.db import AsyncSession, Sessions, utcnow

PATIENCE = timedelta(hours=24)
OURS = frozenset({"not-configured", "not-secure", "too-large"})
log = structlog.get_logger()


async def receive(
    sessions: Sessions, outside: Outside, letter: Letter, raw: bytes, came: datetime
) -> bool:
    """Take one in, or turn it away; False: not now, for who answers us about it does not."""
    try:
        done = await _receive(sessions, outside, letter, raw, came)
    except Unavailable:
        log.warning("letter_waits")
        return False
    except (SQLAlchemyError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - one letter must not keep the next ones away
        log.error("letter_failed", error=type(error).__name__)  # noqa: TRY400 - it may name people
        return True
    return done


async def _receive(
    sessions: Sessions, outside: Outside, letter: Letter, raw: bytes, came: datetime
) -> bool:
    network = Network(outside.mssante.address, outside.mssante.domains)
    at = Moment.at(utcnow())
    async with sessions.begin() as db:
        mail = mail_of(db, letter, raw, network)
        to = await addressee(db, mail, network)
        if isinstance(to, Refusal):
            await turn_away(db, at, mail, to)
            log.info("letter_refused", kind=to.value)
    if not isinstance(to, Addressee):
        return True
    done: Refusal | bool = Refusal.BLOCKED
    if not await _is_one_of(outside, to, letter.sender):
        mail = await _inspected(outside, mail, waits=at.now - came < PATIENCE)
        async with sessions.begin() as db:
            done = await take_in(db, at, outside.files, mail, to)
    if isinstance(done, Refusal):
        async with sessions.begin() as db:
            await turn_away(db, at, mail, done)
    log.info("letter_heard", kind=done.value if isinstance(done, Refusal) else "taken")
    return done is not False


async def _is_one_of(outside: Outside, to: Addressee, sender: str) -> bool:
    """Whether it is the mailbox of somebody whom this person refuses, as the Annuaire knows."""
    for number in sorted(to.refused):
        if any(box.address == sender for box in await outside.annuaire.of_professional(number)):
            return True
    return False


async def _inspected(outside: Outside, mail: Mail, *, waits: bool) -> Mail:
    """Each file scanned and made into a PDF; what cannot be is named, and left in the mailbox.

    With `waits`, Unavailable when they cannot be looked at: the letter comes again, whole.
    """
    pieces: list[Piece] = []
    left_out: list[str] = []
    for one in mail.letter.attachments:
        made = await _made(outside, one, waits=waits)
        sizes = [len(piece.pdf) for piece in (*pieces, *made)]
        try:
            check_room(sizes)
        except Refused:
            made = []
        pieces += made
        left_out += [] if made else [one.name]
    return replace(mail, pieces=pieces, left_out=tuple(left_out))


async def _made(outside: Outside, one: Attached, *, waits: bool) -> Sequence[Piece]:
    try:
        given = Given(one.name, one.content, len(one.content))
        return await make_pieces(outside, [given])
    except Refused:
        return []
    except Unavailable:
        if waits:
            raise
        return []


async def send_answer(desk: Desk, db: AsyncSession, job: SendAnswer, _key: str) -> None:
    """From the person’s mailbox; a failure that may pass is tried again for a day."""
    db.expire_all()
    ready = await prepare(db, desk.outside.files, job.message_id)
    if ready is None:
        raise Cancelled
    message, conversation, mail = ready
    if mail is None:
        return
    try:
        await desk.outside.mssante.send(mail)
    except Rejected as refusal:
        news = News.GIVEN_UP if refusal.code in OURS else News.REFUSED
        note(db, message, conversation, news, refusal.code)
    except PermanentFailure:
        note(db, message, conversation, News.GIVEN_UP, "unreadable")
    except Unavailable:
        if utcnow() - message.at < PATIENCE:
            raise
        note(db, message, conversation, News.GIVEN_UP, "expired")
    else:
        note(db, message, conversation, News.SENT)


async def send_bounce(desk: Desk, db: AsyncSession, job: SendBounce, _key: str) -> None:
    """« Votre message n’a pas pu être remis »: a mailbox that refuses it is not told twice."""
    mail = await bounce(db, job.refused_id)
    if mail is None:
        raise Cancelled
    try:
        await desk.outside.mssante.send(mail)
    except PermanentFailure:
        log.info("bounce_refused")
