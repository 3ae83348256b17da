"""Where every machine's door brings its deposits: bounded, filed together, answered one by one."""

import asyncio
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.access.actors import Machine
from backend.domain.deposits import Deposit
from backend.domain.errors import Problem, Unavailable
from backend.gateways.outside import Outside
from backend.interop.groups import Groups
from backend.services.deposits import Given, Sent, inspect, receive
from backend.storage.db import Sessions
from backend.storage.vault import Vault
from backend.web.lanes import Lanes
from backend.web.transaction import attempt

WORKING, WAITING, PATIENCE = 12, 64, 10.0
"""Messages being read or filed in this process, those that wait for their turn, and how long."""
TOGETHER = 16
"""Deposits of one transaction, at most."""
LONGEST = 12.0
"""Seconds after which a transaction is given up: the database is stuck."""
TRANSACTIONS = 2
"""One writes while the other commits."""

DOWN = (OperationalError, PoolTimeout, OSError, TimeoutError, Unavailable)
"""Nothing is wrong with the deposits: trying each alone would only take longer."""


class Desk:
    """One a process."""

    def __init__(self, sessions: Sessions, vault: Vault, outside: Outside) -> None:
        self.lanes = Lanes(working=WORKING, waiting=WAITING, seconds=PATIENCE)
        self._sessions, self._vault, self._outside = sessions, vault, outside
        self._groups = Groups(self._file, fits, most=TOGETHER, at_once=TRANSACTIONS)

    async def file(self, actor: Machine, deposit: Deposit, *, message: str) -> Given:
        """Its receipt, after the commit; or Problem, and nothing is written."""
        sent = Sent.by(actor, deposit, message=message, vault=self._vault)
        return await self._groups.ask(await inspect(self._outside, sent))

    async def _file(self, batch: Sequence[Sent]) -> Sequence[Given | Exception]:
        try:
            return await self._receive(batch)
        except DOWN:
            raise
        except Exception:
            if len(batch) == 1:
                raise
        return [await self._alone(sent) for sent in batch]  # one of them is to blame: which?

    async def _alone(self, sent: Sent) -> Given | Exception:
        try:
            return (await self._receive([sent]))[0]
        except Exception as error:  # noqa: BLE001 - raised again by the group, for this one only
            return error

    async def _receive(self, batch: Sequence[Sent]) -> list[Given | Problem]:
        """Two of the same at once: the second finds what the first filed."""
        async with asyncio.timeout(LONGEST):
            return await attempt(self._sessions, lambda db: receive(db, self._outside.files, batch))


def fits(batch: Sequence[Sent], sent: Sent) -> bool:
    """New documents go together, with one replacement or withdrawal; the same one never twice."""
    if not sent.is_new and not all(other.is_new for other in batch):
        return False
    return not any(sent.is_same(other) for other in batch)
