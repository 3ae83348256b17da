"""The neighbours, as one object that the composition root builds and everything else receives."""

from dataclasses import dataclass
from typing import Protocol

from backend.gateways.files import Files
from backend.gateways.mail import Mail
from backend.gateways.pdf import PdfWorkers
from backend.gateways.sms import Sms


class Mailer(Protocol):
    """Sends e-mail; Unavailable to try again, Refused when it never will."""

    async def send(self, mail: Mail) -> None:
        """Hand one message over to the mail server."""


class Texter(Protocol):
    """Sends SMS, with the same promises."""

    async def send(self, sms: Sms) -> None:
        """Hand one message over to the operator."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything the service talks to besides its database."""

    files: Files
    pdfs: PdfWorkers
    mail: Mailer
    sms: Texter
