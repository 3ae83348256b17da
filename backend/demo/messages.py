"""Laura’s messages: one that waits for her answer, one that is over, one from her doctor.

And the models that her laboratory keeps.
"""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.access import Action, authorise
from backend.access.actors import Patient
from backend.access.actors import Professional as Acting
from backend.access.scopes import Moment, Policy
from backend.access.scopes.desk import patient_files
from backend.demo.mssante import Network
from backend.demo.people import LAURA, MARTIN, MOREL
from backend.domain.conversations import Model
from backend.domain.dispatches import citizen_address
from backend.domain.laboratory import Role
from backend.domain.own_documents import Given
from backend.gateways.outside import Outside
from backend.services import conversations
from backend.services.accounts import identifier_index
from backend.services.conversations import Writing
from backend.storage.accounts import Account
from backend.storage.db import AsyncSession, Sessions, utcnow, vault_of
from backend.storage.desk import PatientFile, number_index
from backend.storage.policies import MessageModel, seal_model
from backend.storage.structures import Practice, Professional

MODELS = (
    (
        "Fermeture du samedi",
        (
            "Bonjour,\n\nNotre laboratoire est fermé ce samedi. "
            "Vous pouvez venir lundi, de 7 h à 11 h, sans rendez-vous."
        ),
    ),
    (
        "Venir à jeun",
        (
            "Bonjour,\n\nPour ce prélèvement, venez à jeun : rien à manger depuis 12 heures. "
            "Vous pouvez boire de l’eau."
        ),
    ),
)
NO_SESSION = UUID(int=0)
ADVICE = """Avant le prélèvement du mardi

Venez à jeun : rien à manger depuis 12 heures.
Vous pouvez boire de l’eau.
Apportez votre ordonnance et votre carte Vitale.
"""


async def correspond(sessions: Sessions, policy: Policy, outside: Outside) -> None:
    """By the same way as the pages of both sides."""
    now = utcnow()
    advice = Given("consignes.txt", ADVICE.encode(), len(ADVICE.encode()))
    async with sessions.begin() as db:
        laura, morel = await _laura(db), await _morel(db)
        assert morel.structure_id is not None
        _keep_models(db, morel)
        traits = LAURA.traits
        index = number_index(vault_of(db), morel.structure_id, traits.oid, traits.matricule)
        found = await db.scalars(patient_files(morel).where(PatientFile.ins_index == index))
        file_id = found.one().id

        def at(days: int) -> Moment:
            return Moment.at(now - timedelta(days=days), policy)

        over = Writing("Bonjour,\n\nVotre ordonnance est illisible. Pouvez-vous la renvoyer ?")
        first = await conversations.open_conversation(
            db, morel, at(9), outside, file_id=file_id, subject="Votre ordonnance", writing=over
        )
        assert isinstance(first, UUID)
        answer = Writing("Bonjour, le cabinet vous l’a faxée ce matin.")
        await conversations.answer(db, laura, at(8), outside, conversation_id=first, writing=answer)
        reason = "Nous avons bien reçu l’ordonnance. Merci."
        await conversations.close(db, morel, at(7), first, reason)
        wanted = Writing(
            "Bonjour,\n\nVotre médecin demande un contrôle de la ferritine. "
            "Quel jour vous convient ? Les consignes sont jointes.",
            given=(advice,),
        )
        await conversations.open_conversation(
            db,
            morel,
            at(1),
            outside,
            file_id=file_id,
            subject="Un prélèvement de contrôle",
            writing=wanted,
        )


def arrives(network: Network, ours_at: datetime) -> None:
    """Her doctor writes from his own mailbox, as any professional of MSSanté does."""
    mail = EmailMessage()
    mail["From"] = f"Dr Paul Martin <{MARTIN.mailbox}>"
    mail["To"] = citizen_address(LAURA.traits.matricule)
    mail["Subject"] = "Votre prochain rendez-vous"
    mail["Date"] = format_datetime(ours_at)
    mail["Message-ID"] = "<rendez-vous.1@medecins.mssante.example>"
    mail.set_content(
        "Bonjour,\n\nJ’ai reçu vos résultats. Prenez rendez-vous dans le mois.\n\nDr Martin\n"
    )
    network.deliver(network.ours, mail.as_bytes())


def _keep_models(db: AsyncSession, morel: Acting) -> None:
    assert morel.structure_id is not None
    for title, words in MODELS:
        row = MessageModel(id=uuid4(), structure_id=morel.structure_id, written_by=morel.id)
        authorise(db, morel, Action.WRITE_MODEL, row)
        row.written_at = utcnow()
        row.sealed = seal_model(vault_of(db), row.id, Model(str(row.id), title, words))
        db.add(row)


async def _laura(db: AsyncSession) -> Patient:
    index = identifier_index(db, LAURA.identifier)
    account = (await db.scalars(select(Account).where(Account.identifier_index == index))).one()
    return Patient(account.id, account.record_id, account.record_id, NO_SESSION)


async def _morel(db: AsyncSession) -> Acting:
    query = (
        select(Professional, Practice.structure_id)
        .join(Practice, Practice.professional_id == Professional.id)
        .where(Professional.national_id == MOREL.national_id)
    )
    who, structure_id = (await db.execute(query)).one()
    roles = frozenset({Role.BIOLOGIST, Role.ADMINISTRATOR})
    return Acting(who.id, structure_id, who.profession, roles=roles)
