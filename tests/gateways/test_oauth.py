"""The three ways a laboratory system may present itself, and how anything else is answered."""

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.gateways.oauth import (
    ASSERTION_TYPE,
    OAuthError,
    TokenRequest,
    read_token_request,
)

GRANT = {"grant_type": "client_credentials"}


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def unsigned(payload: object, alg: str = "ES256") -> str:
    """An assertion as its reader sees it before any key is known."""
    parts = (json.dumps({"alg": alg}).encode(), json.dumps(payload).encode(), b"signature")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def asserting(assertion: str, **others: str) -> dict[str, str]:
    return {
        **GRANT,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        **others,
    }


ASSERTION = unsigned({"sub": "labo"})

ACCEPTED = [
    (GRANT, basic("labo:s3cret"), TokenRequest("labo", "s3cret")),
    (GRANT, basic("labo:s3cret").replace("Basic", "bAsIc"), TokenRequest("labo", "s3cret")),
    (GRANT, basic("labo%3A1:a%20b+c%2B"), TokenRequest("labo:1", "a b c+")),
    (GRANT, basic("labo:a:b"), TokenRequest("labo", "a:b")),
    ({**GRANT, "client_id": "labo"}, basic("labo:s"), TokenRequest("labo", "s")),
    ({**GRANT, "client_secret": ""}, basic("labo:s"), TokenRequest("labo", "s")),
    ({**GRANT, "client_id": "labo", "client_secret": "s"}, None, TokenRequest("labo", "s")),
    (
        {**GRANT, "client_id": "labo", "client_secret": "s", "scope": "deposit:bio read"},
        None,
        TokenRequest("labo", "s", None, "deposit:bio read"),
    ),
    (asserting(ASSERTION), None, TokenRequest("labo", None, ASSERTION)),
    (asserting(ASSERTION, client_id="labo"), None, TokenRequest("labo", None, ASSERTION)),
]


@pytest.mark.parametrize(("form", "authorization", "expected"), ACCEPTED)
def test_a_request_with_one_proof_is_read(
    form: dict[str, str], authorization: str | None, expected: TokenRequest
) -> None:
    assert read_token_request(form, authorization) == expected


def test_proofs_are_not_shown_by_accident() -> None:
    assert "s3cret" not in repr(read_token_request(GRANT, basic("labo:s3cret")))


REFUSED = [
    ("invalid_request", 400, {}, basic("labo:s")),
    ("invalid_request", 400, {"grant_type": ""}, basic("labo:s")),
    ("unsupported_grant_type", 400, {"grant_type": "password"}, basic("labo:s")),
    ("unsupported_grant_type", 400, {"grant_type": "authorization_code"}, None),
    ("unsupported_grant_type", 400, {"grant_type": "CLIENT_CREDENTIALS"}, None),
    ("invalid_request", 400, {"grant_type": ["client_credentials"] * 2}, basic("labo:s")),
    ("invalid_request", 400, {**GRANT, "scope": b"bytes"}, basic("labo:s")),
    ("invalid_scope", 400, {**GRANT, "scope": 'a"b'}, basic("labo:s")),
    ("invalid_scope", 400, {**GRANT, "scope": "a  b"}, basic("labo:s")),
    ("invalid_scope", 400, {**GRANT, "scope": "é"}, basic("labo:s")),
    ("invalid_scope", 400, {**GRANT, "scope": "a\0"}, basic("labo:s")),
    ("invalid_scope", 400, {**GRANT, "scope": "a " * 40}, basic("labo:s")),
    ("invalid_client", 401, GRANT, None),
    ("invalid_client", 401, GRANT, ""),
    ("invalid_client", 401, GRANT, "Basic"),
    ("invalid_client", 401, GRANT, "Basic !!!"),
    ("invalid_client", 401, GRANT, "Basic " + "é" * 10),
    ("invalid_client", 401, GRANT, basic("labo:é")),
    ("invalid_client", 401, GRANT, basic("labo:%C3%A9")),
    ("invalid_client", 401, GRANT, basic("labo:%00")),
    ("invalid_client", 401, GRANT, basic("labo")),
    ("invalid_client", 401, GRANT, basic("labo:")),
    ("invalid_client", 401, GRANT, basic(":s")),
    ("invalid_client", 401, GRANT, "Bearer " + base64.b64encode(b"labo:s").decode()),
    ("invalid_client", 401, {**GRANT, "client_id": "labo"}, None),
    ("invalid_client", 401, {**GRANT, "client_secret": "s"}, None),
    ("invalid_client", 401, {**GRANT, "client_id": "a\0", "client_secret": "s"}, None),
    ("invalid_client", 401, {**GRANT, "client_id": "a" * 300, "client_secret": "s"}, None),
    ("invalid_client", 401, {**GRANT, "client_id": "autre"}, basic("labo:s")),
    ("invalid_request", 400, {**GRANT, "client_secret": "s"}, basic("labo:s")),
    ("invalid_request", 400, asserting(ASSERTION), basic("labo:s")),
    ("invalid_request", 400, asserting(ASSERTION, client_secret="s"), None),
    ("invalid_request", 400, {**GRANT, "client_assertion": ASSERTION}, None),
    ("invalid_request", 400, asserting(ASSERTION, client_assertion_type="saml2"), None),
    ("invalid_client", 401, asserting(ASSERTION, client_id="autre"), None),
    ("invalid_client", 401, asserting("a.b.c"), None),
    ("invalid_client", 401, asserting(unsigned({})), None),
    ("invalid_client", 401, asserting(unsigned({"sub": 1})), None),
    ("invalid_client", 401, asserting(unsigned({"sub": "a\0"})), None),
    ("invalid_client", 401, asserting(unsigned({"sub": "labo"}, "none")), None),
    ("invalid_client", 401, asserting(unsigned(["sub"])), None),
]


@pytest.mark.parametrize(("error", "status", "form", "authorization"), REFUSED)
def test_anything_else_is_refused_in_the_words_of_the_standard(
    error: str, status: int, form: dict[str, object], authorization: str | None
) -> None:
    with pytest.raises(OAuthError) as refusal:
        read_token_request(form, authorization)
    assert (refusal.value.error, refusal.value.status) == (error, status)
    assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]+", refusal.value.description)


@given(st.text())
def test_a_description_is_always_one_the_standard_allows(text: str) -> None:
    described = OAuthError("invalid_request", text, 400).description
    assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]*", described)


names = st.sampled_from(
    ["grant_type", "client_id", "client_secret", "client_assertion", "scope", "autre"]
)


@given(form=st.dictionaries(names, st.text()), authorization=st.none() | st.text())
def test_whatever_is_posted_is_read_or_refused(
    form: dict[str, str], authorization: str | None
) -> None:
    try:
        request = read_token_request({**form, **GRANT}, authorization)
    except OAuthError:
        return
    assert re.fullmatch(r"[ -~]+", request.client_id)
    assert (request.secret is None) != (request.assertion is None)
