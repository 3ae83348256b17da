"""What somebody at the desk says of an identity: a document seen, a contract, a mark."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import func

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import checks_for, contracts_for
from backend.domain.errors import NotFound, Refused
from backend.domain.rniv import Event, Standing, check_proof, check_whose_number
from backend.domain.rniv.children import is_minor
from backend.domain.trust_contracts import check_active
from backend.services.identification.contracts import state_at
from backend.services.identification.files import foresee, hold, move
from backend.storage.db import AsyncSession
from backend.storage.desk import IdentityCheck, PatientFile, TrustContract, terms_of, traits_of

BY_CONTRACT = "contrat"
NOT_THEIRS = (
    "Ces prélèvements ne viennent pas d’un partenaire : qualifiez l’identité en contrôlant "
    "une pièce."
)


class Seen(Struct, frozen=True):
    """What was ticked about a document."""

    kind: str
    """`rniv.Proof.code`."""
    same_traits: bool
    """« Les traits de la pièce sont ceux du dossier. »"""
    parents_seen: bool = False


async def see_document(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID, seen: Seen
) -> Standing:
    """A strong document was seen: the identity is validated, qualified when INSi knows it."""
    file = await hold(db, actor, file_id)
    foresee(file, Event.DOCUMENT)
    traits = traits_of(db, file)
    check_proof(
        seen.kind,
        minor=is_minor(traits, at.today),
        parents_seen=seen.parents_seen,
        same_traits=seen.same_traits,
    )
    check_whose_number(traits, at.today)
    move(db, actor, at, file, Event.DOCUMENT)
    db.add(_check(file, actor, at, seen.kind))
    return file.standing


async def qualify_by_contract(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID
) -> Standing:
    """The partner checked the document, and its contract is in force today."""
    file = await hold(db, actor, file_id)
    if file.contract_id is None:
        raise Refused(NOT_THEIRS)
    held = contracts_for(actor).where(TrustContract.id == file.contract_id)
    contract = await db.scalar(held.with_for_update())  # nobody stops it meanwhile
    if contract is None:
        raise NotFound
    foresee(file, Event.CONTRACT)
    check_active(state_at(contract, at), terms_of(db, contract))
    check_whose_number(traits_of(db, file), at.today)
    move(db, actor, at, file, Event.CONTRACT)
    db.add(_check(file, actor, at, BY_CONTRACT))
    return file.standing


async def mark(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID, event: Event
) -> Standing:
    """Homonyme, douteuse, fictive: said, or no longer said."""
    if event.value.partition("-")[0] not in {"call", "clear"}:
        raise Refused("Ce n’est pas un signalement.")
    file = await hold(db, actor, file_id)
    move(db, actor, at, file, event)
    return file.standing


async def last_check(db: AsyncSession, actor: Professional, file_id: UUID) -> IdentityCheck | None:
    """Who checked this identity last, and how."""
    query = checks_for(actor).where(IdentityCheck.file_id == file_id)
    return await db.scalar(query.order_by(IdentityCheck.at.desc()).limit(1))


async def count_checks(db: AsyncSession, actor: Professional, contract_id: UUID) -> int:
    """How many identities were qualified under a contract: its audits ask."""
    query = checks_for(actor).where(IdentityCheck.contract_id == contract_id)
    return await db.scalar(query.with_only_columns(func.count())) or 0


def _check(file: PatientFile, actor: Professional, at: Moment, kind: str) -> IdentityCheck:
    under = file.contract_id if kind == BY_CONTRACT else None
    return IdentityCheck(
        file_id=file.id, kind=kind, contract_id=under, checked_by=actor.id, at=at.now
    )
