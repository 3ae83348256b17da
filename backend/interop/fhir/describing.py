"""What this server can do, for programs: CapabilityStatement, and SMART’s list of its doors."""

from typing import Any

from litestar import Router, get
from litestar.response import Response

from backend.interop.fhir.outcomes import JSON, respond
from backend.services.machines import SMART
from backend.web import Config

PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition"
SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"
OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
MADE_ON = "2026-11-27"
DOCUMENTATION = (
    "Un document CDA R2 de biologie par dépôt. ITI-65 : un Bundle « transaction » d’un lot "
    "(List), d’un DocumentReference et d’un Binary. ITI-105 : le document dans attachment.data. "
    "Le même envoi rend le même reçu, qui est l’id de la ressource. securityLabel : MASQUE_PS, "
    "INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX."
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
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": [
                "private_key_jwt",
                "client_secret_basic",
                "client_secret_post",
            ],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256"],
            "scopes_supported": ["deposit:bio", *SMART],
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
    document = {
        "type": "DocumentReference",
        "supportedProfile": [
            f"{PDSM}/pdsm-comprehensive-document-reference",
            f"{PDSM}/pdsm-simplified-publish",
        ],
        "interaction": [{"code": "create"}],
        "versioning": "no-version",
    }
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": MADE_ON,
        "kind": "instance",
        "software": {"name": "Repères"},
        "implementation": {"description": "Repères, dépôt de documents", "url": f"{url}/fhir"},
        "fhirVersion": "4.0.1",
        "format": ["json", JSON],
        "rest": [
            {
                "mode": "server",
                "documentation": DOCUMENTATION,
                "security": security,
                "resource": [document],
                "interaction": [{"code": "transaction"}],
            }
        ],
    }


router = Router("/", route_handlers=[metadata, smart], opt={"anonymous": True})
