"""The laboratory’s own rules, applied to what is deposited in its name: here and nowhere else."""

from msgspec.structs import replace

from backend.domain.deposits import under_policy
from backend.domain.withheld_families import withholds
from backend.services.deposits.lookup import Known, Sent


def as_ruled(known: Known, sent: Sent) -> Sent:
    """The deposit as its laboratory’s rules want it, whatever door it came through."""
    chosen = known.rules.get(sent.structure_id, ())
    deposit = sent.deposit
    withheld = withholds(deposit.report, chosen)
    flags = under_policy(deposit.flags, deposit.action, withheld=withheld)
    return replace(sent, deposit=replace(deposit, flags=flags))
