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

SAMPLES = {
    "laura.xml": ("laura-bilan-sanguin-v1", "application/xml"),
    "laura.pdf": ("laura-bilan-sanguin-v1", "application/pdf"),
    "karim.xml": ("karim-bilan-v1", "application/xml"),
}


@get("/fichiers/{name:str}", name="demo.samples.take")
async def take(name: FromPath[str]) -> Response[bytes]:
    """Another document each time: the same one is deposited once."""
    if name not in SAMPLES:
        raise NotFound
    report, kind = SAMPLES[name]
    content = await to_thread(_make, report, kind, utcnow())
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


def _make(name: str, kind: str, now: datetime) -> bytes:
    from backend.demo.pdf import report_pdf  # 25 MB, that most processes never need
    from backend.demo.reports import demo_reports

    report = next(one.report for one in demo_reports(now.date()) if one.name == name)
    number = Identifier(f"2.25.{uuid4().int}")
    header = replace(report.header, id=number, set_id=number, created=now, sampled_at=now)
    report = replace(report, header=header)
    return report_pdf(report) if kind == "application/pdf" else write_cda(report)


router = Router("/", route_handlers=[take])
