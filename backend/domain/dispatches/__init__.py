"""Envois MSSanté: to whom a report goes, what becomes of it, and how that is said. Pure."""

from backend.domain.dispatches.destinations import (
    Destination,
    Role,
    Sending,
    check_only_sent,
    check_recipients,
    citizen_address,
    destinations,
    is_citizens,
    is_for,
    is_secure,
    secured,
)
from backend.domain.dispatches.policy import Facts, why_not
from backend.domain.dispatches.reasons import reason_of, smtp_code
from backend.domain.dispatches.states import FOLLOWED, DispatchState, News, after

__all__ = [
    "FOLLOWED",
    "Destination",
    "DispatchState",
    "Facts",
    "News",
    "Role",
    "Sending",
    "after",
    "check_only_sent",
    "check_recipients",
    "citizen_address",
    "destinations",
    "is_citizens",
    "is_for",
    "is_secure",
    "reason_of",
    "secured",
    "smtp_code",
    "why_not",
]
