"""`GET /api/openapi.json`: the doors for machines, described for whoever connects to them.

Written by hand: what a message or a form must hold is decided by HL7 and OAuth, not by a type.
"""

from typing import Any

from litestar import Router, get
from litestar.response import Response

from backend.gateways.oauth import CREDENTIALS, EXCHANGE
from backend.interop.fhir import doors
from backend.interop.fhir.doors import FORM, TEXT

HL7 = "application/hl7-v2"


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
        **doors.PATHS,
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
