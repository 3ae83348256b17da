"""A system reads for a professional: Pro Santé Connect’s token against a short one of ours.

The system proves itself, Pro Santé Connect says who the professional is and that their token was
given to this very software, and they work at its structure as the entrance of professionals decides
it. Whoever then reads is that professional: the policy knows no other reader.
"""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import delete, select

from backend.access import Action, authorise
from backend.access.actors import Machine, Professional, Unplaced
from backend.domain.errors import Unavailable
from backend.domain.formats.psc import Person
from backend.domain.laboratory import Role, profession_at, roles_held
from backend.gateways.oauth import OAuthError, TokenRequest
from backend.gateways.psc import Distrusted, PscClient
from backend.services import machines
from backend.services.pro_sign_in.places import known, places_for
from backend.services.pro_sign_in.sessions import roles_at
from backend.storage.db import SKEW, AsyncSession, Sessions, take_turns, utcnow
from backend.storage.structures import MachineClient, ReadingToken, Structure
from backend.storage.structures import Professional as Practitioner

SCOPES = ("user/DocumentReference.rs", "user/List.s", "user/Binary.r")
"""SMART’s names of its second version: search documents, lots of them, read their contents."""
LIFE = timedelta(minutes=5)


class Issued(Struct, frozen=True):
    """An access token, and what it is for."""

    token: str
    scope: str
    seconds: int


class SubjectRefused(OAuthError):
    """The professional’s token is not to be trusted: `why` is for the journal alone."""

    def __init__(self, why: str, description: str = "subject_token n’est pas valable ici.") -> None:
        super().__init__("invalid_request", description, 400)
        self.why = why


class _Client(Struct, frozen=True):
    id: UUID
    client_id: str
    structure_id: UUID
    psc_client_id: str


async def exchange(
    sessions: Sessions, psc: PscClient | None, request: TokenRequest, *, audience: str
) -> Issued:
    """RFC 8693; OAuthError, and nothing was issued. No transaction waits for Pro Santé Connect."""
    asked = request.scope.split() or list(SCOPES)
    if not set(asked) <= set(SCOPES):
        raise OAuthError("invalid_scope", f"Portées possibles : {' '.join(SCOPES)}.", 400)
    async with sessions.begin() as db:
        found = await machines.prove(db, request, audience=audience)
        client = _Client(found.id, found.client_id, found.structure_id, found.psc_client_id or "")
    if not client.psc_client_id:
        raise OAuthError("unauthorized_client", "Ce client ne lit pour personne.", 400)
    person = await _vouched(psc, request.subject or "", client.psc_client_id)
    async with sessions.begin() as db:
        return await _issue(db, client, person, frozenset(asked))


async def reader_of(db: AsyncSession, token: str) -> Professional | None:
    """For whom this token reads. What they are at the site is asked again on every request."""
    now = utcnow()
    query = (
        select(
            ReadingToken,
            Practitioner,
            MachineClient.structure_id,
            Structure.laboratory,
            roles_at(MachineClient.structure_id),
        )
        .join(MachineClient, MachineClient.id == ReadingToken.client_id)
        .join(Structure, Structure.id == MachineClient.structure_id)
        .join(Practitioner, Practitioner.id == ReadingToken.professional_id)
        .where(
            ReadingToken.token_hash == _hash(token),
            ReadingToken.expires_at.between(now, now + LIFE + SKEW),
            MachineClient.disabled_at.is_(None),
        )
    )
    found = (await db.execute(query)).one_or_none()
    if found is None:
        return None
    held, person, structure_id, laboratory, attached = found
    roles = roles_held([Role(one) for one in attached or ()], held.profession)
    if laboratory and not roles:
        return None
    return Professional(
        person.id,
        structure_id,
        profession_at(held.profession, roles),
        roles=roles,
        ends_at=held.expires_at,
        scopes=frozenset(held.scope.split()),
    )


async def _vouched(psc: PscClient | None, token: str, software: str) -> Person:
    down = OAuthError("temporarily_unavailable", "Pro Santé Connect ne répond pas.", 503)
    if psc is None:
        raise down
    try:
        return await psc.vouch(token, client_id=software, now=utcnow())
    except Distrusted as error:
        raise SubjectRefused(error.reason) from error
    except Unavailable as error:
        raise down from error


async def _issue(
    db: AsyncSession, client: _Client, person: Person, scopes: frozenset[str]
) -> Issued:
    """For their activity where the system is; the journal says who, and through what."""
    await take_turns(db, f"seats/{person.national_id}")
    professional = await known(db, person)
    places = await places_for(db, professional, person)
    here = [profession for place, profession in places if place == client.structure_id]
    if not here:
        raise SubjectRefused(
            "no-activity", "Ce professionnel n’est pas rattaché à votre structure."
        )
    now, token, scope = utcnow(), token_urlsafe(32), " ".join(sorted(scopes))
    db.add(
        ReadingToken(
            token_hash=_hash(token),
            client_id=client.id,
            professional_id=professional.id,
            profession=here[0],
            scope=scope,
            expires_at=now + LIFE,
        )
    )
    await db.execute(delete(ReadingToken).where(ReadingToken.expires_at < now))
    system = Machine(client.id, client.structure_id, scopes)
    authorise(db, system, Action.ISSUE_TOKEN, None, reason=f"professional {professional.id}")
    who = Unplaced(professional.id, uuid4())
    authorise(db, who, Action.PRO_SIGN_IN, None, reason=f"client {client.id}")
    return Issued(token, scope, int(LIFE.total_seconds()))


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
