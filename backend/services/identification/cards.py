"""From what a carte Vitale says to a file of this laboratory: theirs, or a provisional one."""

from uuid import UUID

from msgspec import Struct

from backend.access import Action, authorise
from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.access.scopes.desk import patient_files
from backend.domain.errors import NotFound, Refused
from backend.domain.reports import Traits
from backend.domain.rniv import Status, plain_name
from backend.gateways.insi import Insi, NoInsi
from backend.gateways.vitale import (
    NOT_A_READING,
    PATH,
    SAID,
    CardProblem,
    ConnectorDown,
    OnCard,
    Reading,
    read_reading,
)
from backend.services.identification import asking, files
from backend.services.identification.outcomes import Lookup
from backend.services.identification.pacing import SEARCH, pace
from backend.services.sign_in.refusals import Rejected
from backend.storage.db import AsyncSession, Sessions, vault_of
from backend.storage.desk import PatientFile, born_index, traits_of

ANOTHER_NUMBER = (
    "La carte porte un autre numéro que ce dossier. Contrôlez la pièce d’identité : si c’est une "
    "autre personne, créez son dossier par la recherche ; sinon, ouvrez une anomalie."
)


class Button(Struct, frozen=True):
    """Where a page of the desk asks, and what it tells of each answer that is not a card."""

    address: str
    said: dict[int, str]
    """By status."""
    silence: str


class Asked(Struct, frozen=True):
    """Of which person of which card, and which of their files, as far as that was chosen."""

    reading: Reading
    place: int | None = None
    chosen: UUID | None = None

    @property
    def whose(self) -> int | None:
        """A place on the card; None when somebody has to say which of several."""
        alone = len(self.reading.people) == 1
        return 0 if alone and self.place is None else self.place


class Arrival(Struct, frozen=True):
    """Whose file it is."""

    file_id: UUID
    lookup: Lookup | None = None
    """What INSi answered; None: the identity was qualified before, nothing was asked."""
    warning: str = ""


class Several(Struct, frozen=True):
    """Several people are on the card."""

    people: tuple[OnCard, ...]


class Choice(Struct, frozen=True):
    """Several files could be theirs."""

    files: tuple[files.Shown, ...]


def button_for(connector: str) -> Button | None:
    """None where no card is read."""
    if not connector:
        return None
    return Button(f"{connector}{PATH}", SAID, ConnectorDown.message)


def ask_of(posted: str, place: int | None, chosen: UUID | None) -> Asked:
    """From what the page posts of the connector’s answer; Refused when no card says that."""
    return Asked(read_reading(posted.encode()), place, chosen)


async def arrive(
    sessions: Sessions,
    insi: Insi | NoInsi,
    actor: Professional,
    at: Moment,
    asked: Asked,
) -> Arrival | Several | Choice | Rejected:
    """Find or make the file of the person at this place of the card, then ask INSi by the card.

    What is kept of the reading is what a form would have: names and a day of birth. Its number
    goes to INSi and nowhere else.
    """
    if (place := asked.whose) is None:
        async with sessions.begin() as db:
            authorise(db, actor, Action.SEARCH_FILES, None)
            return Several(asked.reading.people)
    card, person = asked.reading.question(place), asked.reading.people[place]
    if person.birth_date > at.today:
        raise CardProblem(NOT_A_READING)
    async with sessions.begin() as db:  # what is refused below counts all the same
        if rejected := await pace(db, actor, SEARCH):
            return rejected
    async with sessions.begin() as db:
        found = await _find(db, actor, person)
        if asked.chosen is None and len(found) > 1:
            return Choice(tuple([await files.show(db, actor, at, one) for one in found]))
        file = _chosen(found, asked.chosen) or await files.create(db, actor, at, _traits(person))
        if file.standing.status is Status.QUAL:
            return Arrival(file.id, warning=_warning(traits_of(db, file), person))
    try:
        lookup = await asking.look_up(sessions, insi, actor, at, file.id, card=card)
    except Refused as refusal:  # an identity that is marked: its page says what may be done
        return Arrival(file.id, warning=refusal.message)
    return lookup if isinstance(lookup, Rejected) else Arrival(file.id, lookup)


async def _find(db: AsyncSession, actor: Professional, person: OnCard) -> list[PatientFile]:
    """By their own number when the card has it, else by the day of birth and the names."""
    authorise(db, actor, Action.SEARCH_FILES, None)
    if actor.structure_id is None:
        raise NotFound
    index = born_index(vault_of(db), actor.structure_id, person.birth_date)
    query = patient_files(actor).where(PatientFile.born_index == index).order_by(PatientFile.id)
    born = [(file, traits_of(db, file)) for file in await db.scalars(query)]
    theirs = [file for file, traits in born if person.own and traits.matricule[:13] == person.own]
    return theirs or [file for file, traits in born if _same(traits, person)]


def _chosen(found: list[PatientFile], chosen: UUID | None) -> PatientFile | None:
    """The file that was chosen, or the only one; None when there is none yet."""
    if chosen is not None:
        found = [file for file in found if file.id == chosen]
        if not found:
            raise NotFound
    return found[0] if found else None


def _traits(person: OnCard) -> Traits:
    """As a card has them; INSi knows the rest. A number says nothing of a sex or of a place."""
    given, name = plain_name(person.given), person.birth_name or person.used_name
    if not plain_name(name):
        raise Refused("La carte ne dit aucun nom. Cherchez la personne par ses traits.")
    return Traits(
        birth_name=name,
        first_given=given,
        given_names=given,
        birth_date=person.birth_date,
        sex="U",
        birthplace="",
        used_name=person.used_name,
    )


def _same(traits: Traits, person: OnCard) -> bool:
    """The given name, and a name: cards have the birth name, the used one, or both."""
    names = {plain_name(name) for name in (person.birth_name, person.used_name)} - {""}
    ours = {traits.birth_name, traits.used_name}
    return traits.first_given == plain_name(person.given) and bool(ours & names)


def _warning(traits: Traits, person: OnCard) -> str:
    other = bool(person.own) and traits.matricule[:13] != person.own
    return ANOTHER_NUMBER if other else ""
