"""To whom a report goes by MSSanté, from what its message asks and its document says."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from backend.domain.contact import read_email
from backend.domain.deposits import Deposit, DepositAction, DepositRefused, Flags, Order, Recipient
from backend.domain.errors import Refused
from backend.domain.reports import Header, Person

CITIZENS = "patient.mssante.fr"
MOST = 10
"""Professionals to whom one report goes: what names more is refused, nobody is left out of it."""
MATRICULE = 15
TO_NOBODY = (
    "DESTDMP=N, et aucun professionnel à qui l’envoyer : mettez DESTMSSANTEPS=Y et nommez un "
    "destinataire, ou mettez DESTDMP=Y."
)
NOT_TO_THEM = (
    "DESTDMP=N et DESTMSSANTEPAT=Y : la messagerie du patient est celle de son espace. Mettez "
    "DESTMSSANTEPAT=N, ou DESTDMP=Y."
)
NOT_SHOWN = (
    "DESTDMP=N et MODIF_CONF_CODE=Y : ce document n’est dans aucun espace, il n’y a pas de "
    "visibilité à changer."
)


class Role(StrEnum):
    """As whom they receive it."""

    PRESCRIBER = "prescriber"
    PHYSICIAN = "physician"
    """Médecin traitant."""
    COPY = "copy"
    """Another professional or a structure that the message names."""
    PATIENT = "patient"


class Destination(Struct, frozen=True):
    """One recipient; without an address, it is looked for in the Annuaire santé."""

    role: Role
    person: Person = Person()
    address: str = ""

    def moved(self, address: str) -> "Destination":
        """Sent again: whose an address that is typed is, nobody knows, and no name goes with it."""
        known = address in {"", self.address}
        return Destination(self.role, self.person if known else Person(), address)


class Sending(Struct, frozen=True):
    """What a dispatch keeps, sealed: to whom, and what was asked."""

    to: Destination
    order: Order
    earlier: tuple[Destination, ...] = ()
    """To whom the rounds before this one went, the last one last."""

    def again(self, to: Destination) -> "Sending":
        """One more round; where the last one went is still told of it."""
        return Sending(to, self.order, (*self.earlier, self.to))

    def of_round(self, turn: int, last: int) -> Destination | None:
        """To whom this round went, of so many; None when that was not kept."""
        before = last - turn
        if before == 0:
            return self.to
        return self.earlier[-before] if 0 < before <= len(self.earlier) else None


def destinations(deposit: Deposit, flags: Flags) -> list[Destination]:
    """Those that DESTMSSANTEPS and DESTMSSANTEPAT ask for, each once.

    Professionals are those of the message (PRT RCT); when it names none, the prescriber and the
    general practitioner of the document. `flags` as they stand once it is filed: the patient gets
    nothing of what is withheld from them, nor of what a minor keeps from their representatives.
    """
    found = _professionals(deposit)
    if deposit.order.to_patient and not (flags.withheld or flags.hidden_from_guardians):
        address = citizen_address(deposit.patient.matricule)
        found[address] = Destination(Role.PATIENT, address=address)
    return [*found.values()]


def check_recipients(deposit: Deposit) -> None:
    """Ten professionals at most, or DepositRefused: the eleventh never misses it in silence."""
    if (count := len(_professionals(deposit))) > MOST:
        raise DepositRefused(
            "906",
            f"Un compte rendu s’envoie à {MOST} destinataires au plus, et celui-ci en a {count} : "
            "retirez-en.",
            place="recipients",
        )


def check_only_sent(deposit: Deposit) -> None:
    """What is for no record is for some professional; DepositRefused otherwise.

    The mailbox of a patient belongs to their space (`<INS>@patient.mssante.fr`).
    """
    if not deposit.only_sent:
        return
    if deposit.order.to_patient:
        raise DepositRefused("906", NOT_TO_THEM, place="flags")
    if deposit.flags.visibility_only:
        raise DepositRefused("906", NOT_SHOWN, place="flags")
    if deposit.action is not DepositAction.WITHDRAW and not _professionals(deposit):
        raise DepositRefused("906", TO_NOBODY, place="recipients")


def with_copy(copies: tuple[Recipient, ...], one: Recipient) -> tuple[Recipient, ...]:
    """The same person once, and no more than a report goes to."""
    others = tuple(other for other in copies if other.person != one.person)
    if len(others) >= MOST:
        raise Refused(f"Un compte rendu s’envoie à {MOST} destinataires au plus.")
    return (*others, one)


def _professionals(deposit: Deposit) -> dict[str, Destination]:
    """Each once, by their address or their number."""
    found: dict[str, Destination] = {}
    if deposit.order.to_professionals:
        for one in [*_named(deposit)] or [*_of_the_document(deposit.report.header)]:
            found.setdefault(one.address or one.person.national_id, one)
    return found


def citizen_address(matricule: str) -> str:
    """« Messagerie citoyenne »: from the qualified INS, never from what a message says it is."""
    if len(matricule) != MATRICULE or not matricule.isalnum() or not matricule.isascii():
        raise ValueError("an INS has fifteen characters")
    return f"{matricule}@{CITIZENS}"


def is_secure(address: str, domains: Iterable[str]) -> bool:
    """Whether it is in the espace de confiance: no report goes to an ordinary mailbox."""
    if not address or _read(address) != address:
        return False
    domain = address.rpartition("@")[2]
    return any(domain == known or domain.endswith(f".{known}") for known in domains)


def secured(address: str, domains: Iterable[str]) -> str:
    """The address as it is written, or nothing when it is outside the espace de confiance."""
    good = _read(address)
    return good if is_secure(good, domains) else ""


def is_for(role: Role, address: str, domains: Iterable[str]) -> bool:
    """Whether a report may go there: to patients by their own mailbox, to it for nobody else."""
    return is_secure(address, domains) and is_citizens(address) is (role is Role.PATIENT)


def is_citizens(address: str) -> bool:
    """Patients receive by their INS only, and when DESTMSSANTEPAT says so."""
    domain = address.lower().rpartition("@")[2]
    return domain == CITIZENS or domain.endswith(f".{CITIZENS}")


def _named(deposit: Deposit) -> Iterator[Destination]:
    """An address that is none is left out: the number of the professional leads to another."""
    for one in deposit.recipients:
        address = _read(one.address)
        if not one.is_patient and not is_citizens(address) and (address or one.person.national_id):
            yield _play(one.person, deposit.report.header, address)


def _read(address: str) -> str:
    try:
        return read_email(address)
    except Refused:
        return ""


def _of_the_document(header: Header) -> Iterator[Destination]:
    for role, person in (
        (Role.PRESCRIBER, header.prescriber),
        (Role.PHYSICIAN, header.general_practitioner),
    ):
        if person.national_id:
            yield Destination(role, person)


def _play(person: Person, header: Header, address: str) -> Destination:
    """The part of somebody whom a message names; the document names them better, « Dr »."""
    for role, known in (
        (Role.PRESCRIBER, header.prescriber),
        (Role.PHYSICIAN, header.general_practitioner),
    ):
        if person.national_id and person.national_id == known.national_id:
            return Destination(role, known, address)
    return Destination(Role.COPY, person, address)
