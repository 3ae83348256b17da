"""What an actor may do to a thing it can already see. The whole policy is RULES; absent is no."""

from collections.abc import Callable

from backend.access.actions import Action
from backend.access.actors import Actor, Guest, Machine, Newcomer, Patient, Professional, Robot
from backend.domain.caregiving import Mandate
from backend.storage.accounts import Account, ProvisionalCode
from backend.storage.db import Traced
from backend.storage.documents import Document, Version
from backend.storage.exports import Export
from backend.storage.pins import Pin
from backend.storage.records import Guardianship, Record
from backend.storage.sharing import Delegation, Invitation
from backend.storage.showings import Showing, Visit

DEPOSIT = "deposit:bio"


Rule = Callable[[Actor, Traced | None], bool]


def readers(actor: Actor, thing: Traced | None) -> bool:
    """People, in the record on their screen; others, in what their scope shows them."""
    match actor:
        case Patient() | Guest():
            return thing is None or thing.record_key == actor.record_id
        case Professional():
            return True
        case _:
            return False


def whole_record(actor: Actor, thing: Traced | None) -> bool:
    """Readers, save a guest, who sees the documents that were chosen and nothing more."""
    return readers(actor, thing) and not isinstance(actor, Guest)


def keepers(actor: Actor, thing: Traced | None) -> bool:
    """Readers, save a guest, and an aidant who may only read on the screen."""
    reads_only = isinstance(actor, Guest) or getattr(actor, "mandate", None) is Mandate.READ
    return readers(actor, thing) and not reads_only


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


RULES: dict[Action, Rule] = {
    Action.LIST_DOCUMENTS: readers,
    Action.OPEN_DOCUMENT: readers,
    Action.SEE_PAGE: readers,
    Action.DOWNLOAD_DOCUMENT: keepers,
    Action.DEPOSIT_DOCUMENT: machine_of_the_author,
    Action.REPLACE_DOCUMENT: machine_of_the_author,
    Action.WITHDRAW_DOCUMENT: machine_of_the_author,
    Action.ADD_DOCUMENT: added_by_the_patient,
    Action.CHANGE_DOCUMENT: added_by_the_patient,
    Action.DELETE_DOCUMENT: added_by_the_patient,
    Action.DISOWN_DOCUMENT: deposited_in_the_record,
    Action.MASK_DOCUMENT: in_the_record(Document),
    Action.UNMASK_DOCUMENT: in_the_record(Document),
    Action.MASK_ALL: in_the_record(Record),
    Action.UNMASK_ALL: in_the_record(Record),
    Action.DRAW_PAGES: robot("draw-pages", Version),
    Action.READ_WORDS: robot("calendar", Version),
    Action.NOTIFY_DOCUMENT: robot("tell", Document),
    Action.NOTIFY_RECORD: robot("tell", Record),
    Action.LIST_ANALYSES: whole_record,
    Action.OPEN_ANALYSIS: whole_record,
    Action.TAKE_ANALYSES: keepers,
    Action.PIN_ANALYSIS: in_the_record(Pin),
    Action.UNPIN_ANALYSIS: in_the_record(Pin),
    Action.SIGN_IN: holder_of_the_account,
    Action.SIGN_OUT: holder_of_the_account,
    Action.CREATE_ACCOUNT: one_of(robot("demo", Account), newcomer(Account)),
    Action.CREATE_RECORD: one_of(robot("demo", Record), robot("operator", Record)),
    Action.ISSUE_CODE: one_of(
        robot("operator", ProvisionalCode),
        robot("calendar", ProvisionalCode),
        robot("send-again", ProvisionalCode),
    ),
    Action.SEND_CODE: robot("send-provisional-code", ProvisionalCode),
    Action.TRY_CODE: robot("try-code", ProvisionalCode),
    Action.OPEN_SPACE: robot("calendar", Record),
    Action.ACTIVATE: newcomer(Record),
    Action.REFUSE: one_of(newcomer(Record), from_elsewhere(Record)),
    Action.REOPEN: newcomer(Record),
    Action.CLOSE: in_the_record(Record),
    Action.ERASE: robot("calendar", Record),
    Action.ATTACH_CHILD: from_elsewhere(Record),
    Action.TELL_MAJORITY: robot("calendar", Record),
    Action.STEP_UP: holder_of_the_account,
    Action.CHANGE_CREDENTIAL: holder_of_the_account,
    Action.CANCEL_CHANGE: robot("cancel-change", Account),
    Action.RECOVER: newcomer(Account),
    Action.END_SESSION: holder_of_the_account,
    Action.SET_PREFERENCES: holder_of_the_account,
    Action.SWITCH_PROFILE: from_elsewhere(Record),
    Action.INVITE_GUARDIAN: in_the_record(Invitation),
    Action.WITHDRAW_INVITATION: in_the_record(Invitation),
    Action.ANSWER_INVITATION: from_elsewhere(Invitation),
    Action.BECOME_GUARDIAN: from_elsewhere(Guardianship),
    Action.END_GUARDIAN: in_the_record(Guardianship),
    Action.FORGET_TIE: robot("calendar", Guardianship, Invitation, Delegation),
    Action.ASK_AIDANT: in_ones_own_record(Delegation),
    Action.ANSWER_AIDANT: from_elsewhere(Delegation),
    Action.BECOME_AIDANT: from_elsewhere(Delegation),
    Action.END_AIDANT: one_of(in_ones_own_record(Delegation), from_elsewhere(Delegation)),
    Action.READ_JOURNAL: in_the_record(Record),
    Action.SHOW_DOCUMENTS: in_the_record(Showing),
    Action.LIST_SHOWINGS: in_the_record(Record),
    Action.END_SHOWING: in_the_record(Showing),
    Action.ENTER_SHOWING: guest_on_the_threshold,
    Action.ASK_EXPORT: in_the_record(Export),
    Action.MAKE_EXPORT: robot("make-export", Export),
    Action.TAKE_EXPORT: in_the_record(Export),
    Action.ISSUE_TOKEN: machines,
}


def may(actor: Actor, action: Action, thing: Traced | None) -> bool:
    """Whether RULES say yes. Templates ask it before they show a button."""
    rule = RULES.get(action)
    return rule is not None and rule(actor, thing)
