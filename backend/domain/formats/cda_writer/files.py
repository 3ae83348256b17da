"""Files carried inside a CDA: images of a section, PDF sections, level 1 bodies."""

from base64 import b64encode
from hashlib import sha256
from uuid import NAMESPACE_OID, uuid5

from msgspec.structs import replace

from backend.domain.formats.cda_writer import elements
from backend.domain.formats.cda_writer.elements import Element, code, el
from backend.domain.formats.cda_writer.narrative import content, image
from backend.domain.reports import Media

PDF = "application/pdf"
COPY = ("1.2.250.1.213.1.1.2.243", "55108-5", "Copie du document")
SECOND_LINE = ("1.2.250.1.213.1.1.2.60", "101792-0", "Résultats de laboratoire scannés")


def named(media: tuple[Media, ...]) -> tuple[Media, ...]:
    """Every file with an ID: its own, or its rank."""
    return tuple(
        file if file.id else replace(file, id=f"fichier-{rank}")
        for rank, file in enumerate(media, start=1)
    )


def write_unstructured(media: Media) -> Element:
    """The body of a level 1 document."""
    return el("nonXMLBody", _encoded(media, "text"))


def write_media(media: Media) -> Element:
    """An image of a section (`observationMedia`)."""
    return el(
        "observationMedia",
        elements.templates("2.16.840.1.113883.10.12.304", "1.2.250.1.213.1.1.3.103"),
        _encoded(media, "value"),
        classCode="OBS",
        moodCode="EVN",
        ID=media.id,
    )


def write_pdf_section(pdf: Media, *, copy: bool) -> Element:
    """The signed PDF of the whole report (`copy`), or a second-line report of another place."""
    template, loinc, title = COPY if copy else SECOND_LINE
    words = content(f"titre-{pdf.id}", pdf.title) if pdf.title else None
    return el(
        "section",
        el("templateId", root=template),
        code(loinc, display=title),
        el("title", title),
        el("text", words, image(replace(pdf, title=""))),
        el(
            "entry",
            _attached(pdf, code(loinc, display=title, name="value", xsi_type="CD")),
        ),
    )


def _attached(pdf: Media, kind: Element) -> Element:
    file = el(
        "observationMedia",
        _encoded(pdf, "value"),
        classCode="OBS",
        moodCode="EVN",
        ID=pdf.id,
    )
    return el(
        "organizer",
        el("templateId", root="1.2.250.1.213.1.1.3.18"),
        _number(pdf, "organizer"),
        code("55107-7", display="Document attaché"),
        el("statusCode", code="completed"),
        el("component", _kind_of_file(pdf, kind)),
        el("component", file),
        classCode="CLUSTER",
        moodCode="EVN",
    )


def _kind_of_file(pdf: Media, kind: Element) -> Element:
    return el(
        "observation",
        elements.templates(
            "1.3.6.1.4.1.19376.1.5.3.1.4.13",
            "1.2.250.1.213.1.1.3.48",
            "1.2.250.1.213.1.1.3.48.18",
        ),
        _number(pdf, "observation"),
        code("69764-9", display="Type de document"),
        elements.reference(f"titre-{pdf.id}", "text") if pdf.title else el("text", "Document"),
        el("statusCode", code="completed"),
        el("effectiveTime", nullFlavor="NA"),
        kind,
        classCode="OBS",
        moodCode="EVN",
    )


def _number(pdf: Media, part: str) -> Element:
    """The same for the same file."""
    number = uuid5(NAMESPACE_OID, f"{part}|{pdf.id}|{sha256(pdf.content).hexdigest()}")
    return el("id", root=str(number).upper())


def _encoded(media: Media, name: str) -> Element:
    body = b64encode(media.content).decode("ascii")
    return el(name, body, mediaType=media.media_type, representation="B64")
