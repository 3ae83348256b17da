"""The pages of a deposit by hand, whichever door was answered with them."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from litestar.response import Template
from msgspec import Struct

from backend.domain.anomalies import AnomalyKind
from backend.domain.dispatches import Role
from backend.domain.handing import TYPES
from backend.domain.reception import Sensitive
from backend.domain.rniv import Status
from backend.domain.visibility import Visibility
from backend.pro.deposit_forms import FIELDS
from backend.pro.frame import pro_page
from backend.services import handing
from backend.services.handing import Examined, Proposed, Seen
from backend.services.identification import files
from backend.web import At, Db, Staff
from backend.web.forms import Draft

PATH = "/pro/deposer"
SHOWN: dict[str, Any] = {"section": "deposits", "path": PATH}


class Searched(Struct, frozen=True):
    """What became of a gesture about recipients."""

    found: tuple[Proposed, ...] = ()
    said: str = ""


class Again(Struct, frozen=True):
    """The page of a draft once more, with everything that was typed."""

    form: Draft | None
    to: frozenset[str] | None
    """Whom it was to be sent to."""
    message: str = ""
    searched: Searched | None = None

    @property
    def is_good(self) -> bool:
        """Nothing is wrong with it: for the first time, or after a gesture about recipients."""
        return self.form is None or (self.searched is not None and not self.form.errors)


async def choose_page(
    db: Db,
    actor: Staff,
    at: At,
    file_id: UUID,
    *,
    replaces: str = "",
    message: str = "",
    bad: Sequence[Seen] = (),
    status: int = 200,
) -> Template:
    """The files to choose, those that wait, those that were refused and why."""
    file = await files.open_file(db, actor, at, file_id)
    return await pro_page(
        db,
        actor,
        at,
        "pro/deposits/choose.html",
        status,
        file=file,
        qualified=file.standing.status is Status.QUAL,
        drafts=await handing.list_drafts(db, actor, at, file_id),
        replaces=replaces,
        message=message,
        bad=bad,
        other=AnomalyKind.OTHER,
        **SHOWN,
    )


async def draft_page(
    db: Db, actor: Staff, at: At, file_id: UUID, shown: Examined, again: Again | None = None
) -> Template:
    """What was checked of one file and what is asked; with `again`, once more and why."""
    again = again or Again(None, None)
    form, to = again.form, again.to
    file = await files.open_file(db, actor, at, file_id)
    choices, header = shown.foreseen.choices, shown.report.header
    named = {Role.PRESCRIBER: header.prescriber, Role.PHYSICIAN: header.general_practitioner}
    recipients = {role: one for role, one in named.items() if one.national_id}
    explained = choices is not None and choices.sensitive is Sensitive.EXPLAINED
    awaited = shown.foreseen.waiting_since is not None
    waits = explained or shown.foreseen.ruled or awaited or shown.foreseen.taken_back
    checks, replaced = shown.foreseen.checks, shown.previous is not None
    unfiled = any(check.filing for check in checks)
    return await pro_page(
        db,
        actor,
        at,
        "pro/deposits/check.html",
        200 if again.is_good else 422,
        file=file,
        draft=shown,
        stopped=not all(check.good or check.filing for check in checks) or (unfiled and replaced),
        unfiled=unfiled,
        replaced=replaced,
        choices=choices,
        explained=explained,
        awaited=awaited,
        waits=waits,
        by_law=at.policy.released_by_law,
        recipients=recipients,
        to=_everybody(recipients, shown) if to is None else to,
        form=form or _proposed(shown, at, waits=waits, unfiled=unfiled),
        message=again.message,
        searched=again.searched or Searched(),
        types=TYPES,
        visibility=Visibility,
        **_seen(shown),
    )


async def preview_page(db: Db, actor: Staff, at: At, file_id: UUID, draft_id: UUID) -> Template:
    """The patient’s own components, in the frame of the professionals."""
    file = await files.open_file(db, actor, at, file_id)
    shown = await handing.examine(db, actor, at, file_id, draft_id=draft_id)
    return await pro_page(
        db,
        actor,
        at,
        "pro/deposits/preview.html",
        file=file,
        whose={"name": f"{file.traits.first_given.title()} {file.traits.birth_name.title()}"},
        draft=shown,
        **_seen(shown),
    )


async def receipt_page(db: Db, actor: Staff, at: At, number: str, *, message: str = "") -> Template:
    """The proof of one deposit, and what may still be done."""
    receipt = await handing.open_receipt(db, actor, at, number)
    waiting = await handing.list_drafts(db, actor, at, receipt.file_id) if receipt.file_id else []
    return await pro_page(
        db,
        actor,
        at,
        "pro/deposits/receipt.html",
        422 if message else 200,
        receipt=receipt,
        waiting=waiting,
        message=message,
        **SHOWN,
    )


def _everybody(named: Collection[str], shown: Examined) -> frozenset[str]:
    """Before anybody chose: all those who are named or were added."""
    return frozenset(named) | {one.person.national_id for one in shown.copies}


def _seen(shown: Examined) -> dict[str, Any]:
    """What the patient’s components are given."""
    seen = handing.preview(shown)
    return SHOWN | {
        "line": seen.line,
        "report": shown.report,
        "sheet": seen.sheet,
        "validated_by": seen.validated_by,
    }


def _proposed(shown: Examined, at: At, *, waits: bool, unfiled: bool) -> Draft:
    """Before anybody typed."""
    mine, previous, choices = shown.site.me.national_id, shown.previous, shown.foreseen.choices
    visibility = previous.visibility if previous else Visibility.NOW
    visibility = Visibility.SENT if unfiled else Visibility.LATER if waits else visibility
    secret = (choices and choices.secret) or (previous and previous.secret)
    return Draft(
        {
            "type": next(iter(TYPES)),
            "jour": f"{at.today:%d/%m/%Y}",
            "validateur": mine if mine in shown.site.biologists else "",
            "visibilite": visibility,
            "annonceur": shown.site.my_id if shown.site.my_id in shown.site.owners else "",
            "secret": "oui" if secret else "",
        },
        fields=FIELDS,
    )
