"""Signing in: identifier and password, then a one-time code, then a session that ends."""

from backend.services.sign_in.codes import Code, Waiting, resend, send_code, waiting
from backend.services.sign_in.passwords import start
from backend.services.sign_in.refusals import Reason, Rejected
from backend.services.sign_in.sessions import Complete, Started, actor_of, leave
from backend.services.sign_in.stepping_up import (
    begin_step_up,
    is_fresh,
    resend_step_up,
    step_up,
    step_up_waiting,
)
from backend.services.sign_in.verify import verify

__all__ = [
    "Code",
    "Complete",
    "Reason",
    "Rejected",
    "Started",
    "Waiting",
    "actor_of",
    "begin_step_up",
    "is_fresh",
    "leave",
    "resend",
    "resend_step_up",
    "send_code",
    "start",
    "step_up",
    "step_up_waiting",
    "verify",
    "waiting",
]
