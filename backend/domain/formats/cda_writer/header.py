"""The CDA header (CI-SIS, structuration minimale and CR-BIO): what, when, about which act."""

from lxml import etree

from backend.domain.formats.cda_writer import elements
from backend.domain.formats.cda_writer.elements import Element, code, el, instance
from backend.domain.formats.cda_writer.people import assigned, write_people
from backend.domain.reports import Header, Identifier, Report, ReportStatus

FRANCE = ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1")
LEVEL_ONE = "1.3.6.1.4.1.19376.1.2.20"
XD_LAB = "1.3.6.1.4.1.19376.1.3.3"
CR_BIO = "1.2.250.1.213.1.1.1.55"
TROD = "1.2.250.1.213.1.1.1.59"
EDITIONS = {CR_BIO: "2024.01", TROD: "2024.01"}
TROD_TYPE = "96173-0"
LABELS = {
    "11502-2": "CR d'examens biologiques",
    TROD_TYPE: "Test rapide d'orientation diagnostique",
}
"""Letter by letter those of JDV_J07, which schematrons compare."""
CONFIDENTIALITY = {"N": "Normal", "R": "Restreint", "V": "Très restreint"}


def template_roots(report: Report) -> tuple[str, ...]:
    """The templates of the document: those its header names, else those of its kind."""
    if report.header.templates:
        return report.header.templates
    if report.level == 1:
        return (*FRANCE, LEVEL_ONE)
    if report.header.type_code == TROD_TYPE:
        return (*FRANCE, TROD)
    return (*FRANCE, XD_LAB, CR_BIO)


def write_header(report: Report, act_code: str, act_title: str) -> list[Element]:
    """Every element before the body, in the order of the schema."""
    header = report.header
    return [
        *_document(report),
        *write_people(header),
        _documentation(header, act_code, act_title),
        *[_replaced(parent, header) for parent in header.replaces],
        _encounter(header),
    ]


def _document(report: Report) -> list[Element]:
    header = report.header
    label = CONFIDENTIALITY.get(header.confidentiality, header.confidentiality)
    return [
        el("realmCode", code="FR"),
        el("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
        *[_template(root) for root in template_roots(report)],
        instance(header.id),
        code(header.type_code, display=_type_label(header), system=header.type_system),
        el("title", header.title),
        elements.time(header.created, "effectiveTime"),
        code(
            header.confidentiality,
            display=label,
            system="2.16.840.1.113883.5.25",
            name="confidentialityCode",
        ),
        el("languageCode", code="fr-FR"),
        *([instance(header.set_id, "setId")] if header.set_id else []),
        *([el("versionNumber", value=str(header.version))] if header.version else []),
    ]


def _template(root: str) -> Element:
    return instance(Identifier(root, EDITIONS.get(root, "")), "templateId")


def _type_label(header: Header) -> str:
    return LABELS.get(header.type_code, header.title)


def _setting() -> Element:
    return code(
        "AMBULATOIRE",
        display="Ambulatoire",
        system="1.2.250.1.213.1.1.4.9",
        name="standardIndustryClassCode",
    )


def _documentation(header: Header, act_code: str, act_title: str) -> Element:
    status = etree.Element(f"{{{elements.LAB}}}statusCode")
    status.set("code", "active" if header.status is ReportStatus.PARTIAL else "completed")
    performer = el(
        "performer",
        el("templateId", root="1.3.6.1.4.1.19376.1.3.3.1.7"),
        elements.interval(high=header.validated_at or header.created),
        assigned(header, _setting()),
        typeCode="PRF",
    )
    event = el(
        "serviceEvent",
        instance(header.id),
        code(act_code, display=act_title),
        status,
        elements.interval(header.sampled_at or header.created, header.created, "effectiveTime"),
        performer,
    )
    return el("documentationOf", event)


def _replaced(parent: Identifier, header: Header) -> Element:
    """The version that this document takes the place of."""
    old = el(
        "parentDocument",
        instance(parent),
        instance(header.set_id, "setId") if header.set_id else None,
    )
    return el("relatedDocument", old, typeCode="RPLC")


def _encounter(header: Header) -> Element:
    facility = el(
        "healthCareFacility",
        code(
            "SA25",
            display="Laboratoire de biologie médicale",
            system="1.2.250.1.71.4.2.4",
        ),
        el(
            "location",
            el("name", header.performer.name),
            elements.address(header.performer.city),
        ),
    )
    encounter = el(
        "encompassingEncounter",
        code("AMB", display="Ambulatoire", system="2.16.840.1.113883.5.4"),
        elements.interval(low=header.sampled_at or header.created, name="effectiveTime"),
        el("responsibleParty", assigned(header)),
        el("location", facility),
    )
    return el("componentOf", encounter)
