"""What a rule may ask of an actor and a thing: the words that RULES are written with."""

from collections.abc import Callable

from backend.access.actors import (
    Actor,
    Guest,
    Machine,
    Newcomer,
    Patient,
    Professional,
    Robot,
    Supposed,
)
from backend.domain.caregiving import Mandate
from backend.storage.accounts import Account
from backend.storage.db import Traced
from backend.storage.dispatches import Dispatch
from backend.storage.documents import Document
from backend.storage.showings import Visit

DEPOSIT = "deposit:bio"


Rule = Callable[[Actor, Traced | None], bool]


def readers(actor: Actor, thing: Traced | None) -> bool:
    """People, in the record on their screen; others, in what their scope shows them."""
    match actor:
        case Patient() | Guest():
            return thing is None or thing.record_key == actor.record_id
        case Supposed():
            return False
        case Professional():
            return True
        case _:
            return False


def professional(*things: type[Traced]) -> Rule:
    """A professional, on things of these types that are about them."""

    def rule(actor: Actor, thing: Traced | None) -> bool:
        return (
            isinstance(actor, Professional)
            and not isinstance(actor, Supposed)
            and isinstance(thing, things)
            and getattr(thing, "professional_id", None) == actor.id
        )

    return rule


def whole_record(actor: Actor, thing: Traced | None) -> bool:
    """Readers, save a guest, who sees the documents that were chosen and nothing more."""
    return readers(actor, thing) and not isinstance(actor, Guest)


def keepers(actor: Actor, thing: Traced | None) -> bool:
    """Readers, save a guest, and an aidant who may only read on the screen."""
    reads_only = isinstance(actor, Guest) or getattr(actor, "mandate", None) is Mandate.READ
    return readers(actor, thing) and not reads_only


def readers_of(*things: type[Traced]) -> Rule:
    """A person or their aidant, on things of these types in the record on the screen."""
    return lambda actor, thing: (
        isinstance(actor, Patient) and isinstance(thing, things) and readers(actor, thing)
    )


def keepers_of(*things: type[Traced]) -> Rule:
    """The same, save an aidant who may only read on the screen."""
    return lambda actor, thing: readers_of(*things)(actor, thing) and keepers(actor, thing)


def people(actor: Actor, thing: Traced | None) -> bool:
    """The holder, who represents them, who helps them: no professional reads this."""
    return isinstance(actor, Patient) and thing is None


def people_who_keep(actor: Actor, thing: Traced | None) -> bool:
    """The same, save an aidant who may only read on the screen."""
    return people(actor, thing) and keepers(actor, thing)


def machine_of_the_author(actor: Actor, thing: Traced | None) -> bool:
    """A machine that may deposit, for the structure that answers for the document."""
    return (
        isinstance(actor, Machine)
        and isinstance(thing, Document)
        and DEPOSIT in actor.scopes
        and thing.structure_id == actor.structure_id
    )


def machine_that_sends(actor: Actor, thing: Traced | None) -> bool:
    """The same, for what its structure sends of it by MSSanté."""
    return (
        isinstance(actor, Machine)
        and isinstance(thing, Dispatch)
        and DEPOSIT in actor.scopes
        and thing.structure_id == actor.structure_id
    )


def machines(actor: Actor, thing: Traced | None) -> bool:
    """A machine, about itself."""
    return isinstance(actor, Machine) and thing is None


def guest_on_the_threshold(actor: Actor, thing: Traced | None) -> bool:
    """Who typed a code that works, about their own visit."""
    return isinstance(actor, Guest) and isinstance(thing, Visit) and thing.id == actor.id


def holder_of_the_account(actor: Actor, thing: Traced | None) -> bool:
    """The person, about their own account."""
    return isinstance(actor, Patient) and isinstance(thing, Account) and thing.id == actor.id


def newcomer(*things: type[Traced]) -> Rule:
    """Who proved whose space it is, on things of these types in that space."""

    def rule(actor: Actor, thing: Traced | None) -> bool:
        return (
            isinstance(actor, Newcomer)
            and isinstance(thing, things)
            and thing.record_key == actor.record_id
        )

    return rule


def in_the_record(*things: type[Traced]) -> Rule:
    """A person, on things of these types in the record on their screen: theirs or a child’s.

    An aidant reads: nothing more is theirs to do, unless a rule says so.
    """

    def rule(actor: Actor, thing: Traced | None) -> bool:
        return (
            isinstance(actor, Patient)
            and actor.mandate is None
            and isinstance(thing, things)
            and thing.record_key == actor.record_id
        )

    return rule


def added_by_the_patient(actor: Actor, thing: Traced | None) -> bool:
    """A person, on what was added to the record on their screen by who reads it, as they do."""
    return (
        in_the_record(Document)(actor, thing)
        and isinstance(thing, Document)
        and thing.structure_id is None
    )


def deposited_in_the_record(actor: Actor, thing: Traced | None) -> bool:
    """A person, on what a laboratory deposited in the record on their screen."""
    return (
        in_the_record(Document)(actor, thing)
        and isinstance(thing, Document)
        and thing.structure_id is not None
    )


def in_ones_own_record(*things: type[Traced]) -> Rule:
    """A person, on things of these types in their own record, whoever’s is on the screen."""

    def rule(actor: Actor, thing: Traced | None) -> bool:
        return (
            isinstance(actor, Patient)
            and isinstance(thing, things)
            and thing.record_key == actor.own_record_id
        )

    return rule


def from_elsewhere(*things: type[Traced]) -> Rule:
    """A person, on things of a record that is not theirs: an invitation, a child to attach.

    Which ones they may know of is for the scopes.
    """

    def rule(actor: Actor, thing: Traced | None) -> bool:
        return (
            isinstance(actor, Patient)
            and isinstance(thing, things)
            and thing.record_key != actor.own_record_id
        )

    return rule


def one_of(*rules: Rule) -> Rule:
    """Any of them suffices."""
    return lambda actor, thing: any(rule(actor, thing) for rule in rules)


def robot(name: str, *things: type[Traced]) -> Rule:
    """Our own work of this name, on things of these types."""

    def rule(actor: Actor, thing: Traced | None) -> bool:
        return isinstance(actor, Robot) and actor.name == name and isinstance(thing, things)

    return rule


def robot_alone(name: str) -> Rule:
    """Our own work of this name, on nothing that belongs to a record."""

    def rule(actor: Actor, thing: Traced | None) -> bool:
        return isinstance(actor, Robot) and actor.name == name and thing is None

    return rule
