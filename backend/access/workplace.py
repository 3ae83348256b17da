"""What a rule may ask of a professional at work: who they are, and what their roles let them."""

from backend.access.actors import Actor, Professional, Supposed, Unplaced
from backend.access.conditions import Rule, professional
from backend.domain.laboratory import Ability, can
from backend.domain.rniv import Status
from backend.storage.db import Traced
from backend.storage.desk import PatientFile


def arrived(actor: Actor, thing: Traced | None) -> bool:
    """A professional, about themselves, whether an activity is chosen or not."""
    known = isinstance(actor, Professional | Unplaced) and not isinstance(actor, Supposed)
    return known and thing is None


def at_work(ability: Ability, *things: type[Traced]) -> Rule:
    """A professional whose roles let them, on things of these types that are of their structure.

    Without a type: about the desk as a whole.
    """

    def rule(actor: Actor, thing: Traced | None) -> bool:
        if not isinstance(actor, Professional) or not can(actor.roles, ability):
            return False
        if thing is None:
            return not things
        where = getattr(thing, "structure_id", None)
        return isinstance(thing, things) and where is not None and where == actor.structure_id

    return rule


def by_hand(*things: type[Traced]) -> Rule:
    """Who may deposit by hand, on these things of their laboratory."""
    return at_work(Ability.DEPOSIT, *things)


def trusted_already(rule: Rule, *, trusted: bool) -> Rule:
    """The same, on files whose identity was validated by a document or a contract; or was not."""

    def narrowed(actor: Actor, thing: Traced | None) -> bool:
        checked = isinstance(thing, PatientFile) and thing.status in {Status.VALI, Status.QUAL}
        return checked is trusted and rule(actor, thing)

    return narrowed


def consulting(*things: type[Traced]) -> Rule:
    """A professional, on things of these types that are about them: not by every role of a site.

    Outside laboratories the activity is enough. Without a type: about records as a whole.
    """
    about_them = professional(*things)

    def rule(actor: Actor, thing: Traced | None) -> bool:
        if not isinstance(actor, Professional) or isinstance(actor, Supposed):
            return False
        if actor.roles and not can(actor.roles, Ability.OPEN_RECORDS):
            return False
        return about_them(actor, thing) if things else thing is None

    return rule


def by_somebody_else(rule: Rule) -> Rule:
    """The same, but on what a professional did: nobody reviews themselves."""

    def narrowed(actor: Actor, thing: Traced | None) -> bool:
        return getattr(thing, "professional_id", None) != actor.id and rule(actor, thing)

    return narrowed
