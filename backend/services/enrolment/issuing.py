"""Provisional codes: made for whoever has none, sent to what is on file and nowhere else."""

from datetime import date, datetime, timedelta
from secrets import choice
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import Select, select

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.access.scopes import record_of, spaces_by_ins, spaces_without_code
from backend.domain.activation import (
    ALPHABET,
    ASKED_CODE_LIFE,
    CODE_LENGTH,
    FIRST_CODE_LIFE,
    LETTER_LIFE,
    Contacts,
)
from backend.domain.calendar import civil_day
from backend.domain.jobs import SendProvisionalCode
from backend.domain.reports import Traits
from backend.domain.space import Event, allows
from backend.services import limits
from backend.services.accounts import hash_password
from backend.services.enrolment.proving import DESK, is_minor
from backend.services.even import even
from backend.services.sign_in.refusals import Rejected, too_often
from backend.services.space import Space, hold
from backend.storage.accounts import ProvisionalCode
from backend.storage.db import AsyncSession, Sessions, utcnow, vault_of
from backend.storage.outbox import enqueue
from backend.storage.records import Identity, Record, VitaleCard, contacts_of, indexes_of, traits_of

OPERATOR = Robot("operator")
AGAIN = Robot("send-again")
SENDER = Robot("send-provisional-code")
AT_ONCE = 50
NOTHING = "????????????"


class Sendable(Struct, frozen=True):
    """A code, where it goes, and what the letter says around it."""

    by: str
    code: str
    traits: Traits
    contacts: Contacts
    expires_at: datetime

    @property
    def name(self) -> str:
        """« Julie Moreau »."""
        return f"{self.traits.first_given} {self.traits.birth_name}".title()


class Issued(Struct, frozen=True):
    """What became of spaces that were due a first code."""

    made: int
    unreached: int
    """With nothing on file to send it to."""
    last: UUID | None
    """The last of them; None when there was none."""


async def issue_many(sessions: Sessions, *, by: str, most: int) -> Issued:
    """A code for each space that nobody opened yet and that has none.

    `by` is `letter`, `email`, or `best`: the first of `best_way` that is on file.
    """
    made = unreached = 0
    last: UUID | None = None
    while made < most:
        async with sessions.begin() as db:
            due = spaces_without_code(utcnow()).limit(min(AT_ONCE, most - made))
            batch = await issue_first(db, OPERATOR, due, by=by, after=last)
        made, unreached, last = made + batch.made, unreached + batch.unreached, batch.last
        if last is None:
            break
    return Issued(made, unreached, last)


async def issue_first(
    db: AsyncSession,
    actor: Robot,
    due: Select[Record, Identity],
    *,
    by: str = "best",
    after: UUID | None = None,
) -> Issued:
    """A first code for each space of `due`, a query in the order of ids, that comes `after` one.

    Who cannot be reached is promised nothing and counted: they stay due, and stop no other.
    """
    made, last = 0, None
    rows = (await db.execute(due.where(Record.id > after) if after else due)).all()
    for record, identity in rows:
        last = record.id
        if way := best_way(contacts_of(db, record, identity), by):
            await issue(db, actor, record, by=way, life=FIRST_CODE_LIFE)
            made += 1
    return Issued(made, len(rows) - made, last)


async def issue(
    db: AsyncSession, actor: Robot, record: Record, *, by: str, life: timedelta
) -> ProvisionalCode:
    """A fresh code, promised to its channel; those before it no longer open anything."""
    now, code_id = utcnow(), uuid4()
    code = "".join(choice(ALPHABET) for _ in range(CODE_LENGTH))
    fresh = ProvisionalCode(
        id=code_id,
        record_id=record.id,
        code_hash=await hash_password(vault_of(db), code),
        sealed_code=vault_of(db).seal("provisional-code", code.encode(), code_id),
        sent_by=by,
        created_at=now,
        expires_at=now + life,
    )
    authorise(db, actor, Action.ISSUE_CODE, fresh)
    older = select(ProvisionalCode).where(
        ProvisionalCode.record_id == record.id,
        ProvisionalCode.used_at.is_(None),
        ProvisionalCode.replaced_at.is_(None),
    )
    for old in await db.scalars(older.with_for_update()):
        old.replaced_at = now
    db.add(fresh)
    await db.flush()
    await enqueue(db, SendProvisionalCode(code_id=code_id), key=f"provisional-code/{code_id}")
    return fresh


@even
async def send_code_again(
    sessions: Sessions, *, nir: str, serial: str, by: str, address: str
) -> Rejected | None:
    """If the two go together, a code leaves for the channel on file; nobody learns whether."""
    async with sessions.begin() as db:
        for name, subject in (("activation-ip", address), ("code-again", nir)):
            if wait := await limits.hit(db, name, subject):
                return too_often(wait)
        await _send_again(db, nir, serial, by)
    return None


async def _send_again(db: AsyncSession, nir: str, serial: str, by: str) -> None:
    vault = vault_of(db)
    row = (await db.execute(spaces_by_ins(indexes_of(vault, nir)))).first()
    space = await hold(db, row[0].id) if row else None
    way = await _way_on_file(db, space, row[1], serial, by) if space and row else None
    if space is None or way is None or not _may_have(space):
        await hash_password(vault, NOTHING)  # as long as if there were somebody
        return
    life = LETTER_LIFE if way == "letter" else ASKED_CODE_LIFE
    await issue(db, AGAIN, space.record, by=way, life=life)


def _may_have(space: Space) -> bool:
    """A child needs none: a parent opens the profile."""
    return allows(space.state, Event.ISSUE_CODE) and not is_minor(space.record, civil_day(utcnow()))


async def _way_on_file(
    db: AsyncSession, space: Space, identity: Identity, serial: str, by: str
) -> str | None:
    """The channel asked for if the Assurance maladie knows it, a letter otherwise."""
    card = await db.scalar(
        select(VitaleCard.id).where(
            VitaleCard.record_id == space.record.id,
            VitaleCard.serial_index == vault_of(db).index("vitale", serial),
        )
    )
    contacts = contacts_of(db, space.record, identity)
    if card is None:
        return None
    return best_way(contacts, by) or best_way(contacts, "letter")


async def issue_letter(sessions: Sessions, *, nir: str, born: date) -> bool:
    """For the help desk: a code by post to whoever has an account and no other proof left.

    It goes to the address on file and nowhere else. False when the two do not go together, when
    there is no account in use, or no address.
    """
    async with sessions.begin() as db:
        row = (await db.execute(spaces_by_ins(indexes_of(vault_of(db), nir)))).first()
        if row is None or traits_of(db, *row).birth_date != born:
            return False
        space = await hold(db, row[0].id)
        on_file = contacts_of(db, *row).address
        if space.account is None or not on_file or not allows(space.state, Event.ISSUE_LETTER):
            return False
        await issue(db, OPERATOR, space.record, by=DESK, life=LETTER_LIFE)
        return True


async def to_send(db: AsyncSession, code_id: UUID) -> Sendable | None:
    """What the worker sends, once; None when the code was replaced, used or is over."""
    code = await db.get(ProvisionalCode, code_id, with_for_update=True)
    if code is None or code.sealed_code is None or code.used_at or code.replaced_at:
        return None
    if code.expires_at <= utcnow():
        return None
    found = (await db.execute(record_of(SENDER, code.record_id))).one_or_none()
    if found is None:
        return None
    record, identity = found
    authorise(db, SENDER, Action.SEND_CODE, code)
    plain = vault_of(db).unseal("provisional-code", code.sealed_code, code.id)
    code.sealed_code = None  # sent when this transaction commits
    return Sendable(
        by=code.sent_by,
        code=plain.decode(),
        traits=traits_of(db, record, identity),
        contacts=contacts_of(db, record, identity),
        expires_at=code.expires_at,
    )


def best_way(contacts: Contacts, by: str = "best") -> str | None:
    """E-mail, else a letter (R.1111-28), else an SMS; or what was chosen. None: not on file."""
    on_file = {"email": contacts.email, "letter": contacts.address, "sms": contacts.phone}
    ways = on_file if by == "best" else (by,)
    return next((way for way in ways if on_file[way]), None)
