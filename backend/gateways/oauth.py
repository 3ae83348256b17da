"""The OAuth 2 token request of a laboratory system: who asks, and with which proof.

Own code rather than Authlib's server classes: those fetch the client in the middle of the reading,
without await, and answer differently for an unknown client and a wrong secret. Here reading and
verifying are two functions, and the database is asked in between.
"""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from unicodedata import normalize
from urllib.parse import unquote_plus

from backend.domain.errors import Problem
from backend.gateways.assertions import BadAssertion, Claims, read_subject, verify

__all__ = ["Claims", "OAuthError", "TokenRequest", "read_token_request", "verify_assertion"]

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CREDENTIALS = "client_credentials"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
UNPROVEN = "Client inconnu ou preuve invalide."
SUBJECT = re.compile(r"[\x21-\x7e]{1,16000}")
VISIBLE = re.compile(r"[\x20-\x7e]{1,256}")
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,64}(?: [\x21\x23-\x5b\x5d-\x7e]{1,64}){0,15}")


class OAuthError(Problem):
    """RFC 6749 §5.2: a code, a sentence in the ASCII that it allows, and the HTTP status."""

    def __init__(self, error: str, description: str, status: int) -> None:
        plain = normalize("NFKD", description.replace("’", "'")).encode("ascii", "ignore").decode()
        self.error = error
        self.description = re.sub(r'["\\\x00-\x1f\x7f]', "", plain)
        self.status = status
        super().__init__(description)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What was asked. Either a secret or an assertion, to be verified; neither is believed yet."""

    client_id: str
    secret: str | None = field(default=None, repr=False)
    assertion: str | None = field(default=None, repr=False)
    scope: str = ""
    subject: str | None = field(default=None, repr=False)
    """Of an exchange (RFC 8693): the access token of the professional on whose behalf one asks."""


def read_token_request(form: Mapping[str, object], authorization: str | None) -> TokenRequest:
    """Client credentials or a token exchange, with exactly one proof; or OAuthError.

    client_secret_basic, client_secret_post (RFC 6749 §2.3.1) or private_key_jwt (RFC 7523), and
    the last one only for an exchange.
    """
    asked = _texts(form)
    grant = asked.get("grant_type")
    if not grant:
        raise OAuthError("invalid_request", "grant_type manque.", 400)
    if grant not in {CREDENTIALS, EXCHANGE}:
        raise OAuthError(
            "unsupported_grant_type", "Seuls client_credentials et token-exchange sont permis.", 400
        )
    scope = asked.get("scope", "")
    if scope and not SCOPE.fullmatch(scope):
        raise OAuthError("invalid_scope", "scope est mal écrit.", 400)
    given = [authorization, asked.get("client_secret"), asked.get("client_assertion")]
    if sum(proof is not None for proof in given) > 1:
        raise OAuthError("invalid_request", "Une seule preuve à la fois.", 400)
    if grant == EXCHANGE:
        return replace(_with_assertion(asked, scope), subject=_subject(asked))
    if authorization is not None:
        client_id, secret = _read_basic(authorization)
        return TokenRequest(_named(asked, client_id), secret, None, scope)
    if "client_assertion" in asked:
        return _with_assertion(asked, scope)
    secret = asked.get("client_secret", "")
    if not VISIBLE.fullmatch(secret):
        raise _unproven()
    return TokenRequest(_named(asked, asked.get("client_id", "")), secret, None, scope)


def verify_assertion(
    assertion: str, *, client_id: str, jwks: Mapping[str, object], audience: str, now: datetime
) -> Claims:
    """What a private_key_jwt says once everything in it is verified, or OAuthError.

    The caller still has to use `jti` once, and to remember it until `exp`.
    """
    try:
        return verify(assertion, client_id=client_id, jwks=jwks, audience=audience, now=now)
    except BadAssertion as error:
        raise _unproven() from error


def _texts(form: Mapping[str, object]) -> dict[str, str]:
    """A parameter without a value is absent; one given twice is refused (RFC 6749 §3.2)."""
    asked = {}
    for name, value in form.items():
        if not isinstance(value, str):
            raise OAuthError(
                "invalid_request", "Un paramètre est répété ou n’est pas du texte.", 400
            )
        if value:
            asked[name] = value
    return asked


def _subject(asked: Mapping[str, str]) -> str:
    """RFC 8693 §2.1: an access token for an access token, and nobody else acts."""
    if asked.get("subject_token_type") != ACCESS:
        raise OAuthError("invalid_request", "subject_token_type est inconnu.", 400)
    if asked.get("requested_token_type", ACCESS) != ACCESS:
        raise OAuthError("invalid_request", "requested_token_type est inconnu.", 400)
    if "actor_token" in asked or "actor_token_type" in asked:
        raise OAuthError("invalid_request", "actor_token n’est pas pris en charge.", 400)
    if "resource" in asked or "audience" in asked:
        raise OAuthError("invalid_target", "Le jeton est pour ce service seulement.", 400)
    if not SUBJECT.fullmatch(asked.get("subject_token", "")):
        raise OAuthError("invalid_request", "subject_token manque ou est mal écrit.", 400)
    return asked["subject_token"]


def _with_assertion(asked: Mapping[str, str], scope: str) -> TokenRequest:
    if "client_assertion" not in asked:
        raise OAuthError("invalid_client", "Ce droit demande une preuve private_key_jwt.", 401)
    if asked.get("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthError("invalid_request", "client_assertion_type est inconnu.", 400)
    assertion = asked["client_assertion"]
    try:
        subject = read_subject(assertion)
    except BadAssertion as error:
        raise _unproven() from error
    return TokenRequest(_named(asked, subject), None, assertion, scope)


def _read_basic(authorization: str) -> tuple[str, str]:
    """Both halves are form-encoded before base64 (RFC 6749 §2.3.1)."""
    scheme, _, value = authorization.partition(" ")
    try:
        text = b64decode(value.strip(" "), validate=True).decode("ascii")
    except (Error, ValueError) as error:
        raise _unproven() from error
    client_id, _, secret = (unquote_plus(part) for part in text.partition(":"))
    if scheme.lower() != "basic" or not VISIBLE.fullmatch(secret):
        raise _unproven()
    return client_id, secret


def _named(asked: Mapping[str, str], client_id: str) -> str:
    """The proof's own name; a client_id beside it must be the same (RFC 7521 §4.2)."""
    if not VISIBLE.fullmatch(client_id) or asked.get("client_id", client_id) != client_id:
        raise _unproven()
    return client_id


def _unproven() -> OAuthError:
    """One answer for all: which part was wrong helps only who should not have it."""
    return OAuthError("invalid_client", UNPROVEN, 401)
