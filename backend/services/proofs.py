"""What a proof says of one deposit: who, which document and bytes, when; none of its results."""

from datetime import datetime

from msgspec import Struct

from backend.access.actors import Professional
from backend.access.scopes.desk import ones_structure, systems_here
from backend.domain.errors import NotFound
from backend.domain.reports import Report
from backend.services.professionals import named, place_of
from backend.storage.db import AsyncSession
from backend.storage.documents import ONLY_SENT, Receipt, Version
from backend.storage.records import Record, key_of
from backend.storage.structures import MachineClient


class Deposited(Struct, frozen=True):
    """One deposit, as its proof on paper says it."""

    laboratory: str
    """« Laboratoire de l’Estuaire, Nantes »."""
    finess: str
    by: str
    """A professional, or the system of the laboratory."""
    patient: str
    filed: bool
    """In the patient’s space; otherwise it was only sent."""
    title: str
    """Empty for who may not read it: they keep the proof."""
    identifier: str
    version: int
    sha256: str
    """Of the bytes received, as they are kept."""
    receipt: str
    at: datetime
    """When the receipt was given."""


async def deposit_of(
    db: AsyncSession,
    actor: Professional,
    about: tuple[Receipt, Version, Record],
    *,
    patient: str,
    title: str,
) -> Deposited:
    """The facts of a deposit that the page of this actor already shows; it authorises nothing."""
    receipt, version, record = about
    if (place := await db.scalar(ones_structure(actor))) is None:
        raise NotFound
    report = key_of(db, record).open_value(Report, version.sealed_report, version.id, "report")
    return Deposited(
        laboratory=place_of(place),
        finess=place.finess,
        by=await _who(db, actor, receipt),
        patient=patient,
        filed=version.pages_state != ONLY_SENT,
        title=title,
        identifier=str(report.header.id),
        version=version.number,
        sha256=version.sha256.hex(),
        receipt=receipt.number,
        at=receipt.at,
    )


async def _who(db: AsyncSession, actor: Professional, receipt: Receipt) -> str:
    """« Dr Claire Morel, biologiste », or which system."""
    if receipt.professional_id:
        one = (await named(db, [receipt.professional_id]))[receipt.professional_id]
        return ", ".join(filter(None, (one.name, one.job)))
    mine = systems_here(actor).where(MachineClient.id == receipt.client_id)
    system = await db.scalar(mine)
    return f"Logiciel du laboratoire ({system.client_id})" if system else ""
