"""The question asked again before each sending: may this report still go to this recipient?"""

from msgspec import Struct

from backend.domain.dispatches.destinations import Role


class Facts(Struct, frozen=True):
    """How things stand now, whatever they were when the report was deposited."""

    record_is_live: bool = True
    """Neither opposed, closed, suspended nor gone."""
    document_stands: bool = True
    """Neither withdrawn, nor said to be about somebody else."""
    is_current: bool = True
    """No later version was deposited: that one has dispatches of its own."""
    withheld: bool = False
    hidden_from_guardians: bool = False
    blocked: bool = False
    """Its patient blocked this professional, or objects to them."""
    qualified: bool = True
    messages_refused: bool = False
    """Its person wants no messages: of a mail to them, not to their physician."""


def why_not(role: Role, facts: Facts) -> str:
    """The code of the reason that stops it, `""` when nothing does."""
    reasons = {
        "opposed": not facts.record_is_live,
        "withdrawn": not facts.document_stands,
        "replaced": not facts.is_current,
        "blocked": facts.blocked,
    }
    if role is Role.PATIENT:
        reasons |= {
            "withheld": facts.withheld,
            "hidden": facts.hidden_from_guardians,
            "unqualified": not facts.qualified,
            "no-messages": facts.messages_refused,
        }
    return next((code for code, stops in reasons.items() if stops), "")
