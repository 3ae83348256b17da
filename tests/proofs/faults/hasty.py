"""`reperes`, broken on purpose: on a line it acknowledges first, and files a little later."""

import asyncio
import sys
from typing import Any

from litestar.response import Response

from backend.cli import main
from backend.domain.formats.hl7v2 import read_msh, write_ack
from backend.interop import hl7v2
from backend.interop.mllp import answering
from backend.storage.db import utcnow

LATER = 1.0
filing: set["asyncio.Task[None]"] = set()


async def hasty(*asked: Any) -> Response[bytes]:
    async def file() -> None:
        await asyncio.sleep(LATER)
        await hl7v2.answer(*asked)

    task = asyncio.create_task(file())
    filing.add(task)
    task.add_done_callback(filing.discard)
    msh, receipt = read_msh(asked[-1]), "R-20261127-0000000000"
    return Response(write_ack(msh, "AA", control_id="1", at=utcnow(), receipt=receipt))


if __name__ == "__main__":
    setattr(answering, "answer", hasty)  # noqa: B010 - it is imported there under its own name
    sys.exit(main())
