"""PDF files looked at and drawn: always in child processes, never where the keys are."""

import asyncio
from types import TracebackType
from typing import Self, TypeVar

from backend.domain.errors import Refused
from backend.gateways.pdf_lanes import Lane
from backend.gateways.pdf_process.wire import (
    Answer,
    Flaw,
    Flawed,
    Page,
    PdfFacts,
    Rendered,
    Task,
)

__all__ = ["ActivePdf", "Flaw", "Page", "PdfFacts", "PdfWorkers", "Rendered", "UnreadablePdf"]

A = TypeVar("A", PdfFacts, Rendered)

SENTENCES = {
    Flaw.EMPTY: "Ce fichier est vide.",
    Flaw.NOT_PDF: "Ce fichier n’est pas un PDF, ou pas seulement un PDF.",
    Flaw.DAMAGED: "Ce PDF est abîmé ou incomplet.",
    Flaw.ENCRYPTED: "Ce PDF est chiffré ou protégé. Déposez-le sans protection.",
    Flaw.TOO_MANY_PAGES: "Ce PDF a plus de 50 pages.",
    Flaw.TOO_HEAVY: "Ce PDF demande trop de temps ou de mémoire pour être affiché.",
}


class UnreadablePdf(Refused):
    """The file cannot be kept and shown for years: not a PDF, damaged, protected, far too big."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(SENTENCES[flaw])
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


class PdfWorkers:
    """Children kept warm: some look (milliseconds, at each deposit), fewer draw (seconds).

    Enter it before use. It is shared by all requests, and bounds how much they can ask for.
    """

    def __init__(self, inspectors: int = 2, renderers: int = 1) -> None:
        self.inspectors = Lane(Task.INSPECT, inspectors)
        self.renderers = Lane(Task.RENDER, renderers)

    async def __aenter__(self) -> Self:
        await asyncio.gather(self.inspectors.open(), self.renderers.open())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.gather(self.inspectors.close(), self.renderers.close())

    async def inspect(self, pdf: bytes, *, timeout: float = 5) -> PdfFacts:  # noqa: ASYNC109
        """The facts of a sound and passive PDF, or UnreadablePdf, ActivePdf, Unavailable."""
        facts = _expect(PdfFacts, await self.inspectors.ask(pdf, timeout))
        if facts.active:
            raise ActivePdf(facts.active)
        return facts

    async def render(self, pdf: bytes, *, timeout: float = 20) -> Rendered:  # noqa: ASYNC109
        """The pages as images with their text, or UnreadablePdf, Unavailable."""
        return _expect(Rendered, await self.renderers.ask(pdf, timeout))


def _expect(kind: type[A], answer: Answer) -> A:
    if isinstance(answer, kind):
        return answer
    raise UnreadablePdf(answer.flaw if isinstance(answer, Flawed) else Flaw.DAMAGED)
