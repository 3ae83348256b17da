"""The rules of a deposit, whatever door it came through. Pure.

Codes are those of the ANS volet « Transmission d’un document CDA-R2 en HL7v2 » (interop.md §1.6):
900 wrong version, 901 author not allowed, 902 patient unknown, 903 INS absent, 904 INS mismatch,
905 traits incomplete, 906 other.
"""

from enum import StrEnum
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from backend.domain.errors import Refused
from backend.domain.ins import different_traits, missing_traits
from backend.domain.reports import Header, Organisation, Person, Report, Traits

BIOLOGY_REPORT = "11502-2"
RAPID_TEST = "96173-0"
IMAGING_REPORT = "18748-4"
DEPOSITABLE = frozenset({BIOLOGY_REPORT, RAPID_TEST, IMAGING_REPORT})
"""JDV_J07 types that this gateway takes from laboratories and their imaging partners."""

BY_POLICY = (
    "MASQUE_PS, et une règle du laboratoire rend ces analyses invisibles au patient : personne ne "
    "pourrait lire ce document."
)


class DepositRefused(Refused):
    """The content is refused; `code` is the application code of the volet."""

    def __init__(self, code: str, message: str, *, place: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.place = place
        """The part at fault: `patient`, `author`, `document`, `type`, `flags` or `recipients`."""


class DepositAction(StrEnum):
    """ORC-1 NW, RO, CA."""

    NEW = "new"
    REPLACE = "replace"
    WITHDRAW = "withdraw"


class Flags(Struct, frozen=True):
    """What the laboratory said about visibility."""

    masked: bool = False
    withheld: bool = False
    hidden_from_guardians: bool = False
    visibility_only: bool = False
    """MODIF_CONF_CODE: the new version changes nothing but these."""
    by_policy: bool = False
    """The laboratory’s own rule withholds it: a new version stays withheld, or stays visible."""


class Recipient(Struct, frozen=True):
    """Who else receives the report (PRT RCT)."""

    person: Person = Person()
    address: str = ""
    """MSSanté address."""
    is_patient: bool = False


class Order(Struct, frozen=True):
    """What the sender asks about MSSanté, and what an answer to it must quote."""

    to_professionals: bool = False
    """DESTMSSANTEPS."""
    to_patient: bool = False
    """DESTMSSANTEPAT."""
    tell_reception: bool = False
    """ACK_RECEPTION: acknowledgement Z02 when a mailbox has it, or refuses it."""
    tell_reading: bool = False
    """ACK_LECTURE_MSS: Z03 when it is read."""
    reply_to: str = ""
    """PRT REPLY."""
    body_professional: str = ""
    """CORPSMAIL_PS."""
    body_patient: str = ""
    ends_exchange: bool = False
    """NTE-4 FIN: the patient may not answer."""
    sending: tuple[str, str] = ("", "")
    """MSH-3 and MSH-4."""
    control_id: str = ""
    """MSH-10."""


class Deposit(Struct, frozen=True):
    """One document to deposit, read and understood."""

    action: DepositAction
    patient: Traits
    """As the envelope says; the document says it too and the two must agree."""
    sender: Organisation
    type_code: str
    content: bytes
    """The exact bytes of the document."""
    report: Report
    flags: Flags
    recipients: tuple[Recipient, ...] = ()
    order: Order = Order()
    only_sent: bool = False
    """DESTDMP=N: for its recipients, and not for the record of its patient."""


class Visible(Protocol):
    """The three flags as they stand on a stored document."""

    masked: bool
    withheld: bool
    hidden_from_guardians: bool


def check_content(deposit: Deposit) -> None:
    """Type, confidentiality and flags, before anything is looked up."""
    header = deposit.report.header
    if deposit.type_code not in DEPOSITABLE:
        raise DepositRefused(
            "906", f"Type de document non accepté : {deposit.type_code or 'absent'}.", place="type"
        )
    if header.type_code != deposit.type_code:
        raise DepositRefused(
            "906", "Le type du document CDA n’est pas celui annoncé par le message.", place="type"
        )
    if header.confidentiality != "N":
        raise DepositRefused(
            "906",
            "Un document de confidentialité R ou V ne se dépose pas dans un dossier partagé.",
            place="document",
        )
    check_flags(deposit.flags)


def check_flags(flags: Flags) -> None:
    """Somebody must be able to read the document."""
    if flags.masked and flags.withheld and flags.by_policy:
        raise DepositRefused("906", BY_POLICY, place="flags")
    if flags.masked and flags.withheld:
        raise DepositRefused(
            "906",
            "MASQUE_PS et INVISIBLE_PATIENT ensemble : personne ne pourrait lire ce document.",
            place="flags",
        )


def under_policy(flags: Flags, action: DepositAction, *, withheld: bool) -> Flags:
    """The flags of a deposit once the laboratory’s rule about its tests is applied.

    A first version is withheld, whatever its message says. A new one stays as the document is:
    the rule hides nothing that already shows. A message that changes nothing but visibility is
    the laboratory’s explicit word, and stronger.
    """
    if not withheld or flags.visibility_only or action is DepositAction.WITHDRAW:
        return flags
    if action is DepositAction.REPLACE:
        return replace(flags, by_policy=True)
    ruled = replace(flags, withheld=True, by_policy=True)
    check_flags(ruled)
    return ruled


def check_identity(sent: Traits, carried: Traits, known: Traits | None = None) -> None:
    """The envelope, the document and the record must be of one person, trait by trait.

    903: no INS in the document. 905: strict traits missing. 904: two of them differ. A record
    that does not exist is for the caller (902): only then is nothing compared with it.
    """
    if not carried.matricule or not carried.oid:
        raise DepositRefused("903", "L’INS est absente du document CDA.", place="patient")
    if missing := missing_traits(carried):
        raise DepositRefused(
            "905", f"Traits absents du document : {_in_words(missing)}.", place="patient"
        )
    if not sent.matricule:
        raise DepositRefused("905", "L’INS est absente du message (PID-3).", place="patient")
    for other, where in ((sent, "le message et le document"), (known, "le document et le dossier")):
        if other and (different := different_traits(carried, other)):
            raise DepositRefused(
                "904",
                f"Identité discordante entre {where} : {_in_words(different)}.",
                place="patient",
            )


WORDS = {
    "matricule": "matricule",
    "oid": "OID",
    "birth_name": "nom de naissance",
    "first_given": "premier prénom",
    "birth_date": "date de naissance",
    "sex": "sexe",
    "birthplace": "lieu de naissance",
}


def _in_words(traits: tuple[str, ...]) -> str:
    return ", ".join(WORDS[name] for name in traits)


def check_author(header: Header, sender: Organisation, finess: str) -> None:
    """A machine deposits what its own structure answers for, and nothing else."""
    if sender.finess != finess:
        raise DepositRefused(
            "901", "L’émetteur (PRT SB) n’est pas la structure de ce client.", place="author"
        )
    owners = {header.custodian.finess, header.author_organisation.finess, header.performer.finess}
    if finess not in owners:
        raise DepositRefused(
            "901", "Le document n’a pas pour auteur la structure de ce client.", place="author"
        )


def check_version(given: int | None, current: int, stated: int | None = None) -> int:
    """Above the current one; the next for want of one, or when its author `stated` less for it."""
    counts_on = given is not None and stated is not None and stated < min(given, current)
    number = current + 1 if given is None or (counts_on and given <= current) else given
    if number <= current:
        raise DepositRefused(
            "900",
            f"Version {number} refusée : la version {current} est déjà connue.",
            place="document",
        )
    return number


def merged_flags(
    asked: Flags, stored: Visible, *, masked_by_patient: bool, seen_by_patient: bool
) -> Flags:
    """The flags of a new version: it never lowers what the patient protects.

    A document already opened by its patient cannot be withheld afterwards (R.1111-53). What
    representatives see follows the new version: hiding again protects the minor.
    """
    if asked.withheld and not stored.withheld and seen_by_patient:
        raise DepositRefused(
            "906",
            "Ce document a déjà été ouvert : il ne peut plus être rendu invisible.",
            place="flags",
        )
    return Flags(
        masked=asked.masked or masked_by_patient,
        withheld=asked.withheld or (asked.by_policy and stored.withheld),
        hidden_from_guardians=asked.hidden_from_guardians,
        visibility_only=asked.visibility_only,
    )
