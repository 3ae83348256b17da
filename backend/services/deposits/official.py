"""What the official checks say of a deposit, and whether it goes on."""

from backend.domain.deposits import DepositRefused
from backend.domain.official import Verdict, for_machines
from backend.gateways.outside import Outside


async def check(outside: Outside, content: bytes, *, within: float | None = None) -> Verdict | None:
    """The verdict; None where nothing is checked, DepositRefused where the operator wants it.

    `within`: the seconds that a page has for it.
    """
    verdict = await outside.official.check(content, within=within)
    if verdict is not None and outside.official.refuses(verdict):
        raise DepositRefused("906", " ".join(for_machines(verdict)), place="document")
    return verdict
