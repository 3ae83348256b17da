"""A draft as it is asked to be deposited, and the slow look at it: no transaction waits for it."""

from collections.abc import Callable, Collection, Iterator
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.domain.contact import read_email
from backend.domain.deposits import Order, Recipient
from backend.domain.dispatches import Role, is_citizens, is_for
from backend.domain.dispatches.reasons import OURS
from backend.domain.errors import NotFound, Refused
from backend.domain.handing import Plan, Sort, Told
from backend.domain.official import Verdict
from backend.domain.reports import Header, Person
from backend.domain.rniv.children import is_minor
from backend.domain.visibility import Visibility, flags_of
from backend.gateways.outside import Outside
from backend.services import pro_sign_in
from backend.services.deposits import Sent, inspect
from backend.services.handing import drafts
from backend.services.handing.checking import Examined, examine, to_send
from backend.services.handing.site import Site, site_of
from backend.storage.db import AsyncSession, Sessions
from backend.storage.desk import PatientFile, traits_of
from backend.storage.drafts import DepositDraft, about_draft

OFFICIAL = 2.5
"""Seconds for the official checks: the page that deposits is given four (`web/shedding.py`)."""
PARTS = {Role.PRESCRIBER: "prescriber", Role.PHYSICIAN: "general_practitioner"}
CHANGED = "Ce dépôt a changé pendant son contrôle. Relisez la page, puis déposez de nouveau."


class Asked(Struct, frozen=True):
    """What the professional decided about a draft."""

    sort: Sort
    told: Told | None
    """Of a PDF."""
    visibility: Visibility
    secret: bool
    to: frozenset[str]
    """Whom it goes to by MSSanté: parts of those that the document names, numbers of the others."""
    address: str
    """Of somebody else, or of a prescriber without a number."""
    plan: Plan | None = None
    """Of what is withheld, when the professional may say who announces it."""


class Looked(Struct, frozen=True):
    """What the antivirus, the workers and the official checks say of some bytes."""

    digest: bytes
    """SHA-256 of the document: what they say is of nothing else."""
    verdict: Verdict | None = None
    refusal: Refused | None = None


class Ready(Struct, frozen=True):
    """A draft, held until the commit, and the deposit that it makes."""

    file: PatientFile
    draft: DepositDraft
    site: Site
    sent: Sent


async def look_ahead(
    sessions: Sessions,
    actor: Professional,
    at: Moment,
    outside: Outside,
    of: tuple[UUID, UUID],
    *,
    read: Callable[[Examined], Asked | None],
) -> Looked | None:
    """The slow part of a deposit, with no transaction open; Unavailable when nobody looks.

    `of`: the patient’s file, and the draft; `read` gives what the professional decided. None when
    something stops it before: it is decided again, and said, by the transaction that files.
    """
    try:
        async with sessions.begin() as db:
            now = await pro_sign_in.present(db, actor)
            asked = read(await examine(db, now, at, of[0], draft_id=of[1]))
            if asked is None:
                return None
            sent = (await make_ready(db, now, at, outside, of, asked=asked)).sent
    except (NotFound, Refused):
        return None
    try:
        seen = await inspect(outside, sent, within=OFFICIAL)
    except Refused as refusal:
        return Looked(sent.digest, refusal=refusal)
    return Looked(sent.digest, seen.verdict)


def as_looked_at(sent: Sent, looked: Looked | None) -> Sent:
    """With what was said of these very bytes; Refused when it is no good, or was of others."""
    if looked is None or looked.digest != sent.digest:
        raise Refused(CHANGED)
    if looked.refusal is not None:
        raise looked.refusal
    return replace(sent, verdict=looked.verdict)


async def make_ready(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    outside: Outside,
    of: tuple[UUID, UUID],
    *,
    asked: Asked,
) -> Ready:
    """NotFound for another one’s draft; Refused for what may not be asked of it."""
    file, draft = await drafts.find(db, actor, at, *of)
    address = read_address(asked.address, outside.mssante.domains)
    if asked.secret and not is_minor(traits_of(db, file), at.today):
        raise Refused("La connexion secrète est pour les personnes mineures.")
    site = await site_of(db, actor)
    copies = about_draft(db, file, draft).copies
    sent = await to_send(db, actor, at, file, draft, site=site, told=asked.told)
    return Ready(file, draft, site, _as_asked(sent, asked, copies, address))


def read_address(text: str, domains: tuple[str, ...]) -> str:
    """An address of the espace de confiance, or nothing; Refused for any other."""
    if not text.strip():
        return ""
    good = read_email(text)
    if is_citizens(good):
        raise Refused("Cette adresse est celle d’un patient : écrivez celle d’un professionnel.")
    if not is_for(Role.COPY, good, domains):
        raise Refused(OURS["not-secure"].words)
    return good


def _as_asked(sent: Sent, asked: Asked, copies: tuple[Recipient, ...], address: str) -> Sent:
    header = sent.deposit.report.header
    copies = tuple(one for one in copies if one.person.national_id in asked.to)
    numbers = {one.person.national_id for one in copies}
    named = [one for one in _recipients(header, asked, address) if not _is_among(one, numbers)]
    to = (*named, *copies)
    deposit = replace(
        sent.deposit,
        flags=flags_of(asked.visibility, secret=asked.secret),
        recipients=to,
        order=Order(to_professionals=bool(to)),
        only_sent=asked.visibility is Visibility.SENT,
    )
    return replace(sent, deposit=deposit)


def _is_among(one: Recipient, numbers: Collection[str]) -> bool:
    """Named by the document and found in the directory: one mail, to the address found."""
    return not one.address and one.person.national_id in numbers


def _recipients(header: Header, asked: Asked, address: str) -> Iterator[Recipient]:
    """Those that were ticked; the address is of a prescriber without a number, or of a copy."""
    for role, name in PARTS.items():
        person = getattr(header, name)
        if role in asked.to and person.national_id:
            yield Recipient(person)
    if address:
        nobody = header.prescriber.national_id
        yield Recipient(Person() if nobody else header.prescriber, address)
