"""The paper of a refusal, drawn in a thread: whoever refused, for themselves or for a child."""

from asyncio import to_thread
from datetime import datetime

from backend.services.refusing import Certificate


async def refusal_on_paper(facts: Certificate, at: datetime) -> bytes:
    """« Justificatif d’opposition », as a PDF."""
    return await to_thread(_drawn, facts, at)


def _drawn(facts: Certificate, at: datetime) -> bytes:
    """The loading too: fpdf and its fonts weigh 25 MB, and others wait meanwhile."""
    from backend.web.papers import proof_of_refusal

    return proof_of_refusal(facts.name, facts.birth_date, facts.refused_on, at=at)
