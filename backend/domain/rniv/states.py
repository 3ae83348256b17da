"""The four statuses, the three marks, and every step between them: the whole table is here.

An identity is qualified when its INS was retrieved from INSi and a strong document was checked;
nothing else lets the matricule leave. A failure of the téléservice is not an event: it changes
nothing.
"""

from enum import StrEnum

from msgspec import Struct

from backend.domain.errors import Refused


class Status(StrEnum):
    """How far an identity may be trusted (PID-32, FR Core identity-status)."""

    PROV = "PROV"
    RECUP = "RECUP"
    VALI = "VALI"
    QUAL = "QUAL"


class Mark(StrEnum):
    """What is known besides (FR Core identity-status-comment)."""

    HOMONYM = "HOMA"
    """Somebody else has traits so close that one asks twice: it forbids nothing."""
    DOUBTFUL = "DOUT"
    FICTITIOUS = "FICT"


FORBIDDING = frozenset({Mark.DOUBTFUL, Mark.FICTITIOUS})
"""They hold an identity at « provisoire »: INSi is not asked, nothing is validated."""


class Event(StrEnum):
    """What may happen to an identity."""

    RETRIEVED = "retrieved"
    """INSi answered one identity, and its traits agree."""
    VERIFIED = "verified"
    """INSi said that this matricule and these traits go together."""
    CONTRADICTED = "contradicted"
    """INSi said that they do not."""
    DOCUMENT = "document"
    """A strong identity document was seen, and its traits agree."""
    CONTRACT = "contract"
    """A partner qualified it, under a contrat de confiance that is in force."""
    CHANGED = "changed"
    """A strict trait was corrected."""
    CALL_HOMONYM = "call-homonym"
    CLEAR_HOMONYM = "clear-homonym"
    CALL_DOUBTFUL = "call-doubtful"
    CLEAR_DOUBTFUL = "clear-doubtful"
    CALL_FICTITIOUS = "call-fictitious"
    CLEAR_FICTITIOUS = "clear-fictitious"


class AlreadyQualified(Refused):
    """There is nothing to ask this person."""

    message = "L’identité est déjà qualifiée : il n’y a rien à demander."


class Standing(Struct, frozen=True):
    """Where an identity stands."""

    status: Status = Status.PROV
    marks: frozenset[Mark] = frozenset()

    def __post_init__(self) -> None:
        if self.status is not Status.PROV and self.marks & FORBIDDING:
            raise ValueError("a doubtful or fictitious identity is provisional")


ASK_INSI = (
    "Le contrat de confiance ne remplace pas INSi : interrogez d’abord le téléservice, "
    "puis qualifiez."
)
OWN_DOCUMENT = (
    "La pièce d’identité a été vue ici : le contrat n’ajoute rien. "
    "Interrogez INSi pour qualifier l’identité."
)

STEPS: dict[Event, dict[Status, Status | str | type[Refused]]] = {
    Event.RETRIEVED: {
        Status.PROV: Status.RECUP,
        Status.RECUP: Status.RECUP,
        Status.VALI: Status.QUAL,
        Status.QUAL: AlreadyQualified,
    },
    Event.VERIFIED: {
        Status.PROV: Status.RECUP,
        Status.RECUP: Status.RECUP,
        Status.VALI: Status.QUAL,
        Status.QUAL: Status.QUAL,
    },
    Event.DOCUMENT: {
        Status.PROV: Status.VALI,
        Status.RECUP: Status.QUAL,
        Status.VALI: Status.VALI,
        Status.QUAL: AlreadyQualified,
    },
    Event.CONTRACT: {
        Status.PROV: ASK_INSI,
        Status.RECUP: Status.QUAL,
        Status.VALI: OWN_DOCUMENT,
        Status.QUAL: AlreadyQualified,
    },
    Event.CONTRADICTED: dict.fromkeys(Status, Status.PROV),
    Event.CHANGED: dict.fromkeys(Status, Status.PROV),
}
CALLS = {
    Event.CALL_HOMONYM: Mark.HOMONYM,
    Event.CALL_DOUBTFUL: Mark.DOUBTFUL,
    Event.CALL_FICTITIOUS: Mark.FICTITIOUS,
}
CLEARS = {
    Event.CLEAR_HOMONYM: Mark.HOMONYM,
    Event.CLEAR_DOUBTFUL: Mark.DOUBTFUL,
    Event.CLEAR_FICTITIOUS: Mark.FICTITIOUS,
}
PROVING = frozenset({Event.RETRIEVED, Event.VERIFIED, Event.DOCUMENT, Event.CONTRACT})
WORDS = {Mark.HOMONYM: "homonyme", Mark.DOUBTFUL: "douteuse", Mark.FICTITIOUS: "fictive"}


def advance(standing: Standing, event: Event) -> Standing:
    """Where the identity stands after `event`, or Refused with the reason."""
    if mark := CALLS.get(event):
        return _call(standing, mark)
    if mark := CLEARS.get(event):
        if mark not in standing.marks:
            raise Refused(f"Cette identité n’est pas signalée {WORDS[mark]}.")
        return Standing(standing.status, standing.marks - {mark})
    if event in PROVING:
        _check_marks(standing)
    step = STEPS[event][standing.status]
    if isinstance(step, Status):
        return Standing(step, standing.marks)
    raise Refused(step) if isinstance(step, str) else step


def _call(standing: Standing, mark: Mark) -> Standing:
    if mark in standing.marks:
        raise Refused(f"Cette identité est déjà signalée {WORDS[mark]}.")
    status = Status.PROV if mark in FORBIDDING else standing.status
    return Standing(status, standing.marks | {mark})


def _check_marks(standing: Standing) -> None:
    if Mark.FICTITIOUS in standing.marks:
        raise Refused(
            "Cette identité est fictive : elle reste provisoire, et INSi n’est pas interrogé."
        )
    if Mark.DOUBTFUL in standing.marks:
        raise Refused(
            "Cette identité est douteuse : levez d’abord le doute, puis recommencez le contrôle."
        )
