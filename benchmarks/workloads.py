"""What is measured: deposits through the door, pages of signed-in patients, passwords."""

import asyncio
from collections.abc import Sequence
from itertools import count, cycle
from urllib.parse import urlencode

from backend.demo.people import Laboratory
from benchmarks.load import SUCCESS, NextRequest, fetch, write_request
from benchmarks.messages import Kind, laboratory_of, make_writer
from benchmarks.people import PASSWORD, Patient

COOKIE = "__Host-reperes"
FORM = "application/x-www-form-urlencoded"
FILLERS = 8


async def token_of(port: int, laboratory: Laboratory) -> str:
    """An access token, as the laboratory's software gets it."""
    form = {
        "grant_type": "client_credentials",
        "client_id": laboratory.client_id,
        "client_secret": laboratory.client_secret,
    }
    request = write_request("POST", "/oauth/token", urlencode(form).encode(), content_type=FORM)
    _status, _headers, body = await fetch(port, request)
    return body.decode().split('"access_token":"')[1].split('"')[0]


async def deposits(port: int, kind: Kind, patients: Sequence[Patient]) -> NextRequest:
    """Requests that each deposit a new document, for each patient in turn."""
    token = await token_of(port, laboratory_of(kind))
    write = make_writer(kind, [patient.traits for patient in patients])
    return lambda: write_request(
        "POST",
        "/api/hl7v2",
        write(),
        authorization=f"Bearer {token}",
        content_type="application/hl7-v2",
    )


async def deposit_some(port: int, kind: Kind, patients: Sequence[Patient], number: int) -> None:
    """So many documents, all acknowledged."""
    make = await deposits(port, kind, patients)
    left = count(number, -1)

    async def client() -> None:
        while next(left) > 0:
            status, _headers, body = await fetch(port, make())
            if status != SUCCESS or b"MSA|AA" not in body:
                raise RuntimeError(body.decode())

    await asyncio.gather(*(client() for _ in range(FILLERS)))


def page(path: str, patients: Sequence[Patient]) -> NextRequest:
    """Requests of one page, by each patient in turn."""
    requests = [get(path, patient) for patient in patients]
    return cycle(requests).__next__


async def first_document(port: int, patient: Patient) -> str:
    """The address of the first document of this patient's list."""
    _status, _headers, body = await fetch(port, get("/documents", patient))
    return "/documents/" + body.decode().split('href="/documents/')[1].split('"')[0]


async def search(port: int, words: str, patient: Patient) -> str:
    """The address that a search of this patient leads to."""
    _status, headers, body = await fetch(port, get("/documents", patient))
    (csrf,) = (
        cookie.split(";")[0] for cookie in headers["set-cookie"].split("\n") if "csrf" in cookie
    )
    token = body.decode().split('name="_csrf_token" value="')[1].split('"')[0]
    request = write_request(
        "POST",
        "/documents/recherche",
        urlencode({"_csrf_token": token, "mots": words}).encode(),
        content_type=FORM,
        cookie=f"{COOKIE}={patient.token}; {csrf}",
    )
    _status, headers, _body = await fetch(port, request)
    return headers["location"]


async def passwords(port: int, patients: Sequence[Patient]) -> NextRequest:
    """Requests of the first step of signing in, each from an address of its own."""
    _status, headers, body = await fetch(port, write_request("GET", "/connexion"))
    (csrf,) = (
        cookie.split(";")[0] for cookie in headers["set-cookie"].split("\n") if "csrf" in cookie
    )
    token = body.decode().split('name="_csrf_token" value="')[1].split('"')[0]
    who, number = cycle(patients), count()

    def make() -> bytes:
        form = {
            "_csrf_token": token,
            "identifiant": next(who).traits.birth_name.lower(),
            "mot_de_passe": PASSWORD,
        }
        return write_request(
            "POST",
            "/connexion",
            urlencode(form).encode(),
            content_type=FORM,
            cookie=csrf,
            x_forwarded_for=address_of(next(number)),
        )

    return make


def address_of(number: int) -> str:
    """An address that nobody else comes from: each has its own limits."""
    return f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"


def get(path: str, patient: Patient) -> bytes:
    """A page, asked for by a signed-in patient."""
    return write_request("GET", path, accept="text/html", cookie=f"{COOKIE}={patient.token}")
