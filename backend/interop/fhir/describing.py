"""What this server can do, for programs: CapabilityStatement, and SMART’s list of its doors."""

from typing import Any

from litestar import Router, get
from litestar.response import Response

from backend.domain.formats.pdsm import Kind
from backend.domain.formats.pdsm.query import DATES, INS, KNOWN, NAMES
from backend.gateways.oauth import CREDENTIALS, EXCHANGE
from backend.interop.fhir.outcomes import JSON, respond
from backend.services.machines import SMART
from backend.services.reading_tokens import SCOPES
from backend.web import Config

PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition"
SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"
OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
MADE_ON = "2026-11-27"
DOCUMENTATION = (
    "Un document CDA R2 de biologie par dépôt. ITI-65 : un Bundle « transaction » d’un lot "
    "(List), d’un DocumentReference et d’un Binary. ITI-105 : le document dans attachment.data. "
    "Le même envoi rend le même reçu, qui est l’id de la ressource. securityLabel : MASQUE_PS, "
    "INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX. Lecture (ITI-66, ITI-67, ITI-68) : un "
    "logiciel lit pour un professionnel, avec le jeton obtenu en échange de celui de Pro Santé "
    "Connect (RFC 8693) ; patient.identifier (INS) et status sont obligatoires, POST est préféré."
)


@get("/metadata", name="interop.fhir.metadata", sync_to_thread=False)
def metadata(config: Config) -> Response[Any]:
    """https://hl7.org/fhir/R4/capabilitystatement.html"""
    return respond(200, capabilities(config.public_url))


@get("/.well-known/smart-configuration", name="interop.fhir.smart", sync_to_thread=False)
def smart(config: Config) -> Response[Any]:
    """https://hl7.org/fhir/smart-app-launch/: backend services."""
    return Response(
        {
            "token_endpoint": f"{config.public_url}/oauth/token",
            "grant_types_supported": [CREDENTIALS, EXCHANGE],
            "token_endpoint_auth_methods_supported": [
                "private_key_jwt",
                "client_secret_basic",
                "client_secret_post",
            ],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256"],
            "scopes_supported": ["deposit:bio", *SMART, *SCOPES],
            "capabilities": ["client-confidential-asymmetric", "client-confidential-symmetric"],
        },
        media_type="application/json",
    )


def capabilities(url: str) -> dict[str, Any]:
    """Nothing that is not done."""
    security = {
        "extension": [
            {"url": OAUTH, "extension": [{"url": "token", "valueUri": f"{url}/oauth/token"}]}
        ],
        "service": [{"coding": [{"system": SERVICE, "code": "SMART-on-FHIR"}]}],
    }
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": MADE_ON,
        "kind": "instance",
        "software": {"name": "Repères"},
        "implementation": {"description": "Repères, documents de santé", "url": f"{url}/fhir"},
        "fhirVersion": "4.0.1",
        "format": ["json", JSON],
        "rest": [
            {
                "mode": "server",
                "documentation": DOCUMENTATION,
                "security": security,
                "resource": _resources(),
                "interaction": [{"code": "transaction"}],
            }
        ],
    }


def _resources() -> list[dict[str, Any]]:
    """What may be done with each."""
    document = {
        "type": "DocumentReference",
        "supportedProfile": [
            f"{PDSM}/pdsm-comprehensive-document-reference",
            f"{PDSM}/pdsm-simplified-publish",
        ],
        "interaction": [{"code": "create"}, {"code": "search-type"}],
        "versioning": "no-version",
        "searchParam": _parameters(Kind.DOCUMENTS),
    }
    lot = {
        "type": "List",
        "supportedProfile": [f"{PDSM}/pdsm-submissionset-comprehensive"],
        "interaction": [{"code": "search-type"}],
        "searchParam": _parameters(Kind.LOTS),
    }
    binary = {"type": "Binary", "interaction": [{"code": "read"}]}
    return [document, lot, binary]


def _parameters(kind: Kind) -> list[dict[str, str]]:
    """Each that is understood, and of which type."""
    names = sorted(one for one in KNOWN[kind] | {INS} if ":" not in one)
    return [{"name": name, "type": _type(name)} for name in names]


def _type(name: str) -> str:
    if name in DATES:
        return "date"
    return "string" if name in NAMES else "reference" if name == "related" else "token"


router = Router("/", route_handlers=[metadata, smart], opt={"anonymous": True})
