"""The few ways in which an answer of the medical profile changes."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from backend.domain.errors import Refused
from backend.domain.medical_profile.answers import Answer, Entry, State
from backend.domain.medical_profile.sections import Section

MOST_ENTRIES = 100


class Declare(Struct, frozen=True):
    """« Rien à signaler », « je ne sais pas »: in place of what was told."""

    state: State


class Put(Struct, frozen=True):
    """Add an entry, or change the one that has this id."""

    id: UUID
    values: dict[str, str]


class Remove(Struct, frozen=True):
    """Take an entry away."""

    id: UUID


Operation = Declare | Put | Remove


def after(
    section: Section, answer: Answer, operation: Operation, *, by: UUID, at: datetime
) -> Answer:
    """The answer once `operation` is done to it, whatever it has become meanwhile."""
    match operation:
        case Declare(state):
            return replace(answer, state=state, entries=())
        case Put(id_, values):
            entry = Entry(id_, values, by, at)
            kept = _without(section, answer, entry)
            return replace(answer, state=State.TOLD, entries=kept)
        case Remove(id_):
            left = tuple(one for one in answer.entries if one.id != id_)
            if left == answer.entries:
                return answer
            return replace(answer, state=State.TOLD if left else State.UNANSWERED, entries=left)


def clash(section: Section, answer: Answer, operation: Operation) -> None:
    """Refused when an entry would take the place of another unseen, or when there are too many."""
    if not isinstance(operation, Put):
        return
    others = [one for one in answer.entries if one.id != operation.id]
    if others and not section.several:
        raise Refused("Cette réponse est déjà remplie. Revenez au profil pour la modifier.")
    if len(others) >= MOST_ENTRIES:
        raise Refused(f"Il y a déjà {MOST_ENTRIES} réponses ici. Supprimez-en une d’abord.")
    each = section.one_each
    if each and any(one.values.get(each) == operation.values.get(each) for one in others):
        raise Refused("Vous l’avez déjà indiqué. Revenez au profil pour modifier cette réponse.")


def alike(one: Answer, other: Answer) -> bool:
    """Whether they say the same, whoever said it."""

    def told(answer: Answer) -> list[tuple[UUID, dict[str, str]]]:
        return [(entry.id, entry.values) for entry in answer.entries]

    return one.state is other.state and told(one) == told(other)


def _without(section: Section, answer: Answer, entry: Entry) -> tuple[Entry, ...]:
    """The entries with this one in its place, without those that cannot stand beside it."""
    if not section.several:
        return (entry,)
    each = section.one_each
    kept = [
        one
        for one in answer.entries
        if one.id == entry.id or not each or one.values.get(each) != entry.values.get(each)
    ]
    if answer.entry(entry.id):
        return tuple(entry if one.id == entry.id else one for one in kept)
    return (*kept, entry)
