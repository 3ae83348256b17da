"""Fragments of CDA documents, made by hand."""

from base64 import b64encode

from backend.domain.formats.cda import read_cda
from backend.domain.reports import Header, Result

LOINC = 'codeSystem="2.16.840.1.113883.6.1"'
INS = '<id root="1.2.250.1.213.1.4.10" extension="291054410900183"/>'
PDF = b64encode(b"%PDF-1.7 signed").decode()


def document(body: str, **parts: str) -> bytes:
    """The least document that can be filed; `parts` replace those of its header."""
    known = {
        "id": '<id root="2.25.17" extension="A1"/>',
        "time": '<effectiveTime value="20261112080530+0100"/>',
        "patient": f"<recordTarget><patientRole>{INS}</patientRole></recordTarget>",
        "more": "",
        "event": "",
    } | parts
    return (
        '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:lab="urn:oid:1.3.6.1.4.1.19376.1.3.2"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'{known["id"]}<code code="11502-2" {LOINC}/>{known["time"]}{known["more"]}'
        f"{known['patient']}{known['event']}<component>{body}</component></ClinicalDocument>"
    ).encode()


def file(content: str = PDF, kind: str = "application/pdf") -> str:
    text = f'<text mediaType="{kind}" representation="B64">{content}</text>'
    return f"<nonXMLBody>{text}</nonXMLBody>"


def chapter(entries: str, text: str = "", code: str = "18719-5") -> str:
    return (
        f'<structuredBody><component><section><code code="{code}"/><text>{text}</text>'
        f"<entry><act>{entries}</act></entry></section></component></structuredBody>"
    )


def observation(inside: str, code: str = f'<code code="1558-6" {LOINC}/>') -> str:
    return (
        "<entryRelationship><observation>"
        f'<templateId root="1.3.6.1.4.1.19376.1.3.1.6"/>{code}{inside}'
        "</observation></entryRelationship>"
    )


def result(
    inside: str, code: str = f'<code code="1558-6" {LOINC}/>', text: str = "", **parts: str
) -> Result:
    (found,) = read_cda(document(chapter(observation(inside, code), text), **parts)).results
    return found


def header(**parts: str) -> Header:
    return read_cda(document(file(), **parts)).header


def media(content: str, kind: str) -> str:
    return (
        f'<observationMedia ID="{kind}"><value mediaType="{kind}" representation="B64">'
        f"{content}</value></observationMedia>"
    )
