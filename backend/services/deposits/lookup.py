"""Finding what a deposit is about: the record, the version already known, the document meant."""

from hashlib import sha256

from sqlalchemy.orm import aliased

from backend.access.actors import Machine
from backend.access.scopes import deposited_by, record_by_ins
from backend.domain.deposits import Deposit, DepositAction, DepositRefused, check_identity
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import Document, DocumentStatus, Version
from backend.storage.records import Record, ins_index, traits_of


async def record_of(db: AsyncSession, deposit: Deposit) -> Record:
    """The open record whose identity is, trait by trait, the one sent. Never another one."""
    patient = deposit.patient
    found = (
        await db.execute(record_by_ins(ins_index(db, patient.oid, patient.matricule)))
    ).one_or_none()
    known = traits_of(db, *found) if found else None
    check_identity(patient, deposit.report.header.patient, known)
    if found is None:
        raise DepositRefused(
            "902", "Aucun espace ouvert ne correspond à cette identité.", place="patient"
        )
    return found[0]


async def known_version(db: AsyncSession, actor: Machine, deposit: Deposit) -> Version | None:
    """The version that already carries this document id: same bytes, or it is refused."""
    mine = deposited_by(actor).join(Version, Version.document_id == Document.id)
    version = await db.scalar(
        mine.where(Version.unique_index == unique_index(db, actor, deposit)).with_only_columns(
            Version
        )
    )
    if (
        version
        and version.sha256 != sha256(deposit.content).digest()
        and (deposit.action is not DepositAction.WITHDRAW)
    ):
        raise DepositRefused(
            "906",
            "Un document de même identifiant et de contenu différent est déjà déposé.",
            place="document",
        )
    return version


async def find(
    db: AsyncSession, actor: Machine, deposit: Deposit, record: Record
) -> tuple[Document, Version]:
    """The live document of this author meant by a replacement or a deletion, locked.

    By parent id, by its own id, then by setId: official samples name a parent that was never
    sent (interop.md §1.8 item 4).
    """
    header = deposit.report.header
    ids = [_index(db, actor, "version", str(id_)) for id_ in (*header.replaces, header.id)]
    mine = (
        deposited_by(actor)
        .join(Version, Version.id == Document.version_id)
        .where(Document.record_id == record.id, Document.status == DocumentStatus.CURRENT)
        .add_columns(Version)
        .with_for_update(of=Document)
    )
    named = aliased(Version)
    by_id = mine.join(named, named.document_id == Document.id).where(named.unique_index.in_(ids))
    by_set = mine.where(Document.set_index == set_index(db, actor, deposit))
    for query in (by_id, by_set):
        if found := (await db.execute(query)).first():
            return found[0], found[1]
    raise DepositRefused(
        "900", "Le document à remplacer ou à supprimer n’est pas connu ici.", place="document"
    )


def unique_index(db: AsyncSession, actor: Machine, deposit: Deposit) -> bytes:
    """Blind index of the document’s own id, within its author."""
    return _index(db, actor, "version", str(deposit.report.header.id))


def set_index(db: AsyncSession, actor: Machine, deposit: Deposit) -> bytes:
    """Blind index of what stays the same from version to version, within its author."""
    header = deposit.report.header
    return _index(db, actor, "set", str(header.set_id or header.id))


def _index(db: AsyncSession, actor: Machine, kind: str, identifier: str) -> bytes:
    return vault_of(db).index(f"document-{kind}", f"{actor.structure_id}|{identifier}")
