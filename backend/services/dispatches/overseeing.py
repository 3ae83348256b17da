"""What the people of a laboratory follow: counters, the list, one dispatch, sending it again."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import func

from backend.access import Action, authorise, may
from backend.access.actors import Professional
from backend.access.scopes.dispatches import dispatches_for, events_for, with_what_it_carries
from backend.domain.contact import read_email
from backend.domain.dispatches import (
    DispatchState,
    News,
    Role,
    after,
    is_citizens,
    is_for,
    reason_of,
)
from backend.domain.dispatches.reasons import OURS, SETTLED
from backend.domain.dispatches.words import Group
from backend.domain.documents import Summary
from backend.domain.errors import NotFound, Refused
from backend.domain.jobs import SendDispatch
from backend.services import pro_sign_in
from backend.services.dispatches.advancing import ACTIONS, advance
from backend.services.dispatches.promising import key_of_job
from backend.services.dispatches.stories import Happened, tell
from backend.storage.db import AsyncSession, utcnow, vault_of
from backend.storage.dispatches import (
    Dispatch,
    DispatchEvent,
    message_index,
    message_key,
    seal_sending,
    sending_of,
)
from backend.storage.documents import ONLY_SENT, Version
from backend.storage.outbox import attempts_of, enqueue
from backend.storage.records import Identity, Record, key_of, traits_of

PAGE = 50


class Line(Struct, frozen=True):
    """One dispatch of the list."""

    id: UUID
    patient: str
    title: str
    to: str
    """« Dr Paul Martin », or the address when nobody is named."""
    role: Role
    state: DispatchState
    changed_at: datetime
    code: str = ""
    """Why it stopped; empty when it did not."""


class Board(Struct, frozen=True):
    """A page of the list, with how many there are of each state."""

    lines: tuple[Line, ...]
    counts: Mapping[DispatchState, int]
    more: bool
    """There are others: older ones, or too many changes to tell."""


class Followed(Struct, frozen=True):
    """One dispatch, whole."""

    line: Line
    address: str
    deposited_at: datetime
    story: tuple[Happened, ...]
    remedy: str
    tries: int
    """While it waits: how many times it was tried in vain."""
    replayable: bool
    settleable: bool
    """It failed, and nobody said yet that nothing is left to do."""
    message_id: str
    sha256: str
    """Of the report that was sent."""
    filed: bool = True
    """In the patient’s space; otherwise it was only sent."""


async def board(db: AsyncSession, actor: Professional, group: Group | None, page: int) -> Board:
    """The latest first, those of a group when one is asked for."""
    authorise(db, actor, Action.LIST_DISPATCHES, None)
    mine, counts = dispatches_for(actor), await counts_of(db, actor)
    if group:
        mine = mine.where(Dispatch.state.in_(group.states))
    query = with_what_it_carries(mine).order_by(Dispatch.changed_at.desc(), Dispatch.id)
    rows = (await db.execute(query.limit(PAGE + 1).offset(PAGE * (page - 1)))).all()
    lines = tuple(line_of(db, *row) for row in rows[:PAGE])
    return Board(lines, counts, more=len(rows) > PAGE)


async def counts_of(db: AsyncSession, actor: Professional) -> Mapping[DispatchState, int]:
    """How many there are of each state."""
    mine = dispatches_for(actor)
    counted = mine.with_only_columns(Dispatch.state, func.count()).group_by(Dispatch.state)
    counts = dict.fromkeys(DispatchState, 0)
    return counts | {state: number for state, number in await db.execute(counted)}  # noqa: C416


async def follow(db: AsyncSession, actor: Professional, dispatch_id: UUID) -> Followed:
    """One of them with its story; NotFound when it is another laboratory’s."""
    dispatch, version, record, identity = await find(db, actor, dispatch_id)
    authorise(db, actor, Action.OPEN_DISPATCH, dispatch)
    query = events_for(actor).where(DispatchEvent.dispatch_id == dispatch.id)
    events = (await db.scalars(query.order_by(DispatchEvent.number))).all()
    sending = sending_of(key_of(db, record), dispatch)
    code = _stopped_by(dispatch, events[-1].code if events else "")
    waits = dispatch.state is DispatchState.PROMISED
    return Followed(
        line=replace(line_of(db, dispatch, version, record, identity), code=code),
        address=sending.to.address,
        deposited_at=version.received_at,
        story=tell(events, sending, dispatch.round),
        remedy=reason_of(code).remedy if code else "",
        tries=await attempts_of(db, key_of_job(dispatch)) if waits else 0,
        replayable=_may(actor, News.REPLAYED, dispatch),
        settleable=_may(actor, News.SETTLED, dispatch),
        message_id=message_key(vault_of(db), dispatch.id, dispatch.round),
        sha256=version.sha256.hex(),
        filed=version.pages_state != ONLY_SENT,
    )


async def replay(
    db: AsyncSession,
    actor: Professional,
    dispatch_id: UUID,
    address: str,
    domains: tuple[str, ...],
) -> None:
    """Send it again, to another address if one is given: a new mail, with an id of its own.

    Without an address, the Annuaire santé is asked. Refused when it is under way or was read.
    """
    now = await pro_sign_in.present(db, actor)
    dispatch, _version, record, _identity = await find(db, now, dispatch_id, lock=True)
    key = key_of(db, record)
    sending = sending_of(key, dispatch)
    to = sending.to
    if dispatch.role is not Role.PATIENT:
        to = to.moved(_read(address, dispatch.role, domains))
        if not to.address and not to.person.national_id:
            raise Refused("Écrivez l’adresse MSSanté de ce destinataire.")
    if not advance(db, now, dispatch, News.REPLAYED):
        raise Refused("Cet envoi est en cours ou déjà reçu : il n’y a rien à renvoyer.")
    dispatch.round += 1
    dispatch.promised_at = utcnow()
    dispatch.message_index = message_index(
        vault_of(db), message_key(vault_of(db), dispatch.id, dispatch.round)
    )
    dispatch.sealed = seal_sending(key, dispatch.id, sending.again(to))
    job = SendDispatch(dispatch_id=dispatch.id, round=dispatch.round)
    await enqueue(db, job, key=key_of_job(dispatch))


async def settle(db: AsyncSession, actor: Professional, dispatch_id: UUID, why: str) -> None:
    """What failed counts no more: it was given otherwise, or is of no use. It may be sent again."""
    if why not in SETTLED:
        raise Refused("Dites pourquoi il n’y a plus rien à faire.")
    now = await pro_sign_in.present(db, actor)
    dispatch, *_ = await find(db, now, dispatch_id, lock=True)
    if not advance(db, now, dispatch, News.SETTLED, code=why):
        raise Refused("Cet envoi n’est pas en échec : il n’y a rien à classer.")


def _read(address: str, role: Role, domains: tuple[str, ...]) -> str:
    """An address of the espace de confiance for this part, or nothing."""
    if not address.strip():
        return ""
    good = read_email(address)
    if is_citizens(good):
        raise Refused("Cette adresse est celle d’un patient : écrivez celle d’un professionnel.")
    if not is_for(role, good, domains):
        raise Refused(OURS["not-secure"].words)
    return good


async def find(
    db: AsyncSession, actor: Professional, dispatch_id: UUID, *, lock: bool = False
) -> tuple[Dispatch, Version, Record, Identity]:
    """One of them with what it carries; NotFound when it is another laboratory’s."""
    query = with_what_it_carries(dispatches_for(actor).where(Dispatch.id == dispatch_id))
    found = (await db.execute(query.with_for_update(of=Dispatch) if lock else query)).first()
    if found is None:
        raise NotFound
    dispatch, version, record, identity = found
    return dispatch, version, record, identity


def line_of(
    db: AsyncSession, dispatch: Dispatch, version: Version, record: Record, identity: Identity
) -> Line:
    """One of them, opened."""
    key, who = key_of(db, record), traits_of(db, record, identity)
    to = sending_of(key, dispatch).to
    summary = key.open_value(Summary, version.sealed_summary, version.id, "summary")
    patient = f"{who.first_given.title()} {who.birth_name.title()}"
    name = "sa messagerie citoyenne" if dispatch.role is Role.PATIENT else ""
    return Line(
        id=dispatch.id,
        patient=patient,
        title=summary.title,
        to=name or to.person.name or to.address or "destinataire inconnu",
        role=dispatch.role,
        state=dispatch.state,
        changed_at=dispatch.changed_at,
    )


STOPPED = frozenset({DispatchState.BOUNCED, DispatchState.GIVEN_UP, DispatchState.CANCELLED})


def _stopped_by(dispatch: Dispatch, code: str) -> str:
    return code if dispatch.state in STOPPED else ""


def _may(actor: Professional, news: News, dispatch: Dispatch) -> bool:
    """Whether this may happen to it now, by this person."""
    return after(dispatch.state, news) is not None and may(actor, ACTIONS[news], dispatch)
