"""A draft before its deposit: what the rules of every deposit will say, without doing anything."""

import asyncio
from collections.abc import Callable
from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.domain.deposit_words import in_words
from backend.domain.deposits import (
    BIOLOGY_REPORT,
    Deposit,
    DepositAction,
    DepositRefused,
    Flags,
    Recipient,
    check_author,
    check_content,
)
from backend.domain.errors import Refused
from backend.domain.formats.cda import read_cda
from backend.domain.formats.cda_writer import write_cda
from backend.domain.handing import Previous, Sort, Told, report_of
from backend.domain.reception import Choices
from backend.domain.reports import Person, Report
from backend.services.deposits import Sent, receipt_of
from backend.services.deposits.lookup import Known, find_known
from backend.services.deposits.lookup import find as find_replaced
from backend.services.deposits.policy import as_ruled, is_ruled
from backend.services.deposits.reception import as_wanted, find_wanted, wanted_of
from backend.services.deposits.same_pdf import find_same_pdfs
from backend.services.deposits.structured import as_followed, find_followed
from backend.services.deposits.taken_back import find_taken_back, is_taken_back
from backend.services.handing.drafts import SAME, check_qualified, find
from backend.services.handing.inspecting import Check, official_check
from backend.services.handing.receipts import previous_of
from backend.services.handing.site import Site, site_of
from backend.storage.db import AsyncSession, vault_of
from backend.storage.desk import PatientFile, traits_of
from backend.storage.documents import Version
from backend.storage.drafts import DepositDraft, about_draft, content_of

OURS = "Ce document est bien de votre laboratoire."
UNSAID = "Un PDF ne peut pas être comparé automatiquement : confirmez plus bas à qui il appartient."


class Foreseen(Struct, frozen=True):
    """What a deposit would meet."""

    checks: tuple[Check, ...]
    choices: Choices | None
    """What the person said at the desk the day of the sampling."""
    ruled: bool = False
    """A rule of the laboratory withholds it."""
    waiting_since: date | None = None
    """The day since which what it takes the place of waits for its announcement."""
    taken_back: bool = False
    """It was withheld when somebody took it back, and whoever deposits may not release it."""


class Examined(Struct, frozen=True):
    """A draft as its page shows it."""

    id: UUID
    name: str
    sort: Sort
    report: Report
    size: int
    site: Site
    foreseen: Foreseen
    previous: Previous | None
    """What it takes the place of."""
    removed: tuple[str, ...]
    """What was taken out of an active PDF."""
    copies: tuple[Recipient, ...]
    """Who else receives it."""


async def examine(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    file_id: UUID,
    *,
    draft_id: UUID,
    told: Told | None = None,
) -> Examined:
    """A draft of this session, with everything that can be said of it; NotFound otherwise."""
    file, draft = await find(db, actor, at, file_id, draft_id)
    site, about = await site_of(db, actor), about_draft(db, file, draft)
    sent = await to_send(db, actor, at, file, draft, site=site, told=told)
    foreseen = await foresee(db, file, sent, site, about.sort)
    if about.verdict:
        said = (*foreseen.checks, official_check(about.verdict))
        foreseen = replace(foreseen, checks=said)
    return Examined(
        draft.id,
        about.name,
        about.sort,
        sent.deposit.report,
        len(content_of(db, file, draft)),
        site,
        foreseen,
        await previous_of(db, actor, about.replaces) if about.replaces else None,
        about.removed,
        about.copies,
    )


async def to_send(
    db: AsyncSession,
    actor: Professional,
    at: Moment,
    file: PatientFile,
    draft: DepositDraft,
    *,
    site: Site,
    told: Told | None = None,
) -> Sent:
    """The deposit of a draft; a PDF becomes a CDA of level 1 that our own reader has read."""
    about, content = about_draft(db, file, draft), content_of(db, file, draft)
    traits = traits_of(db, file)
    previous = await previous_of(db, actor, about.replaces) if about.replaces else None
    if about.sort is Sort.PDF:
        told = told or default_told(site, at.today)
        written = report_of(
            told,
            draft_id=draft.id,
            patient=traits,
            author=site.me,
            laboratory=site.organisation,
            now=draft.kept_at,
            pdf=content,
            previous=previous,
        )
        content = await asyncio.to_thread(write_cda, written)
    report = await asyncio.to_thread(read_cda, content)
    replacing = previous is not None or bool(report.header.replaces)
    deposit = Deposit(
        action=DepositAction.REPLACE if replacing else DepositAction.NEW,
        patient=traits,
        sender=site.organisation,
        type_code=report.header.type_code,
        content=content,
        report=report,
        flags=Flags(),
    )
    return Sent.by(actor, deposit, message=message_of(draft.id), vault=vault_of(db))


def message_of(draft_id: UUID) -> str:
    """What makes two clicks on one draft the same message."""
    return f"by-hand|{draft_id}"


def default_told(site: Site, today: date) -> Told:
    """Before anything was told: what the form proposes."""
    mine = site.biologists.get(site.me.national_id, Person())
    return Told(BIOLOGY_REPORT, today, Person(), mine)


async def foresee(
    db: AsyncSession, file: PatientFile, sent: Sent, site: Site, sort: Sort
) -> Foreseen:
    """The checks of `receive`, each said; the deposit itself makes them again."""
    known = await find_known(db, [sent])
    sent = as_followed(await find_followed(db, known, [sent]), sent)
    wanted = await find_wanted(db, sent.actor, [sent])
    same = await find_same_pdfs(db, known, [sent])
    there = known.versions.get(sent.unique_index) or same.get(sent.message_index)
    number = await receipt_of(db, there) if there else ""
    ruled = as_ruled(known, sent)
    deposit, finess = sent.deposit, known.finess[sent.structure_id]
    wish = _try("Choix de la personne", "Aucune opposition.", lambda: as_wanted(db, wanted, ruled))
    checks = (
        _identity(file, sort),
        _try("Contenu", "Peut être partagé.", lambda: check_content(deposit)),
        _try("Auteur", OURS, lambda: check_author(deposit.report.header, deposit.sender, finess)),
        _filing(_try("Espace", "Ouvert.", lambda: known.record_of(db, sent)), "902"),
        _doubled(there, number, is_known=sent.is_new and sent.set_index in known.sets),
        _validated(deposit.report, site, sort),
        _filing(wish),
    )
    withheld = sent.is_new and is_ruled(known, sent)
    since = await _waiting_since(db, known, sent)
    left = await find_taken_back(db, known, [sent])
    again = is_taken_back(db, known, left, sent)
    return Foreseen(checks, wanted_of(db, wanted, sent), withheld, since, again)


async def _waiting_since(db: AsyncSession, known: Known, sent: Sent) -> date | None:
    """Of the document that a new version is about, held until the commit."""
    if sent.is_new:
        return None
    try:
        document, _version = await find_replaced(db, sent, known.record_of(db, sent))
    except DepositRefused:  # said by the other checks, or by the deposit itself
        return None
    return document.withheld_on


def _identity(file: PatientFile, sort: Sort) -> Check:
    """Of a CDA it was compared when the file was chosen; nothing reads it on a PDF."""
    pdf = sort is Sort.PDF
    qualified = _try("Identité", UNSAID if pdf else SAME, lambda: check_qualified(file))
    return replace(qualified, asked=pdf and qualified.good)


def _try(name: str, words: str, check: Callable[[], object]) -> Check:
    """What a rule says, as a line of the page."""
    try:
        check()
    except Refused as refusal:
        code = refusal.code if isinstance(refusal, DepositRefused) else ""
        return Check(name, in_words(refusal), good=False, code=code)
    return Check(name, words)


def _filing(check: Check, code: str = "") -> Check:
    """Refused, with this code when one is given, it may still be sent without being filed."""
    return replace(check, filing=not check.good and code in {"", check.code})


def _doubled(there: Version | None, number: str, *, is_known: bool) -> Check:
    if there is not None and there.superseded_at is not None:
        words = f"Ce document a été retiré ou remplacé (reçu {number}). Produisez-le de nouveau."
        return Check("Doublon", words, good=False)
    if there is not None:
        words = f"Ce document est déjà déposé : reçu {number}. Il n’y a rien à faire."
        return Check("Doublon", words, good=False)
    if is_known:
        words = "Une version de ce document est déjà là. Remplacez-la depuis son reçu."
        return Check("Doublon", words, good=False)
    return Check("Doublon", "Aucun.")


def _validated(report: Report, site: Site, sort: Sort) -> Check:
    """A CDA names its biologist; of a PDF, the form asks it."""
    if sort is Sort.PDF:
        return Check("Validation", "À indiquer plus bas.", asked=True)
    if name := report.header.authenticator.name:
        return Check("Validation", f"Par {name}.")
    if site.is_biologist:
        return Check("Validation", f"Par vous, {site.me.name}.")
    words = "Ce document ne nomme pas le biologiste qui l’a validé. Faites-le valider."
    return Check("Validation", words, good=False)
