"""« Poste et essais »: what we know of a laboratory’s connections already; nobody is asked."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import func

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import patient_files
from backend.access.scopes.dispatches import dispatches_for
from backend.access.scopes.stations import certificates_here, systems_and_tokens
from backend.domain.dispatches import DispatchState
from backend.gateways.annuaire import NoAnnuaire
from backend.gateways.insi import NoInsi
from backend.gateways.mssante import NoMssante
from backend.gateways.outside import Outside
from backend.storage.db import AsyncSession
from backend.storage.desk import PatientFile
from backend.storage.dispatches import Dispatch

SOON = timedelta(days=30)
PRINT = 12
"""Characters of a fingerprint: those by which an operator names it."""
CAME_BACK = (DispatchState.DELIVERED, DispatchState.READ)
LEFT = (DispatchState.SENT, *CAME_BACK)
FAILED = (DispatchState.BOUNCED, DispatchState.GIVEN_UP)


class Lasts(StrEnum):
    """How long a certificate is good for."""

    LONG = "long"
    SOON = "soon"
    OVER = "over"


class System(Struct, frozen=True):
    """A system of the laboratory, as it asks for tokens."""

    client_id: str
    deposits: bool
    disabled: bool
    last_token: datetime | None


class Line(Struct, frozen=True):
    """A certificate by which a system comes on an MLLP line."""

    client_id: str
    subject: str
    fingerprint: str
    expires_at: datetime
    lasts: Lasts


class Insi(Struct, frozen=True):
    """What the files of the desk say of INSi."""

    answered_at: datetime | None
    wait: int
    """Files for which it did not answer."""


class Mail(Struct, frozen=True):
    """What the dispatches say of MSSanté."""

    left_at: datetime | None
    came_back_at: datetime | None
    failed_at: datetime | None
    to_send: int


class Station(Struct, frozen=True):
    """All of the page."""

    insi: Insi
    mail: Mail
    systems: tuple[System, ...]
    lines: tuple[Line, ...]


async def open_station(db: AsyncSession, actor: Professional, at: Moment) -> Station:
    """Of the laboratory where they work; Forbidden for who has no such role in it."""
    authorise(db, actor, Action.SEE_STATION, None)
    systems = await db.execute(systems_and_tokens(actor))
    held = await db.execute(certificates_here(actor))
    return Station(
        insi=await _insi(db, actor),
        mail=await _mail(db, actor),
        systems=tuple(
            System(
                client.client_id,
                deposits="deposit:bio" in client.scopes.split(),
                disabled=client.disabled_at is not None,
                last_token=last,
            )
            for client, last in systems
        ),
        lines=tuple(
            Line(
                client.client_id,
                one.subject,
                one.fingerprint.hex()[:PRINT],
                one.expires_at,
                lasts(one.expires_at, at.now),
            )
            for client, one in held
        ),
    )


def joined(outside: Outside) -> dict[str, bool]:
    """Which neighbours the operator configured, or a demonstration plays."""
    return {
        "insi": not isinstance(outside.insi, NoInsi),
        "annuaire": not isinstance(outside.annuaire, NoAnnuaire),
        "out": not isinstance(outside.mssante, NoMssante),
        "back": outside.mailbox is not None,
        "cards": bool(outside.connector),
    }


def lasts(until: datetime, now: datetime) -> Lasts:
    """Over at its very end, as at the door of the lines."""
    if until <= now:
        return Lasts.OVER
    return Lasts.SOON if until - now <= SOON else Lasts.LONG


async def _insi(db: AsyncSession, actor: Professional) -> Insi:
    """In one look over the files of the desk."""
    counted = patient_files(actor).with_only_columns(
        func.max(PatientFile.asked_at), func.count().filter(PatientFile.waits_for_insi)
    )
    answered_at, number = (await db.execute(counted)).one()
    return Insi(answered_at, number)


async def _mail(db: AsyncSession, actor: Professional) -> Mail:
    """The latest of each state, and how many are to leave."""
    by_state = dispatches_for(actor).with_only_columns(
        Dispatch.state, func.max(Dispatch.changed_at), func.count()
    )
    rows = (await db.execute(by_state.group_by(Dispatch.state))).all()
    latest = {state: at for state, at, _ in rows}
    counts = {state: number for state, _, number in rows}

    def last(states: tuple[DispatchState, ...]) -> datetime | None:
        return max((latest[one] for one in states if one in latest), default=None)

    to_send = counts.get(DispatchState.PROMISED, 0)
    return Mail(last(LEFT), last(CAME_BACK), last(FAILED), to_send)
