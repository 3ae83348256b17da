"""The people and structures of a CDA header."""

from backend.domain.formats.cda_writer import elements
from backend.domain.formats.cda_writer.elements import Child, Element, code, el, instance
from backend.domain.reports import Header, Identifier, Person


def write_people(header: Header) -> list[Element]:
    """Patient, author, custodian, legal authenticator, prescriber, general practitioner."""
    return [
        _patient(header),
        _author(header),
        el(
            "custodian",
            el(
                "assignedCustodian",
                elements.organisation(header.custodian, "representedCustodianOrganization"),
            ),
        ),
        _authenticator(header),
        *_participants(header),
    ]


def _patient(header: Header) -> Element:
    who = header.patient
    ins = Identifier(who.oid, who.matricule)
    local = [identifier for identifier in header.patient_ids if identifier != ins]
    ids = [instance(identifier) for identifier in ([ins] if who.matricule else []) + local]
    names = el(
        "name",
        el("family", who.birth_name, qualifier="BR"),
        el("given", who.given_names) if who.given_names else None,
        el("given", who.first_given, qualifier="BR") if who.first_given else None,
        el("family", who.used_name, qualifier="CL") if who.used_name else None,
        el("given", who.used_given, qualifier="CL") if who.used_given else None,
    )
    patient = el(
        "patient",
        names,
        code(who.sex, system="2.16.840.1.113883.5.1", name="administrativeGenderCode"),
        elements.time(who.birth_date, "birthTime"),
        _birthplace(who.birthplace),
        classCode="PSN",
    )
    role = el(
        "patientRole",
        ids,
        el("addr", nullFlavor="UNK"),
        el("telecom", nullFlavor="UNK"),
        patient,
    )
    return el("recordTarget", role)


def _birthplace(cog: str) -> Element | None:
    return el("birthplace", el("place", el("addr", el("county", cog)))) if cog else None


def _author(header: Header) -> Element:
    assigned = el(
        "assignedAuthor",
        elements.person_id(header.author),
        elements.profession(header.author),
        elements.nothing("addr"),
        elements.telecom(header.author_organisation.phone),
        el("assignedPerson", elements.person_name(header.author)),
        elements.organisation(header.author_organisation, "representedOrganization"),
    )
    return el("author", elements.time(header.created), assigned)


def assigned(header: Header, *more: Child) -> Element:
    """The biologist who answers for the report, in the laboratory that did it."""
    known = bool(header.authenticator.profession)
    return el(
        "assignedEntity",
        elements.person_id(header.authenticator),
        elements.profession(header.authenticator) if known else el("code", nullFlavor="UNK"),
        elements.nothing("addr"),
        elements.telecom(header.performer.phone),
        el("assignedPerson", elements.person_name(header.authenticator)),
        elements.organisation(header.performer, "representedOrganization", *more),
    )


def _authenticator(header: Header) -> Element:
    when = elements.time(header.validated_at)
    return el("legalAuthenticator", when, el("signatureCode", code="S"), assigned(header))


def _participants(header: Header) -> list[Element]:
    found = []
    if header.prescriber != Person():
        template = el("templateId", root="1.3.6.1.4.1.19376.1.3.3.1.6")
        found.append(_participant(header, "REF", template))
    if header.general_practitioner != Person():
        function = code(
            "PCP",
            display="Médecin traitant",
            system="2.16.840.1.113883.5.88",
            name="functionCode",
        )
        found.append(_participant(header, "INF", function))
    return found


def _participant(header: Header, kind: str, role: Element) -> Element:
    """A `participant`: the prescriber (REF) or the general practitioner (INF)."""
    person = header.prescriber if kind == "REF" else header.general_practitioner
    period = elements.interval(high=header.sampled_at or header.created)
    period.set(f"{{{elements.XSI}}}type", "IVL_TS")
    entity = el(
        "associatedEntity",
        elements.person_id(person),
        elements.profession(person),
        elements.nothing("addr"),
        elements.nothing("telecom"),
        el("associatedPerson", elements.person_name(person)),
        classCode="PROV",
    )
    return el("participant", role, period, entity, typeCode=kind)
