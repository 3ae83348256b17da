"""`GET /api/openapi.json`: the doors for machines, described for whoever connects to them.

Written by hand: what a message or a form must hold is decided by HL7 and OAuth, not by a type.
"""

from typing import Any

from litestar import Router, get
from litestar.response import Response

from backend.gateways.oauth import CREDENTIALS, EXCHANGE

HL7 = "application/hl7-v2"
FHIR = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
TEXT = {"type": "string"}


def _ack(description: str) -> dict[str, Any]:
    return {"description": description, "content": {HL7: {"schema": TEXT}}}


def _json(description: str, **fields: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": fields, "required": list(fields)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


OAUTH_ERROR = {"error": TEXT, "error_description": TEXT}
DEPOSIT: dict[str, Any] = {
    "operationId": "deposit",
    "summary": "Deposit, replace or withdraw a report: one HL7 v2 message in, one ACK out",
    "description": "ORU^R01 (2.5) or MDM^T02, T10, T04 (2.6) carrying a CDA R2 in base64. "
    "MSA-1 is AA once it is durable, AE when sending it again is useless, AR when it is our fault.",
    "security": [{"oauth": ["deposit:bio"]}],
    "requestBody": {"required": True, "content": {HL7: {"schema": TEXT}}},
    "responses": {
        "200": _ack("AA or AE"),
        "400": _ack("not HTTP that we read"),
        "401": _ack("AE: no token, or one that is over")
        | {"headers": {"WWW-Authenticate": {"schema": TEXT}}},
        "413": _ack("AE: too large"),
        "503": _ack("AR: busy or down, send it again later")
        | {"headers": {"Retry-After": {"schema": {"type": "integer"}}}},
    },
}
GIVE = {
    "operationId": "nextAcknowledgement",
    "summary": "The oldest ZAM^Z02 or ZAM^Z03 that was asked for, until its ACK is posted",
    "security": [{"oauth": ["deposit:bio"]}],
    "responses": {
        "200": _ack("a message"),
        "204": {"description": "none waits"},
        **{status: DEPOSIT["responses"][status] for status in ("400", "401", "503")},
    },
}
TAKE = {
    "operationId": "takeAcknowledgement",
    "summary": "An ACK: AA or AE, the message of MSA-2 is not given again; AR, it waits",
    "security": [{"oauth": ["deposit:bio"]}],
    "requestBody": {"required": True, "content": {HL7: {"schema": TEXT}}},
    "responses": {
        "204": {"description": "noted, now or before"},
        "404": _ack("AE: no message has that number"),
        **{status: DEPOSIT["responses"][status] for status in ("400", "401", "413", "503")},
    },
}
TOKEN = {
    "operationId": "token",
    "summary": "An access token (RFC 6749 §4.4, RFC 7523, RFC 8693)",
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "grant_type": {"enum": [CREDENTIALS, EXCHANGE]},
                        "subject_token": TEXT,
                        "subject_token_type": TEXT,
                        "scope": TEXT,
                        "client_id": TEXT,
                        "client_secret": TEXT,
                        "client_assertion_type": TEXT,
                        "client_assertion": TEXT,
                    },
                    "required": ["grant_type"],
                }
            }
        },
    },
    "responses": {
        "200": _json(
            "the token",
            access_token=TEXT,
            token_type=TEXT,
            expires_in={"type": "integer"},
            scope=TEXT,
        ),
        "400": _json("what is asked makes no sense"),
        "401": _json("unknown client, or a proof that does not hold", **OAUTH_ERROR)
        | {"headers": {"WWW-Authenticate": {"schema": TEXT}}},
        "403": _json("not asked by a program"),
        "413": _json("too long"),
        "429": _json("too many tries: wait as long as Retry-After says", **OAUTH_ERROR),
        "503": _json("busy or down, or Pro Santé Connect is"),
    },
}
RESOURCE = {"type": "object", "properties": {"resourceType": TEXT}, "required": ["resourceType"]}


def _fhir(description: str) -> dict[str, Any]:
    return {"description": description, "content": {FHIR: {"schema": RESOURCE}}}


def _provide(operation: str, summary: str, resource: str) -> dict[str, Any]:
    """A deposit in FHIR; what a resource must hold is decided by the PDSm profile."""
    schema = RESOURCE | {"properties": {"resourceType": {"const": resource}}}
    refusals = {
        "400": "not what is expected",
        "403": "another structure’s, or a scope that is missing",
        "409": "a version that is not the next",
        "413": "too large",
        "415": "neither FHIR nor JSON",
        "422": "refused: whose, where and why",
    }
    return {
        "operationId": operation,
        "summary": summary,
        "security": [{"oauth": ["deposit:bio"]}],
        "requestBody": {"required": True, "content": {FHIR: {"schema": schema}}},
        "responses": {
            "200": _fhir("deposited, now or before"),
            "201": _fhir("deposited; Location has the receipt"),
            **{status: _fhir(f"OperationOutcome: {why}") for status, why in refusals.items()},
            "401": _fhir("OperationOutcome: no token, or one that is over")
            | {"headers": {"WWW-Authenticate": {"schema": TEXT}}},
            "503": _fhir("OperationOutcome: busy or down, send it again later")
            | {"headers": {"Retry-After": {"schema": {"type": "integer"}}}},
        },
    }


ASKED = {
    "patient.identifier": "urn:oid:…|matricule INS; by POST rather",
    "status": "current",
}


def _search(operation: str, summary: str, scope: str, *required: str) -> dict[str, Any]:
    """A search by address (get) and by form (post); more parameters are in /fhir/metadata."""
    names = (*ASKED, *required)
    refusals = {
        "400": "a parameter is unknown or wrong",
        "403": "a system alone, a scope that is missing, or a record that is not open",
    }
    common: dict[str, Any] = {
        "summary": summary,
        "security": [{"behalf": [scope]}],
        "responses": {
            "200": _fhir("a searchset Bundle, with a link to the next page"),
            **{status: _fhir(f"OperationOutcome: {why}") for status, why in refusals.items()},
            "401": _fhir("OperationOutcome: no token, or one that is over")
            | {"headers": {"WWW-Authenticate": {"schema": TEXT}}},
            **LIMITED,
        },
    }
    form = {"type": "object", "properties": dict.fromkeys(names, TEXT), "required": [*names]}
    given = [{"name": name, "in": "query", "schema": TEXT} for name in names]
    return {
        "get": common | {"operationId": operation, "parameters": given},
        "post": common
        | {
            "operationId": f"{operation}ByForm",
            "requestBody": {"required": True, "content": {FORM: {"schema": form}}},
        },
    }


RETRY = {"headers": {"Retry-After": {"schema": {"type": "integer"}}}}
LIMITED = {
    "413": _fhir("OperationOutcome: too long"),
    "429": _fhir("OperationOutcome: too many records, or too fast") | RETRY,
    "503": _fhir("OperationOutcome: busy or down") | RETRY,
}
DOCUMENTS = _search("search", "ITI-67: documents", "user/DocumentReference.rs")
LOTS = _search("lots", "ITI-66: lots", "user/List.s", "code")
READ = {
    "operationId": "read",
    "summary": "ITI-68: the bytes of one content",
    "security": [{"behalf": ["user/Binary.r"]}],
    "parameters": [{"name": "name", "in": "path", "required": True, "schema": TEXT}],
    "responses": {
        "200": {
            "description": "a CDA R2 or a PDF, or a Binary when FHIR is accepted",
            "content": {
                "application/xml": {},
                "application/pdf": {},
                FHIR: {"schema": RESOURCE},
            },
        },
        **{status: _fhir("OperationOutcome") for status in ("400", "403", "404")},
        "401": _fhir("OperationOutcome: no token, or one that is over")
        | {"headers": {"WWW-Authenticate": {"schema": TEXT}}},
        **LIMITED,
    },
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Repères, doors for machines", "version": "1"},
    "paths": {
        "/api/hl7v2": {"post": DEPOSIT},
        "/api/hl7v2/acquittements": {"get": GIVE, "post": TAKE},
        "/oauth/token": {"post": TOKEN},
        "/healthz": {"get": {"responses": {"200": _json("the process lives", status=TEXT)}}},
        "/readyz": {
            "get": {
                "responses": {
                    "200": _json("it can work", status=TEXT),
                    "503": _json("it cannot; why", status=TEXT),
                }
            }
        },
        "/fhir": {
            "post": _provide("provide", "ITI-65: a lot with its document, in a Bundle", "Bundle")
        },
        "/fhir/DocumentReference": {
            "post": _provide("publish", "ITI-105: a document, inside", "DocumentReference"),
            "get": DOCUMENTS["get"],
        },
        "/fhir/DocumentReference/_search": {"post": DOCUMENTS["post"]},
        "/fhir/List": {"get": LOTS["get"]},
        "/fhir/List/_search": {"post": LOTS["post"]},
        "/fhir/Binary/{name}": {"get": READ},
        "/fhir/metadata": {"get": {"responses": {"200": _fhir("a CapabilityStatement")}}},
        "/fhir/.well-known/smart-configuration": {
            "get": {"responses": {"200": _json("where tokens are, and for what")}}
        },
        "/api/openapi.json": {"get": {"responses": {"200": _json("this document")}}},
    },
    "components": {
        "securitySchemes": {
            "behalf": {"type": "http", "scheme": "bearer"},
            "oauth": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "/oauth/token",
                        "scopes": {
                            "deposit:bio": "deposit medical-biology reports",
                            "system/DocumentReference.c": "the same, as SMART says it",
                        },
                    }
                },
            },
        }
    },
}


@get("/openapi.json", name="interop.openapi.show", sync_to_thread=False)
def show() -> Response[dict[str, Any]]:
    """The same for everybody."""
    return Response(DOCUMENT, media_type="application/json")


router = Router("/", route_handlers=[show], opt={"anonymous": True})
