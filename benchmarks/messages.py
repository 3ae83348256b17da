"""HL7 messages to deposit, as many as wanted, all different: 25 kB and 300 kB documents."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from random import Random
from uuid import uuid4

from msgspec.structs import replace
from pikepdf import Pdf, Stream

from backend.demo.people import Laboratory
from backend.demo.reports import DemoDeposit, demo_reports
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.hl7v2_writer import Action, Envelope, write_oru
from backend.domain.reports import Report

TODAY = date(2026, 11, 23)
BASE = "laura-bilan-sanguin-v1"
KILO = 1000
PDF = "application/pdf"
PLACE = "7" * 20


@dataclass(frozen=True, slots=True)
class Kind:
    """A document of this many bytes, as its laboratory signs it."""

    name: str
    size: int
    pdf: bool


SMALL = Kind("25 kB", 25 * KILO, pdf=False)
LARGE = Kind("300 kB", 300 * KILO, pdf=True)


def make_writer(kind: Kind) -> tuple[Laboratory, Callable[[], bytes]]:
    """The laboratory that deposits, and a function that gives a new message at each call."""
    sent = next(sent for sent in demo_reports(TODAY) if sent.name == BASE)
    document = write_cda(_named(_of_size(sent.report, kind), PLACE))

    def write() -> bytes:
        number = f"2{uuid4().int % 10**19:019}"
        content = document.replace(PLACE.encode(), number.encode())
        return write_oru(sent.report.header, content, _envelope(sent, number))

    return sent.laboratory, write


def _named(report: Report, number: str) -> Report:
    name = replace(report.header.id, extension=number)
    return replace(report, header=replace(report.header, id=name, set_id=name))


def _of_size(report: Report, kind: Kind) -> Report:
    """The report with as much scanned paper as the size needs, or without its PDF."""
    files = tuple(media for media in report.media if media.media_type == PDF)
    if not kind.pdf:
        return replace(report, media=(), results=report.results[:12])
    missing = kind.size - len(write_cda(report))
    with Pdf.open(BytesIO(files[-1].content)) as pdf:
        noise = Random(TODAY.toordinal()).randbytes(missing * 3 // 4)
        pdf.pages[0].obj["/Reperes"] = pdf.make_indirect(Stream(pdf, noise))
        out = BytesIO()
        pdf.save(out)
    others = tuple(media for media in report.media if media.media_type != PDF)
    return replace(report, media=(*others, replace(files[-1], content=out.getvalue())))


def _envelope(sent: DemoDeposit, number: str) -> Envelope:
    return Envelope(
        control_id=number,
        sent_at=datetime.now(UTC),
        sender=sent.report.header.authenticator,
        organisation=sent.laboratory.structure,
        action=Action.NEW,
        flags={"DESTDMP": True},
    )
