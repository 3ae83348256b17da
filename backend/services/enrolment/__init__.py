"""Coming in without a session: activation, refusal, reopening; and the codes that allow it."""

from backend.services.enrolment.channels import asked, choose, is_reachable, send_again, verify
from backend.services.enrolment.finishing import certificate, finish, refuse_space
from backend.services.enrolment.informing import COLUMNS, Informed, inform, open_spaces
from backend.services.enrolment.issuing import (
    Sendable,
    issue_letter,
    issue_many,
    send_code_again,
    to_send,
)
from backend.services.enrolment.proving import DESK, Elsewhere, Proved, prove
from backend.services.enrolment.returning import finish_return, may_choose_password
from backend.services.enrolment.ways import Way, begin, find, keep

__all__ = [
    "COLUMNS",
    "DESK",
    "Elsewhere",
    "Informed",
    "Proved",
    "Sendable",
    "Way",
    "asked",
    "begin",
    "certificate",
    "choose",
    "find",
    "finish",
    "finish_return",
    "inform",
    "is_reachable",
    "issue_letter",
    "issue_many",
    "keep",
    "may_choose_password",
    "open_spaces",
    "prove",
    "refuse_space",
    "send_again",
    "send_code_again",
    "to_send",
    "verify",
]
