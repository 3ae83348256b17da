"""Finding what deposits are about: records, versions already known, the document meant."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select, union_all
from sqlalchemy.orm import aliased

from backend.access.actors import Depositor
from backend.access.scopes import deposited_by, records_by_ins
from backend.access.scopes.policies import chosen_at
from backend.domain.deposits import Deposit, DepositAction, DepositRefused, check_identity
from backend.domain.errors import NotFound
from backend.domain.official import Verdict
from backend.services.notices import readers_of
from backend.storage.db import AsyncSession, vault_of
from backend.storage.documents import Document, DocumentStatus, Receipt, Version
from backend.storage.records import Identity, Record, ins_index, traits_of
from backend.storage.structures import Structure
from backend.storage.vault import Vault


class Sent(Struct, frozen=True):
    """A deposit on its way, with the blind indexes that find what it is about."""

    actor: Depositor
    structure_id: UUID
    """The laboratory that they deposit for."""
    deposit: Deposit
    digest: bytes
    """SHA-256 of the document."""
    message_index: bytes
    unique_index: bytes
    """Of the document’s own id, within its author."""
    set_index: bytes
    """Of what stays the same from version to version, within its author."""
    ins_index: bytes
    follows: UUID | None = None
    """The document deposited by hand that it says more of, `deposits.structured`."""
    verdict: Verdict | None = None
    """Of the official checks, once they were made."""

    @property
    def remarked(self) -> str:
        """What they say, for the journal."""
        return self.verdict.code if self.verdict else ""

    @property
    def adds(self) -> bool:
        """It brings a document, rather than taking one away."""
        return self.deposit.action is not DepositAction.WITHDRAW

    @property
    def is_new(self) -> bool:
        """It neither replaces nor withdraws anything."""
        return self.deposit.action is DepositAction.NEW

    def is_same(self, other: "Sent") -> bool:
        """The same message, the same document, or another version of it."""
        return (
            self.message_index == other.message_index
            or self.unique_index == other.unique_index
            or self.set_index == other.set_index
        )

    @classmethod
    def by(cls, actor: Depositor, deposit: Deposit, *, message: str, vault: Vault) -> "Sent":
        """`message` identifies the message: sender, control id and digest of its bytes."""
        header, patient, laboratory = deposit.report.header, deposit.patient, actor.structure_id
        if laboratory is None:
            raise NotFound
        return cls(
            actor,
            laboratory,
            deposit,
            digest=sha256(deposit.content).digest(),
            message_index=message_index(vault, actor, message),
            unique_index=index_of_version(vault, laboratory, str(header.id)),
            set_index=_index(vault, laboratory, "set", str(header.set_id or header.id)),
            ins_index=ins_index(vault, patient.oid, patient.matricule),
        )


class Known(Struct, frozen=True):
    """What the database knew of a batch when it was looked up."""

    receipts: Mapping[bytes, str]
    """Receipt numbers by message."""
    finess: Mapping[UUID, str]
    """By structure."""
    records: Mapping[bytes, tuple[Record, Identity]]
    """By INS."""
    versions: Mapping[bytes, Version]
    """Of these authors, by document id."""
    sets: Collection[bytes]
    """Those of these authors that exist."""
    readers: Mapping[UUID, Collection[UUID]]
    """Accounts, by record."""
    rules: Mapping[UUID, Collection[str]]
    """By structure, the families of tests that it withholds."""

    def record_of(self, db: AsyncSession, sent: Sent) -> Record:
        """The open record whose identity is, trait by trait, the one sent. Never another one."""
        patient, found = sent.deposit.patient, self.records.get(sent.ins_index)
        traits = traits_of(db, *found) if found else None
        check_identity(patient, sent.deposit.report.header.patient, traits)
        if found is None:
            raise DepositRefused(
                "902", "Aucun espace ouvert ne correspond à cette identité.", place="patient"
            )
        return found[0]


async def find_known(db: AsyncSession, batch: Sequence[Sent]) -> Known:
    """As many queries for a batch as for one deposit; one more for each further author."""
    messages = Receipt.message_index.in_([sent.message_index for sent in batch])
    receipts = await db.execute(select(Receipt.message_index, Receipt.number).where(messages))
    authors = Structure.id.in_({sent.structure_id for sent in batch})
    structures = await db.execute(select(Structure.id, Structure.finess).where(authors))
    found = await db.execute(records_by_ins({sent.ins_index for sent in batch}))
    records = {identity.ins_index: (record, identity) for record, identity in found}
    versions: dict[bytes, Version] = {}
    sets: set[bytes] = set()
    for actor, theirs in by_author(batch):
        await _find_documents(db, actor, theirs, versions, sets)
    return Known(
        receipts={index: number for index, number in receipts},  # noqa: C416 - rows, not pairs
        finess={id_: finess for id_, finess in structures},  # noqa: C416 - the same
        records=records,
        versions=versions,
        sets=sets,
        readers=await readers_of(db, [record.id for record, _ in records.values()]),
        rules=await _rules(db, batch),
    )


async def _rules(db: AsyncSession, batch: Sequence[Sent]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    for row in await db.scalars(chosen_at({sent.structure_id for sent in batch})):
        found[row.structure_id].add(row.family)
    return found


def message_index(vault: Vault, actor: Depositor, message: str) -> bytes:
    """Where the receipt of a message is found."""
    return vault.index("message", f"{actor.id}|{message}")


def by_author(batch: Sequence[Sent]) -> list[tuple[Depositor, list[Sent]]]:
    """The deposits of each laboratory, and who speaks for it."""
    authors = {sent.structure_id: sent.actor for sent in batch}
    return [
        (actor, [sent for sent in batch if sent.structure_id == id_])
        for id_, actor in authors.items()
    ]


async def _find_documents(
    db: AsyncSession,
    actor: Depositor,
    batch: Sequence[Sent],
    versions: dict[bytes, Version],
    sets: set[bytes],
) -> None:
    ids, named = [sent.unique_index for sent in batch], [sent.set_index for sent in batch]
    mine = deposited_by(actor).join(Version, Version.document_id == Document.id)
    # Each by its own index: an OR over two tables would read all that the laboratory ever sent.
    by_id = mine.where(Version.unique_index.in_(ids)).with_only_columns(Version.id)
    by_set = mine.where(Document.set_index.in_(named)).with_only_columns(Version.id)
    wanted = Version.id.in_(union_all(by_id, by_set))
    for index, version in await db.execute(
        mine.where(wanted).with_only_columns(Document.set_index, Version)
    ):
        sets.add(index)
        versions[version.unique_index] = version


async def find(db: AsyncSession, sent: Sent, record: Record) -> tuple[Document, Version]:
    """The live document of this author meant by a replacement or a deletion, locked.

    By parent id, by its own id, then by setId: official samples name a parent that was never
    sent (interop.md §1.8 item 4).
    """
    replaces = sent.deposit.report.header.replaces
    ids = [index_of_version(vault_of(db), sent.structure_id, str(id_)) for id_ in replaces]
    mine = (
        deposited_by(sent.actor)
        .join(Version, Version.id == Document.version_id)
        .where(Document.record_id == record.id, Document.status != DocumentStatus.WITHDRAWN)
        .add_columns(Version)
        .with_for_update(of=Document)
    )
    named = aliased(Version)
    by_id = mine.join(named, named.document_id == Document.id).where(
        named.unique_index.in_([*ids, sent.unique_index])
    )
    by_set = mine.where(Document.set_index == sent.set_index)
    followed = mine.where(Document.id == sent.follows)
    for query in (followed,) if sent.follows else (by_id, by_set):
        if found := (await db.execute(query, execution_options=FRESH)).first():
            return found[0], found[1]
    raise DepositRefused(
        "900", "Le document à remplacer ou à supprimer n’est pas connu ici.", place="document"
    )


FRESH = {"populate_existing": True}
"""What was read before the lock was held may have changed since."""


def index_of_version(vault: Vault, laboratory: UUID, identifier: str) -> bytes:
    """Where a document of this author is found by its own id."""
    return _index(vault, laboratory, "version", identifier)


def _index(vault: Vault, laboratory: UUID, kind: str, identifier: str) -> bytes:
    return vault.index(f"document-{kind}", f"{laboratory}|{identifier}")
