"""aiosmtpd, with what operators of MSSanté add to it: reports of delivery (RFC 3461)."""

import re

from aiosmtpd.smtp import SMTP

ASKED = re.compile(r"\s+(?:RET|NOTIFY|ORCPT)=\S+", re.IGNORECASE)
ENVELOPE = re.compile(r"\s+ENVID=(\S+)", re.IGNORECASE)


class DsnSmtp(SMTP):
    """One connection; `envelope_id` is what the sender calls its mail."""

    envelope_id = ""

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd’s names
        found = ENVELOPE.search(arg or "")
        self.envelope_id = found[1] if found else ""
        await super().smtp_MAIL(_bare(arg))

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        await super().smtp_RCPT(_bare(arg))


def _bare(arg: str | None) -> str | None:
    return ENVELOPE.sub("", ASKED.sub("", arg)) if arg else arg
