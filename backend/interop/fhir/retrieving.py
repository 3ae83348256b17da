"""ITI-66, ITI-67 and ITI-68: a system searches and reads documents for one of its professionals.

An INS is best sent by POST: it is in no address then. We write it in none, and log none.
"""

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Request, Router, get, post
from litestar.params import FromPath
from litestar.response import Response

from backend.access.actors import Professional
from backend.domain.formats.mhd import FhirError
from backend.domain.formats.pdsm import (
    Kind,
    Search,
    read_search,
    write_bundle,
    write_lot,
    write_reference,
)
from backend.interop.fhir.outcomes import JSON, respond
from backend.interop.fhir.refusals import (
    HANDLERS,
    NoScope,
    closed,
    show_unavailable,
    too_often,
)
from backend.services import retrieving
from backend.services.documents import Visit
from backend.services.retrieving import Closed, Following
from backend.services.sign_in import Rejected
from backend.storage.db import AsyncSession
from backend.web import At, Config, Db, Neighbours, Staff
from backend.web.bodies import FORM, FORM_BYTES
from backend.web.security import BARE

AnyRequest = Request[Any, Any, Any]
Pairs = list[tuple[str, str]]
MOST_PARAMETERS = 40
FOLLOWING = "_page"
SCOPES = {Kind.DOCUMENTS: "user/DocumentReference.rs", Kind.LOTS: "user/List.s"}
WRITERS = {Kind.DOCUMENTS: write_reference, Kind.LOTS: write_lot}


@get("/DocumentReference", name="interop.fhir.search")
async def search(
    request: AnyRequest, db: Db, actor: Staff, at: At, *, outside: Neighbours, config: Config
) -> Response[Any]:
    """ITI-67, by an address."""
    question = _Question(Kind.DOCUMENTS, _of_address(request), f"{config.public_url}/fhir")
    return await _answer(db, actor, at, outside, question)


@post("/DocumentReference/_search", name="interop.fhir.search_by_form", status_code=200)
async def search_by_form(
    request: AnyRequest, db: Db, actor: Staff, at: At, *, outside: Neighbours, config: Config
) -> Response[Any]:
    """ITI-67, by a form."""
    question = _Question(Kind.DOCUMENTS, await _of_form(request), f"{config.public_url}/fhir")
    return await _answer(db, actor, at, outside, question)


@get("/List", name="interop.fhir.lots")
async def lots(
    request: AnyRequest, db: Db, actor: Staff, at: At, *, outside: Neighbours, config: Config
) -> Response[Any]:
    """ITI-66, by an address."""
    question = _Question(Kind.LOTS, _of_address(request), f"{config.public_url}/fhir")
    return await _answer(db, actor, at, outside, question)


@post("/List/_search", name="interop.fhir.lots_by_form", status_code=200)
async def lots_by_form(
    request: AnyRequest, db: Db, actor: Staff, at: At, *, outside: Neighbours, config: Config
) -> Response[Any]:
    """ITI-66, by a form."""
    question = _Question(Kind.LOTS, await _of_form(request), f"{config.public_url}/fhir")
    return await _answer(db, actor, at, outside, question)


@get("/Binary/{name:str}", name="interop.fhir.read")
async def read(
    name: FromPath[str], request: AnyRequest, db: Db, actor: Staff, *, at: At, outside: Neighbours
) -> Response[Any]:
    """ITI-68: the bytes as they were deposited, or in a Binary for who asks for FHIR."""
    _check_scope(actor, "user/Binary.r")
    kind, content = await retrieving.take(db, actor, at, outside.files, name)
    if JSON not in request.headers.get("accept", ""):
        return Response(content, media_type=kind, headers=BARE)
    data = b64encode(content).decode()
    return respond(200, {"resourceType": "Binary", "id": name, "contentType": kind, "data": data})


class _Question:
    """What is asked for, in which terms, and where the answer says that it is."""

    def __init__(self, kind: Kind, pairs: Pairs, base: str) -> None:
        self.kind, self.pairs, self.base = kind, pairs, base

    def address(self, pairs: Pairs) -> str:
        return f"{self.base}/{self.kind}?{urlencode(pairs)}"


async def _answer(
    db: AsyncSession, actor: Professional, at: At, outside: Neighbours, question: _Question
) -> Response[Any]:
    _check_scope(actor, SCOPES[question.kind])
    came, asked, after = await _arrive(db, actor, at, question)
    if isinstance(came, Rejected):
        return too_often(came)
    if isinstance(came, Closed):
        return closed()
    found = await retrieving.look_up(
        db, actor, at, outside.files, visit=came, search=asked, after=after
    )
    write, following = WRITERS[question.kind], ""
    if found.after:
        next_one = Following(question.kind, came.record_id, asked, found.after)
        following = question.address([(FOLLOWING, retrieving.keep(db, actor, next_one))])
    return respond(
        200,
        write_bundle(
            [write(one, found.whose, question.base) for one in found.pointers],
            question.base,
            here=question.address(_told(asked)),
            following=following,
            whole=not (following or after),
        ),
    )


async def _arrive(
    db: AsyncSession, actor: Professional, at: At, question: _Question
) -> tuple[Visit | Closed | Rejected, Search, Any]:
    """By an INS, or by the address of a page that we gave."""
    if any(name == FOLLOWING for name, _ in question.pairs):
        if len(question.pairs) != 1:
            raise FhirError("value", "L’adresse d’une page suivante ne se change pas.")
        kept = retrieving.resume(db, actor, question.kind, question.pairs[0][1])
        came = await retrieving.here(db, actor, at, kept.record_id)
        return came, kept.search, kept.after
    asked = read_search(question.kind, question.pairs)
    return await retrieving.come_in(db, actor, at, asked.oid, asked.matricule), asked, None


def _told(asked: Search) -> Pairs:
    """What was understood, without the person."""
    return [(one.name, ",".join(one.values)) for one in asked.criteria] + [
        ("_count", str(asked.count))
    ]


def _of_address(request: AnyRequest) -> Pairs:
    return _pairs(request.scope["query_string"])


async def _of_form(request: AnyRequest) -> Pairs:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise FhirError("not-supported", f"{FORM} est attendu.")
    if request.scope["query_string"]:
        raise FhirError(
            "value", "Les paramètres d’un POST sont dans son corps, pas dans l’adresse."
        )
    return _pairs(await request.body())


def _pairs(text: bytes) -> Pairs:
    try:
        return parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError as error:
        raise FhirError("structure", "Ces paramètres sont illisibles ou trop nombreux.") from error


def _check_scope(actor: Professional, scope: str) -> None:
    if scope not in actor.scopes:
        raise NoScope(scope)


router = Router(
    "/",
    route_handlers=[search, search_by_form, lots, lots_by_form, read],
    exception_handlers=HANDLERS,
    request_max_body_size=FORM_BYTES,
    opt={"behalf": True, "say_unavailable": show_unavailable},
)
