"""What handlers write with: the neighbours, the letters, the policy."""

from dataclasses import dataclass

from backend.access.scopes import Policy
from backend.gateways.mail import Mail
from backend.gateways.outside import Outside
from backend.gateways.sms import Sms
from backend.storage.accounts import Channel
from backend.storage.db import AsyncSession, vault_of
from backend.web.letters import Letters


@dataclass(frozen=True, slots=True)
class Desk:
    """What handlers write with: the neighbours, the letters, the policy."""

    outside: Outside
    letters: Letters
    policy: Policy
    operator: str = ""
    """The address of whoever runs the service; empty: nobody is written to."""

    async def mail(self, db: AsyncSession, key: str, to: str, template: str, **values: str) -> None:
        """One e-mail."""
        letter = self.letters.write(f"mail/{template}.txt", **values)
        await self.outside.mail.send(Mail(to, letter.subject, letter.text, message_id(db, key)))

    async def text(self, db: AsyncSession, key: str, to: str, template: str, **values: str) -> None:
        """One SMS."""
        letter = self.letters.write(f"sms/{template}.txt", **values)
        await self.outside.sms.send(Sms(to, letter.text, message_id(db, key)))

    async def tell(
        self, db: AsyncSession, key: str, to: tuple[Channel, str], template: str
    ) -> None:
        """The same said by e-mail, or by SMS to who gave only a mobile."""
        channel, address = to
        await (self.text if channel is Channel.SMS else self.mail)(db, key, address, template)


def message_id(db: AsyncSession, key: str) -> str:
    """The same for the same promise: a resend after a crash is recognised by the receiver."""
    return vault_of(db).mac("message-id", key.encode()).hex()[:40]
