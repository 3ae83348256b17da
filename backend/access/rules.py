"""What an actor may do to a thing it can already see. The whole policy is RULES; absent is no."""

from backend.access.actions import Action
from backend.access.actors import Actor
from backend.access.announcers import announcer
from backend.access.conditions import (
    Rule,
    added_by_the_patient,
    deposited_in_the_record,
    from_elsewhere,
    guest_on_the_threshold,
    holder_of_the_account,
    in_ones_own_record,
    in_the_record,
    keepers,
    machine_of_the_author,
    machines,
    newcomer,
    one_of,
    people,
    people_who_keep,
    professional,
    readers,
    robot,
    robot_alone,
    whole_record,
)
from backend.access.correspondents import MESSAGES
from backend.access.dispatching import DISPATCHES
from backend.access.register import REGISTER, misfiled
from backend.access.workplace import (
    arrived,
    at_work,
    by_hand,
    by_somebody_else,
    consulting,
    trusted_already,
)
from backend.domain.laboratory import Ability
from backend.storage.accounts import Account, ProvisionalCode
from backend.storage.announcements import Announcement
from backend.storage.care import (
    AccessAlert,
    AccessReport,
    CareLink,
    Consultation,
    EmergencyAccess,
)
from backend.storage.db import Traced
from backend.storage.desk import PatientFile, TrustContract
from backend.storage.documents import Document, Notice, Version
from backend.storage.drafts import DepositDraft
from backend.storage.exports import Export
from backend.storage.folders import Folder
from backend.storage.measures import StoredMeasure
from backend.storage.medical_profile import ProfileSection
from backend.storage.pins import Pin
from backend.storage.policies import MessageModel, WithheldFamily
from backend.storage.records import Guardianship, Record
from backend.storage.sharing import Delegation, Invitation
from backend.storage.showings import Showing
from backend.storage.teams import Membership

RULES: dict[Action, Rule] = {
    Action.LIST_DOCUMENTS: readers,
    Action.OPEN_DOCUMENT: readers,
    Action.SEE_PAGE: readers,
    Action.DOWNLOAD_DOCUMENT: keepers,
    Action.DEPOSIT_DOCUMENT: one_of(machine_of_the_author, by_hand(Document)),
    Action.REPLACE_DOCUMENT: one_of(machine_of_the_author, by_hand(Document)),
    Action.WITHDRAW_DOCUMENT: one_of(machine_of_the_author, by_hand(Document), misfiled),
    Action.ADD_DOCUMENT: added_by_the_patient,
    Action.CHANGE_DOCUMENT: added_by_the_patient,
    Action.DELETE_DOCUMENT: added_by_the_patient,
    Action.DISOWN_DOCUMENT: deposited_in_the_record,
    Action.MASK_DOCUMENT: in_the_record(Document),
    Action.UNMASK_DOCUMENT: in_the_record(Document),
    Action.MASK_ALL: in_the_record(Record),
    Action.UNMASK_ALL: in_the_record(Record),
    Action.RELEASE_DOCUMENT: one_of(
        robot("calendar", Document), at_work(Ability.RELEASE, Document), announcer
    ),
    Action.MASK_CATEGORIES: in_the_record(Record),
    Action.UNMASK_CATEGORIES: in_the_record(Record),
    Action.SET_EMERGENCY: in_the_record(Record),
    Action.FIND_RECORD: consulting(),
    Action.CONSULT: consulting(Consultation),
    Action.ATTEST_CARE: consulting(CareLink),
    Action.DECLARE_EMERGENCY: consulting(EmergencyAccess),
    Action.END_EMERGENCY: professional(EmergencyAccess),
    Action.LIST_ACCESSES: at_work(Ability.REVIEW_ACCESSES),
    Action.REVIEW_EMERGENCY: by_somebody_else(at_work(Ability.REVIEW_ACCESSES, EmergencyAccess)),
    Action.RAISE_ALERT: professional(AccessAlert),
    Action.REVIEW_ALERT: by_somebody_else(at_work(Ability.REVIEW_ACCESSES, AccessAlert)),
    Action.BLOCK: in_the_record(CareLink),
    Action.UNBLOCK: in_the_record(CareLink),
    Action.DECLARE_TREATING: in_the_record(CareLink),
    Action.END_TREATING: in_the_record(CareLink),
    Action.REPORT_ACCESS: in_the_record(AccessReport),
    Action.CLOSE_REPORT: robot("operator", AccessReport),
    Action.DRAW_PAGES: robot("draw-pages", Version),
    Action.READ_WORDS: robot("calendar", Version),
    Action.NOTIFY_DOCUMENT: robot("tell", Document),
    Action.NOTIFY_RECORD: robot("tell", Record),
    Action.MARK_NOTICE: in_the_record(Notice),
    Action.MENTION_UPDATE: robot("calendar", Record),
    Action.LIST_ANALYSES: whole_record,
    Action.OPEN_ANALYSIS: whole_record,
    Action.TAKE_ANALYSES: keepers,
    Action.PIN_ANALYSIS: in_the_record(Pin),
    Action.UNPIN_ANALYSIS: in_the_record(Pin),
    Action.READ_PROFILE: people,
    Action.CHANGE_PROFILE: in_the_record(ProfileSection),
    Action.TAKE_SYNTHESIS: people_who_keep,
    Action.SAVE_SYNTHESIS: in_the_record(Record),
    Action.LIST_MEASURES: people,
    Action.ADD_MEASURE: in_the_record(StoredMeasure),
    Action.DELETE_MEASURE: in_the_record(StoredMeasure),
    Action.RESTORE_MEASURE: in_the_record(StoredMeasure),
    Action.FORGET_MEASURE: robot("calendar", StoredMeasure),
    Action.SET_EXTRACTION: in_the_record(Record),
    Action.CREATE_FOLDER: in_the_record(Folder),
    Action.RENAME_FOLDER: in_the_record(Folder),
    Action.DELETE_FOLDER: in_the_record(Folder),
    Action.FILE_DOCUMENTS: in_the_record(Folder),
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
    Action.PRO_SIGN_IN: arrived,
    Action.PRO_SIGN_OUT: arrived,
    Action.CHOOSE_ACTIVITY: arrived,
    Action.END_PRO_SESSION: arrived,
    Action.PRO_STEP_UP: arrived,
    Action.SEE_TEAM: at_work(Ability.SEE_TEAM),
    Action.ATTACH_MEMBER: one_of(
        at_work(Ability.MANAGE_TEAM, Membership),
        robot("pro-santé-connect", Membership),
        robot("operator", Membership),
        robot("demo", Membership),
    ),
    Action.DETACH_MEMBER: at_work(Ability.MANAGE_TEAM, Membership),
    Action.BIND_CERTIFICATE: one_of(robot_alone("operator"), robot_alone("demo")),
    Action.UNBIND_CERTIFICATE: robot_alone("operator"),
    Action.CREATE_STRUCTURE: robot_alone("operator"),
    Action.CREATE_MACHINE: robot_alone("operator"),
    Action.ROTATE_PROOF: robot_alone("operator"),
    Action.REVOKE_MACHINE: robot_alone("operator"),
    Action.SEARCH_FILES: at_work(Ability.CHECK_IDENTITY),
    Action.CREATE_FILE: at_work(Ability.CHECK_IDENTITY, PatientFile),
    Action.OPEN_FILE: at_work(Ability.CHECK_IDENTITY, PatientFile),
    Action.CHANGE_FILE: one_of(
        trusted_already(at_work(Ability.CHECK_IDENTITY, PatientFile), trusted=False),
        at_work(Ability.CORRECT_IDENTITY, PatientFile),
    ),
    Action.RECEIVE_PATIENT: at_work(Ability.CHECK_IDENTITY, PatientFile),
    Action.LIST_DAY: at_work(Ability.CHECK_IDENTITY),
    Action.EXPECT_PATIENT: at_work(Ability.CHECK_IDENTITY, PatientFile),
    Action.LEAVE_DAY: at_work(Ability.CHECK_IDENTITY, PatientFile),
    Action.ASK_INSI: at_work(Ability.CHECK_IDENTITY, PatientFile),
    Action.CHECK_IDENTITY: at_work(Ability.CHECK_IDENTITY, PatientFile),
    Action.QUALIFY_BY_CONTRACT: at_work(Ability.CHECK_IDENTITY, PatientFile),
    Action.MARK_IDENTITY: at_work(Ability.CHECK_IDENTITY, PatientFile),
    Action.UNMARK_IDENTITY: at_work(Ability.CORRECT_IDENTITY, PatientFile),
    Action.LIST_CONTRACTS: one_of(
        at_work(Ability.CHECK_IDENTITY), at_work(Ability.MANAGE_CONTRACTS)
    ),
    Action.SIGN_CONTRACT: at_work(Ability.MANAGE_CONTRACTS, TrustContract),
    Action.STOP_CONTRACT: at_work(Ability.MANAGE_CONTRACTS, TrustContract),
    Action.AUDIT_CONTRACT: at_work(Ability.MANAGE_CONTRACTS, TrustContract),
    **REGISTER,
    Action.KEEP_DRAFT: by_hand(PatientFile),
    Action.FORGET_DRAFT: one_of(by_hand(PatientFile), robot("calendar", DepositDraft)),
    Action.OPEN_RECEIPT: by_hand(Document),
    **DISPATCHES,
    **MESSAGES,
    Action.SET_MESSAGING: in_the_record(Record),
    Action.LIST_ANNOUNCEMENTS: at_work(Ability.SEE_ANNOUNCEMENTS),
    Action.OPEN_ANNOUNCEMENT: at_work(Ability.SEE_ANNOUNCEMENTS, Announcement),
    Action.PLAN_ANNOUNCEMENT: at_work(Ability.RELEASE, Announcement),
    Action.CALL_ABOUT_IT: robot("calendar", Announcement),
    Action.SEE_POLICY: at_work(Ability.MANAGE_POLICY),
    Action.CHANGE_POLICY: at_work(Ability.MANAGE_POLICY, WithheldFamily),
    Action.LIST_MODELS: at_work(Ability.MANAGE_MODELS),
    Action.WRITE_MODEL: at_work(Ability.MANAGE_MODELS, MessageModel),
    Action.DELETE_MODEL: at_work(Ability.MANAGE_MODELS, MessageModel),
    Action.OPEN_KIT: at_work(Ability.OPEN_KIT),
    Action.SEE_STATION: at_work(Ability.SEE_STATION),
}


def may(actor: Actor, action: Action, thing: Traced | None) -> bool:
    """Whether RULES say yes. Templates ask it before they show a button."""
    rule = RULES.get(action)
    return rule is not None and rule(actor, thing)
