"""`/demo/fichiers`: reports of today that nobody has deposited yet, to deposit by hand."""

from asyncio import to_thread
from datetime import datetime
from uuid import uuid4

from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Response
from msgspec.structs import replace

from backend.domain.errors import NotFound
from backend.domain.formats.cda_writer import write_cda
from backend.domain.reports import Identifier
from backend.storage.db import utcnow

KINDS = {"xml": "application/xml", "pdf": "application/pdf"}
SAMPLES = frozenset({"laura.xml", "laura.pdf", "karim.xml"})


@get("/fichiers/{name:str}", name="demo.samples.take", anonymous=True)
async def take(name: FromPath[str]) -> Response[bytes]:
    """Another document each time: the same one is deposited once. Drawing may take seconds."""
    if name not in SAMPLES:
        raise NotFound
    whose, _, kind = name.partition(".")
    content = await to_thread(_make, whose, kind, utcnow())
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=KINDS[kind], headers=headers)


def _make(whose: str, kind: str, now: datetime) -> bytes:
    """The first report of theirs, as if it were made now."""
    from backend.demo.pdf import report_pdf  # 25 MB, that most processes never need
    from backend.demo.reports.family import family_deposits
    from backend.demo.reports.laura import laura_deposits

    sent = laura_deposits if whose == "laura" else family_deposits
    report = next(one.report for one in sent(now.date()))
    number = Identifier(f"2.25.{uuid4().int}")
    header = replace(report.header, id=number, set_id=number, created=now, sampled_at=now)
    results = tuple(replace(one, on=None) for one in report.results)
    report = replace(report, header=header, results=results)
    return report_pdf(report) if kind == "pdf" else write_cda(report)


router = Router("/", route_handlers=[take])
