"""What may be done, one word each: RULES say by whom, the journal says when."""

from enum import StrEnum


class Action(StrEnum):
    """The word that allows is the word that is written in the journal."""

    LIST_DOCUMENTS = "document:list"
    OPEN_DOCUMENT = "document:open"
    SEE_PAGE = "document:see-page"
    DOWNLOAD_DOCUMENT = "document:download"
    DEPOSIT_DOCUMENT = "document:deposit"
    REPLACE_DOCUMENT = "document:replace"
    WITHDRAW_DOCUMENT = "document:withdraw"
    ADD_DOCUMENT = "document:add"
    CHANGE_DOCUMENT = "document:change"
    DELETE_DOCUMENT = "document:delete"
    DISOWN_DOCUMENT = "document:disown"
    MASK_DOCUMENT = "document:mask"
    UNMASK_DOCUMENT = "document:unmask"
    DRAW_PAGES = "document:draw-pages"
    READ_WORDS = "document:read-words"
    NOTIFY_DOCUMENT = "document:notify"
    NOTIFY_RECORD = "record:notify"

    SIGN_IN = "account:sign-in"
    SIGN_OUT = "account:sign-out"
    CREATE_ACCOUNT = "account:create"
    CREATE_RECORD = "record:create"
    MASK_ALL = "record:mask-all"
    UNMASK_ALL = "record:unmask-all"

    ISSUE_CODE = "code:issue"
    SEND_CODE = "code:send"
    TRY_CODE = "code:try"
    OPEN_SPACE = "space:open"
    ACTIVATE = "space:activate"
    REFUSE = "space:refuse"
    REOPEN = "space:reopen"
    CLOSE = "space:close"
    ERASE = "space:erase"
    ATTACH_CHILD = "space:attach"
    TELL_MAJORITY = "space:tell-majority"

    STEP_UP = "account:step-up"
    CHANGE_CREDENTIAL = "account:change-credential"
    CANCEL_CHANGE = "account:cancel-change"
    RECOVER = "account:recover"
    END_SESSION = "account:end-session"
    SET_PREFERENCES = "account:set-preferences"

    SWITCH_PROFILE = "profile:switch"
    INVITE_GUARDIAN = "guardian:invite"
    WITHDRAW_INVITATION = "guardian:withdraw"
    ANSWER_INVITATION = "guardian:answer"
    BECOME_GUARDIAN = "guardian:become"
    END_GUARDIAN = "guardian:end"
    FORGET_TIE = "guardian:forget"
    ASK_AIDANT = "aidant:ask"
    ANSWER_AIDANT = "aidant:answer"
    BECOME_AIDANT = "aidant:become"
    END_AIDANT = "aidant:end"
    READ_JOURNAL = "journal:read"
    SHOW_DOCUMENTS = "showing:make"
    LIST_SHOWINGS = "showing:list"
    END_SHOWING = "showing:end"
    ENTER_SHOWING = "showing:enter"

    ASK_EXPORT = "export:ask"
    MAKE_EXPORT = "export:make"
    TAKE_EXPORT = "export:take"
    ISSUE_TOKEN = "token:issue"  # noqa: S105 - a name

    # What was refused: written by `record_refusal`, allowed to nobody.
    DEPOSIT_REFUSED = "deposit:refused"
    SIGN_IN_REFUSED = "account:sign-in-refused"
    ENROLMENT_REFUSED = "space:enrolment-refused"
    REFUSE_TOKEN = "token:refused"  # noqa: S105 - a name
