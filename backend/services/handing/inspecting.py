"""What can be said of a file before anything is looked up: the same as of what machines send."""

import asyncio
from collections.abc import Sequence
from time import monotonic

from msgspec import Struct
from msgspec.structs import replace

from backend.domain.errors import Refused
from backend.domain.formats.cda import read_cda
from backend.domain.handing import Sort, sort_of
from backend.domain.official import Verdict, in_full, in_short
from backend.domain.own_documents import Given
from backend.domain.reports import Report
from backend.domain.rniv import Difference
from backend.gateways.outside import Outside
from backend.services.filing import FIGURES

PASSIVE = "Ni script, ni action, ni fichier joint."
OFFICIAL = 8.0
"""Seconds for the official checks of all that is chosen at once, of the twenty of their page."""
CLEANED = "Nettoyé : la copie n’a plus rien d’actif."


class Check(Struct, frozen=True):
    """One thing that was checked, in words; what is not good stops the deposit."""

    name: str
    words: str
    good: bool = True
    differences: tuple[Difference, ...] = ()
    """Of an identity, letter by letter."""
    code: str = ""
    """Of the refusal, for the journal."""
    asked: bool = False
    """Nothing but a person can say it: the form asks."""
    filing: bool = False
    """What is not good stops the filing alone: it may still be sent to professionals."""
    remarks: tuple[str, ...] = ()
    """Folded under it: rules, in the words of their authors."""


class Seen(Struct, frozen=True):
    """A file that was looked at."""

    name: str
    content: bytes
    checks: tuple[Check, ...]
    sort: Sort | None = None
    report: Report | None = None
    """Of a CDA that could be read."""
    code: str = ""
    """Why it is refused, for the journal."""
    removed: tuple[str, ...] = ()
    """What was taken out of an active PDF, in words: `content` is the inert copy."""
    verdict: Verdict | None = None
    """Of the official checks, of a CDA, where they are made."""

    @property
    def good(self) -> bool:
        return all(check.good for check in self.checks)


async def look(outside: Outside, given: Sequence[Given]) -> list[Seen]:
    """Each file, opened in a process that can do nothing else; Unavailable when none can be."""
    ends = monotonic() + OFFICIAL
    return [await _look(outside, one, ends) for one in given]


async def _look(outside: Outside, given: Given, ends: float) -> Seen:
    checks: list[Check] = []
    try:
        sort = sort_of(given)
        checks.append(Check("Type", "PDF" if sort is Sort.PDF else "Document CDA (XML)"))
        await outside.antivirus.scan(given.content)
        if sort is Sort.PDF:
            return await _look_at_pdf(outside, given, checks)
        report = await _read(outside, given, checks)
        left = max(0.0, ends - monotonic())
        verdict = await outside.official.check(given.content, within=left)
    except Refused as refusal:
        name = "Contenu" if checks else "Type"
        failed = (*checks, Check(name, refusal.message, good=False))
        return Seen(given.name, b"", failed, code="906")
    stops = verdict is not None and outside.official.refuses(verdict)
    if verdict:
        checks.append(official_check(verdict, stops=stops))
    code = "906" if stops else ""
    return Seen(given.name, given.content, tuple(checks), sort, report, code, verdict=verdict)


def official_check(verdict: Verdict, *, stops: bool = False) -> Check:
    """In words, the rules themselves folded; it stops the deposit where the operator wants it."""
    return Check(
        "Contrôle officiel",
        in_short(verdict),
        good=not stops,
        asked=not (stops or verdict.clean),
        remarks=tuple(in_full(verdict)),
    )


async def _look_at_pdf(outside: Outside, given: Given, checks: list[Check]) -> Seen:
    """Alone, its bytes are nobody’s proof: an active one is kept as an inert copy."""
    cleaned = await outside.pdfs.clean(given.content)
    words = CLEANED if cleaned.removed else PASSIVE
    checks.append(Check("PDF sain", words))
    seen = Seen(given.name, cleaned.pdf, tuple(checks), Sort.PDF)
    return replace(seen, removed=cleaned.removed)


async def _read(outside: Outside, given: Given, checks: list[Check]) -> Report:
    """A CDA, whose bytes are kept as they are: what acts in it is refused."""
    report = await asyncio.to_thread(read_cda, given.content)
    checks.append(Check("CDA valide", _described(report)))
    for media in report.media:  # in base64 until now: nothing was to be seen of them
        await outside.antivirus.scan(media.content)
    if report.pdf is not None:
        await _inspect(outside, report.pdf, checks)
    for media in report.media:
        if media.media_type in FIGURES:
            await outside.pdfs.look(media.content, media.media_type)
    return report


async def _inspect(outside: Outside, pdf: bytes, checks: list[Check]) -> None:
    await outside.pdfs.inspect(pdf)
    checks.append(Check("PDF sain", PASSIVE))


def _described(report: Report) -> str:
    """« Niveau 3, 21 résultats. »"""
    if report.level == 1:
        return "Niveau 1 : un document, sans résultats détaillés."
    count = len(report.results)
    return f"Niveau 3, {count} résultat{'s' if count > 1 else ''}."
