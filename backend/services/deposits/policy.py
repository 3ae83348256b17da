"""The laboratory’s own rules, applied to what is deposited in its name: here and nowhere else."""

from msgspec.structs import replace

from backend.domain.deposits import under_policy
from backend.domain.withheld_families import withholds
from backend.services.deposits.lookup import Known, Sent


def as_ruled(known: Known, sent: Sent) -> Sent:
    """The deposit as its laboratory’s rules want it, whatever door it came through."""
    deposit = sent.deposit
    flags = under_policy(deposit.flags, deposit.action, withheld=is_ruled(known, sent))
    return replace(sent, deposit=replace(deposit, flags=flags))


def is_ruled(known: Known, sent: Sent) -> bool:
    """Whether a rule of the laboratory withholds it."""
    return withholds(sent.deposit.report, known.rules.get(sent.structure_id, ()))
