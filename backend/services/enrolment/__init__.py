"""Coming in without a session: activation, refusal, reopening; and the codes that allow it."""

from backend.services.enrolment.channels import asked, choose, is_reachable, send_again, verify
from backend.services.enrolment.finishing import certificate, finish, refuse_space
from backend.services.enrolment.informing import COLUMNS, Informed, inform, open_spaces
from backend.services.enrolment.issuing import Sendable, issue_many, send_code_again, to_send
from backend.services.enrolment.proving import Elsewhere, Proved, prove
from backend.services.enrolment.ways import Way, begin, find, keep

__all__ = [
    "COLUMNS",
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
    "inform",
    "is_reachable",
    "issue_many",
    "keep",
    "open_spaces",
    "prove",
    "refuse_space",
    "send_again",
    "send_code_again",
    "to_send",
    "verify",
]
