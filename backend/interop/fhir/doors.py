"""The doors that speak FHIR, as `GET /api/openapi.json` describes them."""

from typing import Any

FHIR = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
TEXT = {"type": "string"}
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
PATHS: dict[str, Any] = {
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
}
