"""`/demo/fichiers`: reports of today that nobody has deposited yet, to deposit by hand."""

from asyncio import to_thread
from datetime import datetime
from io import BytesIO
from uuid import uuid4

from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Response
from msgspec.structs import replace

from backend.domain.calendar import civil_day
from backend.domain.errors import NotFound
from backend.domain.formats.cda_writer import write_cda
from backend.domain.reports import Identifier
from backend.storage.db import utcnow

KINDS = {"xml": "application/xml", "pdf": "application/pdf"}
SAMPLES = frozenset({"laura.xml", "laura.pdf", "laura-active.pdf", "karim.xml"})


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

    sent = family_deposits if whose == "karim" else laura_deposits
    report = next(one.report for one in sent(civil_day(now)))
    number = Identifier(f"2.25.{uuid4().int}")
    header = replace(report.header, id=number, set_id=number, created=now, sampled_at=now)
    results = tuple(replace(one, on=None) for one in report.results)
    report = replace(report, header=header, results=results)
    if whose == "laura-active":
        return _with_a_script(report_pdf(report))
    return report_pdf(report) if kind == "pdf" else write_cda(report)


def _with_a_script(pdf: bytes) -> bytes:
    """As forms that calculate have, and some software leaves behind: it is to be cleaned."""
    import pikepdf  # as seldom

    with pikepdf.open(BytesIO(pdf)) as document:
        document.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS=pikepdf.String("this.print()")
        )
        document.attachments["resultats.csv"] = b"analyse;valeur"
        out = BytesIO()
        document.save(out)
    return out.getvalue()


router = Router("/", route_handlers=[take])
