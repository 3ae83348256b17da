"""How the emulator may misbehave: each way, and the word under which our journal refuses it."""

import asyncio
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.jwk import RSAKey
from litestar import Response

Json = dict[str, Any]
Change = Callable[[Json], Json]
Sign = Callable[[Json, Json, RSAKey, str], str]
Answer = Callable[[Json], Awaitable[Response[Any]]]
HOUR = 3600
BIG = 200_000
ELSEWHERE = "https://psc.example.org"


def same(said: Json) -> Json:
    return said


async def plainly(said: Json) -> Response[Any]:
    return Response(said, media_type="application/json")


@dataclass(frozen=True)
class Way:
    """What is changed of an honest provider; `refused` is the reason in our journal."""

    name: str
    refused: str = ""
    description: Change = same
    keys: Change = same
    back: Change = same
    tokens: Change = same
    claims: Change = same
    header: Change = same
    sign: Sign | None = None
    userinfo: Change = same
    introspection: Change = same
    introspection_answer: Answer = plainly
    token_answer: Answer = plainly
    userinfo_answer: Answer = plainly


HONEST = Way("honest")


def put(**values: Any) -> Change:
    return lambda said: said | values


def without(name: str) -> Change:
    return lambda said: {key: value for key, value in said.items() if key != name}


def later(name: str, seconds: float, kind: type = int) -> Change:
    """A time of the token, moved."""

    def moved(said: Json) -> Json:
        at: int = said[name] if name in said else said["iat"]
        return said | {name: kind(at + seconds)}

    return moved


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def two_parts(header: Json, claims: Json) -> str:
    return f"{encoded(msgspec.json.encode(header))}.{encoded(msgspec.json.encode(claims))}"


def unsigned(header: Json, claims: Json, _key: RSAKey, _secret: str) -> str:
    return f"{two_parts(header | {'alg': 'none'}, claims)}."


def unsigned_in_three(header: Json, claims: Json, _key: RSAKey, _secret: str) -> str:
    return f"{two_parts(header | {'alg': 'none'}, claims)}.{encoded(b'signed')}"


def with_hmac(secret: Callable[[RSAKey, str], bytes]) -> Sign:
    """HS256: whoever believes the header verifies with what everybody knows."""

    def made(header: Json, claims: Json, key: RSAKey, shared: str) -> str:
        parts = two_parts(header | {"alg": "HS256"}, claims)
        return f"{parts}.{encoded(hmac.digest(secret(key, shared), parts.encode(), 'sha256'))}"

    return made


def by_a_stranger(header: Json, claims: Json, _key: RSAKey, _secret: str) -> str:
    return _signed(header, msgspec.json.encode(claims), strange_key())


def by_a_weak_key(header: Json, claims: Json, _key: RSAKey, _secret: str) -> str:
    return _by_hand(header, claims, weak_key())


def altered(header: Json, claims: Json, key: RSAKey, _secret: str) -> str:
    """Signed for one, then made to name another."""
    head, _, signature = _signed(header, msgspec.json.encode(claims), key).split(".")
    return f"{head}.{encoded(msgspec.json.encode(claims | {'acr': 'eidas2'}))}.{signature}"


def said_twice(header: Json, claims: Json, key: RSAKey, _secret: str) -> str:
    body = msgspec.json.encode(claims)[:-1] + b',"sub":"f:x:899900000011"}'
    return _signed(header, body, key)


def unheard_of(header: Json, claims: Json, key: RSAKey, _secret: str) -> str:
    """A header that changes the rules, over a good signature of those very bytes."""
    return _by_hand(header | {"crit": ["x"], "x": 1}, claims, of(key))


def with_its_key(header: Json, claims: Json, _key: RSAKey, _secret: str) -> str:
    stranger = strange_key()
    public = {name: value for name, value in stranger.as_dict(private=False).items() if value}
    return _by_hand(header | {"jwk": public}, claims, of(stranger))


def with_its_address(header: Json, claims: Json, key: RSAKey, _secret: str) -> str:
    return _by_hand(header | {"jku": f"{ELSEWHERE}/certs"}, claims, of(key))


def of(key: RSAKey) -> RSAPrivateKey:
    assert key.private_key
    return key.private_key


@cache
def strange_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "demo-0"}, auto_kid=False)


@cache
def weak_key() -> RSAPrivateKey:
    """Of 1024 bits: libraries warn of it."""
    return generate_private_key(65537, 1024)  # noqa: S505 - to be refused


def _signed(header: Json, body: bytes, key: RSAKey) -> str:
    return jws.serialize_compact(dict(header), body, key, algorithms=["RS256"])


def _by_hand(header: Json, claims: Json, key: RSAPrivateKey) -> str:
    """A library would not sign such a header, nor with such a key."""
    parts = two_parts(header, claims)
    return f"{parts}.{encoded(key.sign(parts.encode(), PKCS1v15(), SHA256()))}"


def raw(body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> Answer:
    """These bytes, whatever was asked."""

    async def answer(_: Json) -> Response[Any]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(body, status_code=status, media_type=kind, headers=named)

    return answer


async def slowly(said: Json) -> Response[Any]:
    await asyncio.sleep(30)
    return await plainly(said)


async def swollen(said: Json) -> Response[Any]:
    return await plainly(said | {"more": "x" * BIG})


async def twice(said: Json) -> Response[Any]:
    body = json.dumps(said)[:-1] + ', "id_token": "x"}'
    return Response(body.encode(), media_type="application/json")


def someone_else(said: Json) -> Json:
    return said | {"SubjectNameID": "899900000045", "preferred_username": "899900000045"}


def many(said: Json) -> Json:
    practice = said["SubjectRefPro"]["exercices"][0]
    swollen_one = practice | {"activities": practice["activities"] * 60}
    return said | {"SubjectRefPro": {"exercices": [swollen_one]}}


def doubled(said: Json) -> Json:
    return {"keys": said["keys"] * 2}


CLAIMS = (
    Way("iss of another", "token-iss", claims=put(iss=ELSEWHERE)),
    Way("iss absent", "token-iss", claims=without("iss")),
    Way("aud of another", "token-aud", claims=put(aud="another")),
    Way("aud for several", "token-aud", claims=put(aud=["reperes-demo", "another"])),
    Way("azp of another", "token-azp", claims=put(azp="another")),
    Way("nonce of another", "token-nonce", claims=put(nonce="another")),
    Way("nonce absent", "token-nonce", claims=without("nonce")),
    Way("expired", "token-exp", claims=later("exp", -HOUR)),
    Way("exp absent", "token-exp", claims=without("exp")),
    Way("iat in the future", "token-iat", claims=later("iat", HOUR)),
    Way("iat long ago", "token-iat", claims=later("iat", -HOUR)),
    Way("nbf in the future", "token-nbf", claims=later("nbf", HOUR)),
    Way("exp is no whole number", "token-times", claims=later("exp", 0.5, float)),
    Way("acr absent", "token-acr", claims=without("acr")),
    Way("acr lower", "token-acr", claims=put(acr="eidas0")),
    Way("at_hash of another token", "token-at-hash", claims=put(at_hash="x" * 22)),
    Way("sub absent", "token-sub", claims=without("sub")),
    Way("authenticated in the future", "token-auth-time", claims=later("auth_time", HOUR)),
    Way("authenticated this morning", "token-auth-time", claims=later("auth_time", -5 * HOUR)),
)
SIGNATURES = (
    Way("alg none", "token-shape", sign=unsigned),
    Way("alg none and a signature", "token-algorithm", sign=unsigned_in_three),
    Way(
        "HS256 with the public key",
        "token-algorithm",
        sign=with_hmac(lambda key, _: key.as_pem(private=False)),
    ),
    Way("HS256 with the secret", "token-algorithm", sign=with_hmac(lambda _, one: one.encode())),
    Way("kid unknown", "token-kid", header=put(kid="unknown")),
    Way("kid absent", "token-header", header=without("kid")),
    Way("key of another", "token-signature", sign=by_a_stranger),
    Way("altered after it was signed", "token-signature", sign=altered),
    Way("brings its key along", "token-algorithm", sign=with_its_key),
    Way("says where its key is", "token-algorithm", sign=with_its_address),
    Way("crit unknown", "token-algorithm", sign=unheard_of),
    Way("a logout token", "token-header", header=put(typ="logout+jwt")),
    Way("a claim twice", "answer-json", sign=said_twice),
)
ANSWERS = (
    Way("token_type mac", "token-type", tokens=put(token_type="mac")),  # noqa: S106 - a name
    Way("token_type absent", "token-type", tokens=without("token_type")),
    Way("id_token absent", "token-missing", tokens=without("id_token")),
    Way("id_token is no text", "token-missing", tokens=put(id_token={"sub": "x"})),
    Way("id_token huge", "token-missing", tokens=put(id_token="x." + "y" * 20_000 + ".z")),
    Way("a page for an answer", "answer-type", token_answer=raw(b"<p>", kind="text/html")),
    Way("a name twice", "answer-json", token_answer=twice),
    Way("an abyss of brackets", "answer-json", token_answer=raw(b'{"a":' * 9_000)),
    Way("a list for an answer", "answer-json", token_answer=raw(b"[1]")),
    Way("oversized", "answer-size", token_answer=swollen),
    Way("packed", "answer-encoding", token_answer=raw(b"x", Content_Encoding="gzip")),
    Way("leads elsewhere", "answer-status", token_answer=raw(b"", 302, Location=ELSEWHERE)),
    Way("slow", "psc-down", token_answer=slowly),
    Way("ill", "psc-down", token_answer=raw(b"{}", 503)),
    Way("code refused", "answer-tokens", token_answer=raw(b'{"error":"invalid_grant"}', 400)),
)
USERINFO = (
    Way("sub differs", "userinfo-sub", userinfo=put(sub="f:x:899900000011")),
    Way("another RPPS", "userinfo-identifier", userinfo=someone_else),
    Way("without a number", "userinfo-identifier", userinfo=without("SubjectNameID")),
    Way("without a name", "userinfo-name", userinfo=without("family_name")),
    Way("a name with a line break", "userinfo-name", userinfo=put(given_name="A\nB")),
    Way("activities of another shape", "userinfo-activities", userinfo=put(SubjectRefPro=[1])),
    Way("sixty activities", "userinfo-activities", userinfo=many),
    Way("token refused", "answer-status", userinfo_answer=raw(b"{}", 401)),
    Way("as a token", "answer-type", userinfo_answer=raw(b"a.b.c", kind="application/jwt")),
    Way("userinfo oversized", "answer-size", userinfo_answer=swollen),
)
RETURNS = (
    Way("state of another", "return-state", back=put(state="another")),
    Way("state absent", "return-state", back=without("state")),
    Way("iss of another provider", "return-issuer", back=put(iss=ELSEWHERE)),
    Way("refused by the person", "return-error", back=put(error="access_denied")),
    Way("code absent", "return-error", back=without("code")),
    Way("code invented", "answer-tokens", back=put(code="invented")),
)
DOCUMENTS = (
    Way("issuer is elsewhere", "provider-issuer", description=put(issuer=ELSEWHERE)),
    Way("tokens are elsewhere", "provider-addresses", description=put(token_endpoint=ELSEWHERE)),
    Way("an address is missing", "provider-addresses", description=without("jwks_uri")),
    Way("no key", "provider-keys", keys=put(keys=[])),
    Way("two keys of one name", "token-kid", keys=doubled),
    Way(
        "a weak key",
        "token-key",
        keys=lambda _: {"keys": [_weak()]},
        sign=by_a_weak_key,
    ),
)
"""What is published: the same for everybody who signs in."""
WAYS = {way.name: way for way in (*CLAIMS, *SIGNATURES, *ANSWERS, *USERINFO, *RETURNS)}
"""Those of one sign-in."""
STALE = {
    way.name: way
    for way in (
        Way("authenticated a while ago", "not-proved-again", claims=later("auth_time", -600)),
        Way("when is not told", "not-proved-again", claims=without("auth_time")),
    )
}
"""Good enough to come in, not to prove once more who one is."""
VOUCHED = (
    Way("revoked", "token-inactive", introspection=lambda _: {"active": False}),
    Way("active is a word", "token-inactive", introspection=put(active="true")),
    Way("issuer of another", "token-iss", introspection=put(iss=ELSEWHERE)),
    Way("issuer absent", "token-iss", introspection=without("iss")),
    Way("given to another", "token-aud", introspection=put(client_id="another")),
    Way("azp of another software", "token-aud", introspection=put(azp="another")),
    Way("given to nobody", "token-aud", introspection=without("client_id")),
    Way("over", "token-exp", introspection=later("exp", -HOUR)),
    Way("never over", "token-exp", introspection=without("exp")),
    Way("not yet", "token-nbf", introspection=later("nbf", HOUR)),
    Way("level absent", "token-acr", introspection=without("acr")),
    Way("level too low", "token-acr", introspection=put(acr="eidas0")),
    Way("of nobody", "token-sub", introspection=without("sub")),
    Way("another answers", "userinfo-sub", introspection=put(sub="f:x:899900000011")),
    Way("its person is another", "userinfo-sub", userinfo=put(sub="f:x:899900000011")),
    Way("its person has another RPPS", "userinfo-identifier", userinfo=someone_else),
    Way("its person is not told", "answer-status", userinfo_answer=raw(b"{}", 401)),
    Way("we may not ask", "answer-status", introspection_answer=raw(b"{}", 401)),
    Way("answers with a page", "answer-type", introspection_answer=raw(b"<p>", kind="text/html")),
    Way("answers too long", "answer-size", introspection_answer=swollen),
    Way("answers slowly", "psc-down", introspection_answer=slowly),
    Way("answers that it is ill", "psc-down", introspection_answer=raw(b"{}", 503)),
)
"""Of one access token, which a laboratory’s software gives us."""


def _weak() -> Json:
    numbers = weak_key().public_key().public_numbers()
    return {"kty": "RSA", "kid": "demo-0", "e": "AQAB", "n": encoded(numbers.n.to_bytes(128))}
