"""Coming in without a session: activation, refusal, reopening; and the codes that allow it."""

from backend.services.enrolment.channels import asked, choose, is_reachable, send_again, verify
from backend.services.enrolment.finishing import certificate, finish, refuse_space
from backend.services.enrolment.proving import Elsewhere, Proved, prove
from backend.services.enrolment.ways import Way, begin, find, keep

__all__ = [
    "Elsewhere",
    "Proved",
    "Way",
    "asked",
    "begin",
    "certificate",
    "choose",
    "find",
    "finish",
    "is_reachable",
    "keep",
    "prove",
    "refuse_space",
    "send_again",
    "verify",
]
