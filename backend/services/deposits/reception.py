"""What somebody said at the laboratory’s own desk holds for what is sampled that day."""

from collections.abc import Collection
from datetime import date

from msgspec.structs import replace

from backend.access.actors import Depositor
from backend.access.scopes.desk import visits_of_a_sender
from backend.domain.calendar import civil_day
from backend.domain.deposits import DepositRefused, check_flags
from backend.domain.reception import Choices, Sensitive
from backend.services.deposits.lookup import Sent
from backend.storage.db import AsyncSession, vault_of
from backend.storage.desk import choices_of, number_index

Wanted = dict[tuple[bytes, date], Choices]
"""By INS in the files of one laboratory, and day of the visit: the last word."""


async def find_wanted(db: AsyncSession, actor: Depositor, batch: Collection[Sent]) -> Wanted:
    """What the people of these deposits wanted, each day that they came."""
    indexes = {_index(db, sent) for sent in batch}
    found = await db.execute(visits_of_a_sender(actor, indexes))
    return {
        (file.ins_index or b"", civil_day(visit.at)): choices_of(db, file, visit)
        for file, visit in found
    }


def as_wanted(db: AsyncSession, wanted: Wanted, sent: Sent) -> Sent:
    """The deposit as the person wants it; DepositRefused when they want none.

    What is there already may still be corrected: their choice was about what was to come. What is
    only sent enters nothing: whom it goes to is told the rest of what they said.
    """
    choices = wanted_of(db, wanted, sent)
    if choices is None or not sent.adds:
        return sent
    if choices.opposed and sent.is_new and not sent.deposit.only_sent:
        raise DepositRefused(
            "906",
            "La personne s’est opposée à ce dépôt, à l’accueil du laboratoire : rien n’entre dans "
            "son espace.",
            place="patient",
        )
    given = sent.deposit.flags
    flags = replace(
        given,
        withheld=given.withheld or choices.sensitive is Sensitive.EXPLAINED,
        hidden_from_guardians=given.hidden_from_guardians or choices.secret,
    )
    check_flags(flags)
    return replace(sent, deposit=replace(sent.deposit, flags=flags))


def wanted_of(db: AsyncSession, wanted: Wanted, sent: Sent) -> Choices | None:
    """What they said the day that they were sampled."""
    header = sent.deposit.report.header
    day = civil_day(header.sampled_at or header.created)
    return wanted.get((_index(db, sent), day))


def _index(db: AsyncSession, sent: Sent) -> bytes:
    patient = sent.deposit.patient
    return number_index(vault_of(db), sent.structure_id, patient.oid, patient.matricule)
