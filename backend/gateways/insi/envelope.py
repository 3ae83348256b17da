"""What is sent to INSi: the envelope of the SESAM-Vitale framework around one question.

The verifying operation is known by its fields only: its names are to be checked against the
publisher’s WSDL before any homologation.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID, uuid4

from lxml import etree
from msgspec import Struct

from backend.domain.formats.xml import Malformed, parse_closed
from backend.gateways.insi.answers import Element, Number
from backend.settings import InsiAccess

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
BAM = "urn:siram:bam:ctxbam"
LPS = "urn:siram:lps:ctxlps"
BY_TRAITS = "http://www.cnamts.fr/INSiRecSans"
BY_CARD = "http://www.cnamts.fr/INSiRecVit"
CHECKING = "http://www.cnamts.fr/INSiLot2/REQUnitaire"
PREFIXES = {"soap": SOAP, "wsa": WSA, "ctxbam": BAM, "ctxlps": LPS}
SERVICE = "urn:ServiceIdentiteCertifiee:1.0.0:"
ACTIONS = {
    "traits": f"{SERVICE}rechercherInsAvecTraitsIdentite",
    "card": f"{SERVICE}rechercherInsAvecCarteVitale",
    "verify": f"{SERVICE}verifierInsAvecTraitsIdentite",
}
SOFTWARE, VERSION = "reperes", "1"
LARGEST_ASSERTION = 50_000


class ByTraits(Struct, frozen=True):
    """One given name a call: the others are for the next calls."""

    birth_name: str
    given: str
    sex: str
    birth_date: date
    birthplace: str = ""


class ByCard(Struct, frozen=True):
    """What a carte Vitale says: under whose number, born when."""

    opener: str
    """Matricule of the assuré, 13 characters."""
    birth_date: date
    rank: int = 1
    """Among children born the same day."""
    own: str = ""
    """The person’s own, when the card knows it."""
    birth_name: str = ""


@dataclass(frozen=True)
class Message:
    """One question, with what the header says of it."""

    id: UUID
    at: datetime
    sender: str
    """`1` and the FINESS of who asks."""
    asked: object
    security: Element | None = None
    """The assertion of a CPx card; none when the organisation’s certificate suffices."""

    @cached_property
    def operation(self) -> str:
        """Which of the three."""
        match self.asked:
            case ByTraits():
                return "traits"
            case ByCard():
                return "card"
            case _:
                return "verify"


def write_envelope(message: Message, access: InsiAccess) -> bytes:
    """The whole request."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap=PREFIXES)
    header = etree.SubElement(envelope, f"{{{SOAP}}}Header")
    if message.security is not None:
        etree.SubElement(header, f"{{{WSSE}}}Security").append(message.security)
    _write_bam(header, message)
    _write_lps(header, message, access)
    _add(header, WSA, "Action", ACTIONS[message.operation])
    _add(header, WSA, "MessageID", f"uuid:{message.id}")
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    match message.asked:
        case ByTraits() as asked:
            _write_traits(etree.SubElement(body, f"{{{BY_TRAITS}}}RECSANSVITALE"), asked)
        case ByCard() as asked:
            _write_card(etree.SubElement(body, f"{{{BY_CARD}}}RECVITALE"), asked)
        case (Number() as number, ByTraits() as traits, str() as names):
            _write_check(body, number, traits, names)
        case _:
            raise TypeError(message.asked)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def read_assertion(data: bytes) -> Element:
    """A SAML 2.0 assertion, exactly as it was signed; Malformed when it is something else."""
    root = parse_closed(data, limit=LARGEST_ASSERTION)
    if root.tag != f"{{{SAML}}}Assertion":
        raise Malformed("Ce n’est pas une assertion SAML 2.0.")
    return root


def _write_bam(header: Element, message: Message) -> None:
    context = etree.SubElement(header, f"{{{BAM}}}ContexteBAM", Version="01_02", Nature="CTXBAM")
    _write_context(context, BAM, message)
    etree.SubElement(context, f"{{{BAM}}}COUVERTURE")


def _write_lps(header: Element, message: Message, access: InsiAccess) -> None:
    context = etree.SubElement(header, f"{{{LPS}}}ContexteLPS", Nature="CTXLPS", Version="01_00")
    _write_context(context, LPS, message)
    software = etree.SubElement(context, f"{{{LPS}}}LPS")
    _add(software, LPS, "IDAM", access.idam).set("R", "4")
    _add(software, LPS, "Version", VERSION)
    _add(software, LPS, "Instance", access.instance)
    _add(software, LPS, "Nom", f"urn:lps:{SOFTWARE}:{VERSION}")


def _write_context(context: Element, space: str, message: Message) -> None:
    _add(context, space, "Id", str(uuid4()))
    at = message.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    _add(context, space, "Temps", at)
    _add(context, space, "Emetteur", message.sender)


def _write_traits(parent: Element, asked: ByTraits, names: str = "") -> None:
    space = etree.QName(parent).namespace or ""
    _add(parent, space, "NomNaissance", asked.birth_name)
    _add(parent, space, "ListePrenom" if names else "Prenom", names or asked.given)
    _add(parent, space, "Sexe", asked.sex)
    _add(parent, space, "DateNaissance", asked.birth_date.isoformat())
    if asked.birthplace:
        _add(parent, space, "LieuNaissance", asked.birthplace)


def _write_card(parent: Element, asked: ByCard) -> None:
    for name, number in (("MatriculeIndividu", asked.own), ("MatriculeOD", asked.opener)):
        if number:
            matricule = etree.SubElement(parent, f"{{{BY_CARD}}}{name}")
            _add(matricule, BY_CARD, "NumIdentifiant", number[:13])
    if asked.birth_name:
        _add(parent, BY_CARD, "NomNaissance", asked.birth_name)
    _add(parent, BY_CARD, "DateNaissance", asked.birth_date.isoformat())
    _add(parent, BY_CARD, "RangNaissance", str(asked.rank))


def _write_check(body: Element, number: Number, traits: ByTraits, names: str) -> None:
    asked = etree.SubElement(body, f"{{{CHECKING}}}REQUETE")
    person = etree.SubElement(asked, f"{{{CHECKING}}}IndividuVerifie")
    given = etree.SubElement(person, f"{{{CHECKING}}}INSFourni")
    matricule = etree.SubElement(given, f"{{{CHECKING}}}IdIndividu")
    _add(matricule, CHECKING, "NumIdentifiant", number.matricule[:13])
    _add(matricule, CHECKING, "Cle", number.matricule[13:])
    _add(given, CHECKING, "OID", number.oid)
    _write_traits(etree.SubElement(person, f"{{{CHECKING}}}TraitsIdentiteIndividu"), traits, names)


def _add(parent: Element, space: str, name: str, text: str) -> Element:
    child = etree.SubElement(parent, f"{{{space}}}{name}")
    child.text = text
    return child
