"""Files of strangers looked at and drawn: always in child processes, never where the keys are."""

import asyncio
from collections.abc import Collection
from types import TracebackType
from typing import Self, TypeVar

from msgspec import Struct

from backend.domain.errors import Refused
from backend.gateways.pdf_lanes import Lane
from backend.gateways.pdf_process.wire import (
    Answer,
    FigureFacts,
    Flaw,
    Flawed,
    Kind,
    Made,
    Page,
    PdfFacts,
    Rendered,
    Task,
)

__all__ = [
    "ActivePdf",
    "Cleaned",
    "FigureFacts",
    "Flaw",
    "Kind",
    "Page",
    "PdfFacts",
    "PdfWorkers",
    "Rendered",
    "UnreadableFigure",
    "UnreadablePdf",
    "Unusable",
]

A = TypeVar("A", PdfFacts, Rendered)

KINDS = {"image/png": Kind.PNG, "image/jpeg": Kind.JPEG, "image/gif": Kind.GIF}

SENTENCES = {
    Flaw.EMPTY: "Ce fichier est vide.",
    Flaw.NOT_PDF: "Ce fichier n’est pas un PDF, ou pas seulement un PDF.",
    Flaw.DAMAGED: "Ce PDF est abîmé ou incomplet.",
    Flaw.ENCRYPTED: "Ce PDF est chiffré ou protégé. Déposez-le sans protection.",
    Flaw.TOO_MANY_PAGES: "Ce PDF a plus de 50 pages.",
    Flaw.TOO_HEAVY: "Ce PDF demande trop de temps ou de mémoire pour être affiché.",
}
OF_FIGURES = {
    Flaw.DAMAGED: "Une figure est abîmée ou incomplète.",
    Flaw.TOO_HEAVY: "Une figure demande trop de temps ou de mémoire pour être affichée.",
    Flaw.NOT_THAT_IMAGE: "Une figure n’est pas l’image annoncée, ou pas seulement elle.",
    Flaw.TOO_MANY_PIXELS: "Une figure est trop grande : 20 millions de pixels au plus.",
    Flaw.ANIMATED: "Une figure est animée. Déposez une image fixe.",
}


OF_PEOPLE = {
    Flaw.EMPTY: "Ce fichier est vide. Choisissez-en un autre.",
    Flaw.NOT_PDF: "Ce fichier n’est pas un PDF, ou pas seulement un PDF. Choisissez-en un autre.",
    Flaw.DAMAGED: "Ce fichier est abîmé ou incomplet. Choisissez-en un autre.",
    Flaw.ENCRYPTED: "Ce PDF a un mot de passe. Enregistrez-le sans mot de passe, puis recommencez.",
    Flaw.TOO_MANY_PAGES: "Ce document a plus de 50 pages. Ajoutez-le en plusieurs fois.",
    Flaw.TOO_HEAVY: "Ce fichier est trop lourd à ouvrir. Prenez une photo du document à la place.",
    Flaw.TOO_MANY_PIXELS: "Cette image est trop grande. Prenez une photo plus petite.",
    Flaw.NOT_THAT_PICTURE: "Ce fichier n’est pas une image que nous savons lire.",
    Flaw.UNREAD_PHOTO: "Nous ne lisons pas les photos HEIC ici. Sur un iPhone, ouvrez Réglages, "
    "Appareil photo, Formats, choisissez « Le plus compatible », puis reprenez la photo.",
    Flaw.NOT_TEXT: "Ce texte a des caractères que nous ne savons pas montrer. "
    "Enregistrez-le en PDF, puis recommencez.",
}


class Unusable(Refused):
    """What a person wants to add cannot be opened safely; they can do something about it."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(OF_PEOPLE.get(flaw, OF_PEOPLE[Flaw.DAMAGED]))
        self.flaw = flaw


class UnreadablePdf(Refused):
    """The file cannot be kept and shown for years: not a PDF, damaged, protected, far too big."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(SENTENCES[flaw])
        self.flaw = flaw


class UnreadableFigure(Refused):
    """The image cannot be shown: not what it is said to be, damaged, animated, far too big."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(OF_FIGURES[flaw])
        self.flaw = flaw


class ActivePdf(Refused):
    """The file runs something or carries another file."""

    def __init__(self, names: tuple[str, ...]) -> None:
        found = ", ".join(name.removeprefix("/") for name in names)
        super().__init__(
            "Ce PDF contient un script, une action ou un fichier joint "
            f"({found}). Déposez un PDF sans contenu actif, par exemple un PDF/A-1."
        )
        self.names = names


WHAT = {
    "du JavaScript": {"/JavaScript", "/JS"},
    "une action à l’ouverture": {"/OpenAction"},
    "des actions automatiques": {"/AA"},
    "une commande qui lance un programme": {"/Launch"},
    "des fichiers joints": {"/EmbeddedFiles", "/EF", "/FileAttachment"},
    "un formulaire XFA": {"/XFA"},
    "un contenu multimédia": {"/RichMedia", "/Rendition", "/Movie", "/Sound", "/3D"},
    "un envoi ou une reprise de données": {"/SubmitForm", "/ImportData"},
    "un lien vers un autre fichier": {"/GoToR", "/GoToE"},
}
"""What is taken out of a PDF, for people."""


class Cleaned(Struct, frozen=True):
    """An inert copy, and what was taken out of it, in words."""

    pdf: bytes
    removed: tuple[str, ...]


class PdfWorkers:
    """Children kept warm: some look (milliseconds, at each deposit), fewer draw (seconds).

    One that makes PDFs of what people add starts when somebody does.

    Enter it before use. It is shared by all requests, and bounds how much they can ask for.
    """

    def __init__(self, inspectors: int = 2, renderers: int = 1) -> None:
        self.inspectors = Lane(Task.INSPECT, inspectors)
        self.renderers = Lane(Task.RENDER, renderers)
        self.converters = Lane(Task.CONVERT, 1)

    async def __aenter__(self) -> Self:
        self.converters.open_later()
        await asyncio.gather(self.inspectors.open(), self.renderers.open())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        lanes = (self.inspectors, self.renderers, self.converters)
        await asyncio.gather(*(lane.close() for lane in lanes))

    async def inspect(self, pdf: bytes, *, timeout: float = 5) -> PdfFacts:  # noqa: ASYNC109
        """The facts of a sound and passive PDF, or UnreadablePdf, ActivePdf, Unavailable."""
        facts = _expect(PdfFacts, await self.inspectors.ask(pdf, timeout))
        if facts.active:
            raise ActivePdf(facts.active)
        return facts

    async def look(self, figure: bytes, media_type: str, *, timeout: float = 5) -> FigureFacts:  # noqa: ASYNC109
        """The facts of a sound and still image, or UnreadableFigure, Unavailable."""
        answer = await self.inspectors.ask(figure, timeout, KINDS[media_type])
        if isinstance(answer, FigureFacts):
            return answer
        raise UnreadableFigure(answer.flaw if isinstance(answer, Flawed) else Flaw.DAMAGED)

    async def render(self, pdf: bytes, *, timeout: float = 20) -> Rendered:  # noqa: ASYNC109
        """The pages as images with their text, or UnreadablePdf, Unavailable."""
        return _expect(Rendered, await self.renderers.ask(pdf, timeout))

    async def clean(self, pdf: bytes) -> Cleaned:
        """An inert copy of an active PDF, judged again; the refusals of `inspect` otherwise."""
        try:
            await self.inspect(pdf)
        except ActivePdf as found:
            try:
                return Cleaned(await self.convert(Kind.ACTIVE, pdf), in_words(found.names))
            except Unusable as trouble:
                raise found from trouble
        return Cleaned(pdf, ())

    async def convert(self, kind: Kind, content: bytes, *, timeout: float = 15) -> bytes:  # noqa: ASYNC109
        """A passive PDF without hidden facts, or Unusable, ActivePdf, Unavailable."""
        made = await self.converters.ask(content, timeout, kind)
        if not isinstance(made, Made):
            raise Unusable(made.flaw if isinstance(made, Flawed) else Flaw.DAMAGED)
        try:
            await self.inspect(made.pdf)
        except UnreadablePdf as found:
            raise Unusable(found.flaw) from found
        return made.pdf


def in_words(names: Collection[str]) -> tuple[str, ...]:
    """What the names that the inspection found are, each kind once."""
    return tuple(words for words, kinds in WHAT.items() if kinds & set(names))


def _expect(kind: type[A], answer: Answer) -> A:
    if isinstance(answer, kind):
        return answer
    raise UnreadablePdf(answer.flaw if isinstance(answer, Flawed) else Flaw.DAMAGED)
