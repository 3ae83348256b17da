"""HL7 messages to deposit, as many as wanted, all different: 25 kB and 300 kB documents."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import cycle
from random import Random
from uuid import uuid4

from msgspec.structs import replace
from pikepdf import Pdf, Stream

from backend.demo.people import Laboratory
from backend.demo.reports import DemoDeposit, demo_reports
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.hl7v2_writer import Action, Envelope, write_oru
from backend.domain.reports import Report, Traits

TODAY = date(2026, 11, 23)
PDF = "application/pdf"
PLACE = b"7" * 20
"""Where the number of each document goes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A report of the demonstration, brought to a size."""

    name: str
    base: str
    size: int = 0
    """Bytes of the document with its PDF; 0: without PDF."""
    results: int = 100


SMALL = Kind("25 kB", "laura-bilan-sanguin-v1", results=12)
LARGE = Kind("300 kB", "laura-bilan-sanguin-v1", size=300_000)
WIDE = Kind("47 results", "dominique-bilan-complet-v1")


def laboratory_of(kind: Kind) -> Laboratory:
    """Who deposits it."""
    return _base(kind).laboratory


def make_writer(kind: Kind, patients: Sequence[Traits]) -> Callable[[], bytes]:
    """A function that gives a new message at each call, for each patient in turn."""
    sent = _base(kind)
    report = _of_size(sent.report, kind)
    writers = cycle([_writer(sent, _about(report, traits)) for traits in patients])

    def write() -> bytes:
        return next(writers)()

    return write


def _writer(sent: DemoDeposit, report: Report) -> Callable[[], bytes]:
    """The base64 of what does not change is made once: the load must cost less than its target."""
    document = write_cda(report)
    end = document.rindex(PLACE) + len(PLACE)
    head = document[: end + (-end % 3)]
    message = write_oru(report.header, document, _envelope(sent))
    before, after = message.split(b64encode(head), 1)

    def write() -> bytes:
        number = f"2{uuid4().int % 10**19:019}".encode()
        middle = b64encode(head.replace(PLACE, number))
        return b"".join((before.replace(PLACE, number), middle, after))

    return write


def _base(kind: Kind) -> DemoDeposit:
    return next(sent for sent in demo_reports(TODAY) if sent.name == kind.base)


def _about(report: Report, traits: Traits) -> Report:
    name = replace(report.header.id, extension=PLACE.decode())
    header = replace(report.header, id=name, set_id=name, patient=traits, patient_ids=())
    return replace(report, header=header)


def _of_size(report: Report, kind: Kind) -> Report:
    """The report with as much scanned paper as the size needs, or without its PDF."""
    others = tuple(media for media in report.media if media.media_type != PDF)
    if not kind.size:
        return replace(report, media=others, results=report.results[: kind.results])
    (paper,) = (media for media in report.media if media.media_type == PDF)
    missing = kind.size - len(write_cda(report))
    with Pdf.open(BytesIO(paper.content)) as pdf:
        noise = Random(TODAY.toordinal()).randbytes(missing * 3 // 4)
        pdf.pages[0].obj["/Reperes"] = pdf.make_indirect(Stream(pdf, noise))
        out = BytesIO()
        pdf.save(out)
    return replace(report, media=(*others, replace(paper, content=out.getvalue())))


def _envelope(sent: DemoDeposit) -> Envelope:
    return Envelope(
        control_id=PLACE.decode(),
        sent_at=datetime.now(UTC),
        sender=sent.report.header.authenticator,
        organisation=sent.laboratory.structure,
        action=Action.NEW,
        flags={"DESTDMP": True},
    )
