"""What somebody wants for this visit, and what may be deposited for them afterwards."""

from uuid import UUID, uuid4

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import visits_for
from backend.domain.errors import Refused
from backend.domain.reception import Choices, Sensitive, check_choices
from backend.domain.reports import Traits
from backend.domain.rniv import check_whose_number
from backend.services.identification.files import hold
from backend.storage.db import AsyncSession
from backend.storage.desk import DeskVisit, choices_of, key_of, traits_of

OPPOSED = "La personne s’oppose à ce dépôt : ne déposez rien. Ses soins continuent."
NOT_QUALIFIED = (
    "Seule une identité qualifiée permet de déposer : interrogez INSi et contrôlez une pièce "
    "d’identité."
)
NOT_RECEIVED = "Accueillez d’abord la personne : elle doit être informée du dépôt."


class Depositable(Struct, frozen=True):
    """Whose documents may go, and how."""

    traits: Traits
    """With the INS."""
    withheld: bool
    """To be announced by a professional first."""
    hidden_from_guardians: bool


async def receive(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID, choices: Choices
) -> DeskVisit:
    """Write what the person was told and wants, this time."""
    file = await hold(db, actor, file_id)
    check_choices(choices, traits_of(db, file), at.today)
    authorise(db, actor, Action.RECEIVE_PATIENT, file)
    visit_id = uuid4()
    visit = DeskVisit(
        id=visit_id,
        file_id=file.id,
        received_by=actor.id,
        at=at.now,
        sealed_choices=key_of(db, file).seal_value(choices, visit_id, "choices"),
    )
    db.add(visit)
    await db.flush()
    return visit


async def last_choices(db: AsyncSession, actor: Professional, file_id: UUID) -> Choices | None:
    """Of the last visit; None when there was none."""
    file = await hold(db, actor, file_id)
    query = visits_for(actor).where(DeskVisit.file_id == file_id)
    visit = await db.scalar(query.order_by(DeskVisit.at.desc(), DeskVisit.id).limit(1))
    return choices_of(db, file, visit) if visit else None


async def depositable(
    db: AsyncSession, actor: Professional, at: Moment, file_id: UUID
) -> Depositable:
    """What a deposit for this person carries; Refused when there is to be none."""
    file = await hold(db, actor, file_id)
    choices = await last_choices(db, actor, file_id)
    if choices is None:
        raise Refused(NOT_RECEIVED)
    if choices.opposed:
        raise Refused(OPPOSED)
    if not file.standing.may_send_matricule:
        raise Refused(NOT_QUALIFIED)
    traits = traits_of(db, file)
    check_whose_number(traits, at.today)
    authorise(db, actor, Action.OPEN_FILE, file)
    return Depositable(traits, choices.sensitive is Sensitive.EXPLAINED, choices.secret)
