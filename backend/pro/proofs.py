"""A proof of deposit as a PDF, drawn in a thread, for whichever page it is taken from."""

from asyncio import to_thread
from datetime import datetime

from litestar.response import Response

from backend.services.dispatches.overseeing import Followed
from backend.services.proofs import Deposited


async def taken(
    deposited: Deposited, sent: Followed | None, name: str, at: datetime
) -> Response[bytes]:
    """One sheet under this name; with `sent`, what became of a dispatch too."""
    pdf = await to_thread(_drawn, deposited, sent, at)
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


def _drawn(deposited: Deposited, sent: Followed | None, at: datetime) -> bytes:
    """The loading too: fpdf and its fonts weigh 25 MB, and others wait meanwhile."""
    from backend.web.deposit_papers import proof_of_deposit

    return proof_of_deposit(deposited, sent, at=at)
