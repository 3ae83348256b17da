"""Systems that read in FHIR for a professional: what they prove, exchange and ask."""

import json
from collections.abc import Iterator
from secrets import token_urlsafe
from time import time
from typing import Any
from urllib.parse import urlencode

from httpx import Response
from joserfc import jwt
from joserfc.jwk import ECKey
from litestar import Litestar

from backend.demo.people import LAURA, Someone
from backend.demo.psc.emulator import Emulator
from backend.demo.psc.people import pro as person
from backend.demo.psc.ways import HONEST, Way
from backend.gateways.oauth import ACCESS, ASSERTION_TYPE, EXCHANGE
from tests.fixtures.application import client_of
from tests.pro.records import run
from tests.twins import UNKNOWN, Asked, Difference, Twins

KEY = ECKey.generate_key("P-256", {"kid": "2026"})
HERE = "http://127.0.0.1:8000/oauth/token"
SCOPES = "user/DocumentReference.rs user/List.s user/Binary.r"
ESTUAIRE, ORMES = "sgl-lecteur", "sgl-cabinet"
FORM = "application/x-www-form-urlencoded"
FEW = "7"
"""Documents of one page, so that there are several."""
QUESTIONS = (
    ("DocumentReference", {"status": "current", "_count": FEW}),
    ("DocumentReference", {"status": "superseded,entered-in-error"}),
    ("DocumentReference", {"status": "current", "security-label": "MASQUE_PS"}),
    ("DocumentReference", {"status": "current", "date": "ge2026-11-01"}),
    ("List", {"status": "current", "code": "submissionset", "_count": FEW}),
)
BY_FORM = {"DocumentReference": "interop.fhir.search_by_form", "List": "interop.fhir.lots_by_form"}
BY_ADDRESS = {"DocumentReference": "interop.fhir.search", "List": "interop.fhir.lots"}
Json = dict[str, Any]


async def register(app: Litestar, client_id: str, of: str) -> None:
    """The system of the place where this professional works, as the operator registers it."""
    await run(
        app,
        "INSERT INTO machine_client (id, client_id, structure_id, scopes, jwks,"
        " psc_client_id) SELECT gen_random_uuid(), :client, id, 'deposit:bio',"
        " CAST(:keys AS jsonb), :psc FROM structure WHERE finess = :finess",
        client=client_id,
        keys=f'{{"keys": [{json.dumps(KEY.as_dict(private=False))}]}}',
        psc=f"psc-{client_id}",
        finess=person(of).activities[0].place.finess,
    )


def lend(app: Litestar, who: str, client_id: str = ESTUAIRE, way: Way = HONEST) -> str:
    emulator: Emulator = app.state.psc_emulator
    return emulator.lend(person(who), f"psc-{client_id}", way)


class System:
    """A laboratory’s software, which reads for whoever is before it."""

    def __init__(self, app: Litestar, client_id: str = ESTUAIRE) -> None:
        self.app, self.client_id, self.client = app, client_id, client_of(app)
        self.token = ""

    def proof(self) -> dict[str, str]:
        claims: Json = {"iss": self.client_id, "sub": self.client_id, "aud": HERE}
        claims |= {"jti": token_urlsafe(12), "exp": int(time()) + 50}
        signed = jwt.encode({"alg": "ES256", "kid": "2026"}, claims, KEY)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}

    async def exchanges(self, subject: str, **changes: str) -> Response:
        asked = {"grant_type": EXCHANGE, "subject_token": subject, "subject_token_type": ACCESS}
        form = self.proof() | asked | {"scope": SCOPES} | changes
        return await self.client.post("/oauth/token", data={k: v for k, v in form.items() if v})

    async def serves(self, who: str, **changes: str) -> "System":
        given = await self.exchanges(lend(self.app, who, self.client_id), **changes)
        assert given.status_code == 200, given.text
        self.token = given.json()["access_token"]
        return self

    async def get(self, path: str, **headers: str) -> Response:
        bearer = {"Authorization": f"Bearer {self.token}"}
        return await self.client.get(path, headers=bearer | headers)

    async def asks(
        self, someone: Someone = LAURA, /, kind: str = "DocumentReference", **asked: str
    ) -> Response:
        form = {"patient.identifier": ins_of(someone)} | asked
        bearer = {"Authorization": f"Bearer {self.token}"}
        return await self.client.post(f"/fhir/{kind}/_search", data=form, headers=bearer)

    async def finds(self, someone: Someone = LAURA, /, **asked: str) -> list[Json]:
        answer = await self.asks(someone, **({"status": "current"} | asked))
        assert answer.status_code == 200, answer.text
        return [entry["resource"] for entry in answer.json().get("entry", [])]


def ins_of(someone: Someone) -> str:
    return f"urn:oid:{someone.traits.oid}|{someone.traits.matricule}"


async def compare_reading(twins: Twins, reader: str, *identifiers: str) -> set[Difference]:
    """The five ways to read, about Laura: page after page, then each content, hidden or not.

    `identifiers` are of documents that only one of the worlds has.
    """
    found, told = set[Difference](), dict[str, None]()
    named = (("DocumentReference", {"status": "current", "identifier": i}) for i in identifiers)
    for kind, asked in (*QUESTIONS, *named):
        body = urlencode({"patient.identifier": ins_of(LAURA)} | asked).encode()
        question = Asked(BY_FORM[kind], "POST", f"/fhir/{kind}/_search", body, kind=FORM)
        answer, _ = await twins.both(reader, question, found)
        assert answer.status_code == 200, answer.text
        told |= dict.fromkeys(_ids(answer))
        while following := _next(answer):
            answer, _ = await twins.both(reader, Asked(BY_ADDRESS[kind], "GET", following), found)
            assert answer.status_code == 200, answer.text
            told |= dict.fromkeys(_ids(answer))
        if found and twins.hasty:
            return found
    for id_ in (*list(told)[:2], *twins.hidden, str(UNKNOWN)):
        for ending in ("xml", "pdf"):
            path = f"/fhir/Binary/{id_}.{ending}"
            await twins.both(reader, Asked("interop.fhir.read", "GET", path), found)
    return found


def _next(answer: Response) -> str:
    links = {link["relation"]: link["url"] for link in answer.json().get("link", [])}
    return str(links.get("next", "")).removeprefix("http://127.0.0.1:8000")


def _ids(answer: Response) -> Iterator[str]:
    for entry in answer.json().get("entry", []):
        yield str(entry["resource"]["id"])
