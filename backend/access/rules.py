"""What an actor may do to a thing it can already see. The whole policy is RULES; absent is no."""

from collections.abc import Callable
from enum import StrEnum

from backend.access.actors import Actor, Machine, Patient, Professional, Robot
from backend.storage.accounts import Account
from backend.storage.db import Traced
from backend.storage.documents import Document, Version
from backend.storage.records import Record

DEPOSIT = "deposit:bio"


class Action(StrEnum):
    """The word that allows is the word that is written in the journal."""

    LIST_DOCUMENTS = "document:list"
    OPEN_DOCUMENT = "document:open"
    SEE_PAGE = "document:see-page"
    DOWNLOAD_DOCUMENT = "document:download"
    DEPOSIT_DOCUMENT = "document:deposit"
    REPLACE_DOCUMENT = "document:replace"
    WITHDRAW_DOCUMENT = "document:withdraw"
    DRAW_PAGES = "document:draw-pages"
    NOTIFY_DOCUMENT = "document:notify"

    SIGN_IN = "account:sign-in"
    SIGN_OUT = "account:sign-out"
    CREATE_ACCOUNT = "account:create"
    CREATE_RECORD = "record:create"
    ISSUE_TOKEN = "token:issue"  # noqa: S105 - a name

    # What was refused: written by `record_refusal`, allowed to nobody.
    DEPOSIT_REFUSED = "deposit:refused"
    SIGN_IN_REFUSED = "account:sign-in-refused"
    REFUSE_TOKEN = "token:refused"  # noqa: S105 - a name


Rule = Callable[[Actor, Traced | None], bool]


def readers(actor: Actor, thing: Traced | None) -> bool:
    """People, in the record on their screen; professionals, in what their scope shows them."""
    match actor:
        case Patient():
            return thing is None or thing.record_key == actor.record_id
        case Professional():
            return True
        case _:
            return False


def machine_of_the_author(actor: Actor, thing: Traced | None) -> bool:
    """A machine that may deposit, for the structure that answers for the document."""
    return (
        isinstance(actor, Machine)
        and isinstance(thing, Document)
        and DEPOSIT in actor.scopes
        and thing.structure_id == actor.structure_id
    )


def machines(actor: Actor, thing: Traced | None) -> bool:
    """A machine, about itself."""
    return isinstance(actor, Machine) and thing is None


def holder_of_the_account(actor: Actor, thing: Traced | None) -> bool:
    """The person, about their own account."""
    return isinstance(actor, Patient) and isinstance(thing, Account) and thing.id == actor.id


def robot(name: str, *things: type[Traced]) -> Rule:
    """Our own work of this name, on things of these types."""

    def rule(actor: Actor, thing: Traced | None) -> bool:
        return isinstance(actor, Robot) and actor.name == name and isinstance(thing, things)

    return rule


RULES: dict[Action, Rule] = {
    Action.LIST_DOCUMENTS: readers,
    Action.OPEN_DOCUMENT: readers,
    Action.SEE_PAGE: readers,
    Action.DOWNLOAD_DOCUMENT: readers,
    Action.DEPOSIT_DOCUMENT: machine_of_the_author,
    Action.REPLACE_DOCUMENT: machine_of_the_author,
    Action.WITHDRAW_DOCUMENT: machine_of_the_author,
    Action.DRAW_PAGES: robot("draw-pages", Version),
    Action.NOTIFY_DOCUMENT: robot("tell-new-document", Document),
    Action.SIGN_IN: holder_of_the_account,
    Action.SIGN_OUT: holder_of_the_account,
    Action.CREATE_ACCOUNT: robot("demo", Account),
    Action.CREATE_RECORD: robot("demo", Record),
    Action.ISSUE_TOKEN: machines,
}


def may(actor: Actor, action: Action, thing: Traced | None) -> bool:
    """Whether RULES say yes. Templates ask it before they show a button."""
    rule = RULES.get(action)
    return rule is not None and rule(actor, thing)
