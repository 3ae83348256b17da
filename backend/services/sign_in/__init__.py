"""Signing in: identifier and password, then a one-time code, then a session that ends."""

from backend.services.sign_in.alerts import whom_to_tell
from backend.services.sign_in.codes import Code, Waiting, resend, send_code, waiting
from backend.services.sign_in.passkeys import (
    Site,
    ask_passkey,
    enter_by_passkey,
    step_up_by_passkey,
)
from backend.services.sign_in.passwords import start
from backend.services.sign_in.refusals import Reason, Rejected
from backend.services.sign_in.sessions import Complete, Started, actor_of, is_whole, leave
from backend.services.sign_in.stepping_up import (
    begin_step_up,
    is_fresh,
    other_proofs,
    resend_step_up,
    step_up,
    step_up_waiting,
)
from backend.services.sign_in.verify import has_app, verify, verify_app

__all__ = [
    "Code",
    "Complete",
    "Reason",
    "Rejected",
    "Site",
    "Started",
    "Waiting",
    "actor_of",
    "ask_passkey",
    "begin_step_up",
    "enter_by_passkey",
    "has_app",
    "is_fresh",
    "is_whole",
    "leave",
    "other_proofs",
    "resend",
    "resend_step_up",
    "send_code",
    "start",
    "step_up",
    "step_up_by_passkey",
    "step_up_waiting",
    "verify",
    "verify_app",
    "waiting",
    "whom_to_tell",
]
