"""What a person reads of the journal of a record."""

from uuid import UUID

from sqlalchemy import CompoundSelect, Select, and_, or_, select, true, union_all
from sqlalchemy.orm import aliased

from backend.access.actions import Action
from backend.access.actors import Patient
from backend.access.scopes import Moment, documents_for, put_away_for, records_for
from backend.access.scopes.conversations import conversations_for
from backend.storage.conversations import Conversation
from backend.storage.documents import Document
from backend.storage.records import Record
from backend.storage.traces import Trace

TOLD = frozenset(
    {
        *(Action.SIGN_IN, Action.ACTIVATE, Action.REOPEN, Action.CLOSE, Action.ATTACH_CHILD),
        *(Action.SWITCH_PROFILE, Action.INVITE_GUARDIAN, Action.WITHDRAW_INVITATION),
        *(Action.BECOME_GUARDIAN, Action.END_GUARDIAN, Action.ASK_EXPORT, Action.TAKE_EXPORT),
        *(Action.MASK_ALL, Action.UNMASK_ALL, Action.MASK_CATEGORIES, Action.UNMASK_CATEGORIES),
        *(Action.READ_PROFILE, Action.CHANGE_PROFILE, Action.TAKE_SYNTHESIS),
        *(Action.DELETE_DOCUMENT, Action.DISOWN_DOCUMENT, Action.DELETE_FOLDER),
        *(Action.OPEN_MISFILING, Action.KEEP_MISFILED, Action.DOUBT_MISFILED),
        *(Action.CONFIRM_MISFILED, Action.REOPEN_MISFILING),
        *(Action.SHOW_DOCUMENTS, Action.END_SHOWING, Action.ENTER_SHOWING),
        *(Action.ASK_AIDANT, Action.BECOME_AIDANT, Action.END_AIDANT),
        *(Action.CONSULT, Action.ATTEST_CARE, Action.DECLARE_EMERGENCY),
        *(Action.FIND_RECORD, Action.END_EMERGENCY, Action.REVIEW_EMERGENCY),
        *(Action.BLOCK, Action.UNBLOCK, Action.SET_EMERGENCY),
        *(Action.DECLARE_TREATING, Action.END_TREATING),
        *(Action.REPORT_ACCESS, Action.CLOSE_REPORT, Action.SET_MESSAGING),
        *(Action.LIST_MEASURES, Action.ADD_MEASURE, Action.DELETE_MEASURE),
        *(Action.RESTORE_MEASURE, Action.SET_EXTRACTION),
        *(Action.LIST_ANALYSES, Action.OPEN_ANALYSIS, Action.TAKE_ANALYSES),
        *(Action.OPEN_SPACE, Action.ISSUE_CODE, Action.SEND_CODE, Action.RECOVER),
    }
)
TOLD_OF_DOCUMENTS = frozenset(
    {
        *(Action.OPEN_DOCUMENT, Action.DOWNLOAD_DOCUMENT),
        *(Action.DEPOSIT_DOCUMENT, Action.REPLACE_DOCUMENT),
        *(Action.ADD_DOCUMENT, Action.CHANGE_DOCUMENT),
        *(Action.MASK_DOCUMENT, Action.UNMASK_DOCUMENT, Action.RELEASE_DOCUMENT),
    }
)
TOLD_OF_MESSAGES = frozenset(
    {
        *(Action.OPEN_CONVERSATION, Action.READ_CONVERSATION, Action.ANSWER_CONVERSATION),
        *(Action.CLOSE_CONVERSATION, Action.RECEIVE_MAIL, Action.TAKE_ENCLOSURE),
    }
)
TOLD_REFUSED = frozenset(
    {Action.OPEN_CONVERSATION, Action.CONSULT, Action.ATTEST_CARE, Action.DECLARE_EMERGENCY}
)
"""A professional tried, and was kept out."""
HIDDEN = "hidden"
"""Of a document taken in a conversation that a minor’s representatives do not see."""


def traces_for(person: Patient, at: Moment) -> Select[Trace]:
    """What was done in the record on the screen, but about documents that the person may not know.

    Who opened a document is still told once it is gone. Other refusals and the steps of our own
    work are for whoever runs the service.
    """
    visible = documents_for(person, at).with_only_columns(Document.id)
    gone = put_away_for(person, at).with_only_columns(Document.id)
    known: CompoundSelect[UUID | None] = union_all(visible, gone, _deleted(person))
    theirs = true() if person.record_id == person.own_record_id else Trace.reason != HIDDEN
    met = conversations_for(person, at).with_only_columns(Conversation.id)
    return select(Trace).where(
        Trace.lane == person.record_id,
        Trace.record_id.in_(records_for(person, at).with_only_columns(Record.id)),
        or_(
            Trace.allowed,
            and_(Trace.actor_kind == "Professional", Trace.action.in_(TOLD_REFUSED)),
        ),
        or_(
            Trace.action.in_(TOLD),
            and_(Trace.action.in_(TOLD_OF_DOCUMENTS), Trace.thing_id.in_(known), theirs),
            and_(Trace.action.in_(TOLD_OF_MESSAGES), Trace.thing_id.in_(met)),
            and_(Trace.action.in_(TOLD_REFUSED), ~Trace.allowed),
        ),
    )


def _deleted(person: Patient) -> Select[UUID | None]:
    """What people added to the record on the screen and deleted: never hidden from its readers."""
    told = aliased(Trace)
    return select(told.thing_id).where(
        told.lane == person.record_id, told.action == Action.DELETE_DOCUMENT, told.allowed
    )
