"""The neighbours, as one object that the composition root opens and everything else receives."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from email.utils import parseaddr

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.gateways.annuaire import AnnuaireSante, NoAnnuaire
from backend.gateways.antivirus import ClamAv, NoAntivirus, open_antivirus
from backend.gateways.breaches import Breaches
from backend.gateways.delivery import PermanentFailure
from backend.gateways.files import Files, open_files
from backend.gateways.insi import Insi, NoInsi, open_insi
from backend.gateways.mail import SmtpMailer
from backend.gateways.mailbox import Mailbox
from backend.gateways.mssante import MssanteMailer, NoMssante
from backend.gateways.official import NoOfficialChecks, OfficialChecks, open_official
from backend.gateways.pdf import PdfWorkers
from backend.gateways.post import DemoPost, NoPost, Post, open_post
from backend.gateways.push import WebPush
from backend.gateways.sinks import Inbox, open_sinks
from backend.gateways.sms import Sms, WebhookSms
from backend.settings import Settings, Smtp


class NoSms:
    """No operator is configured: codes go by e-mail, and a promise of SMS fails visibly."""

    async def send(self, sms: Sms) -> None:  # noqa: ARG002 - the shape of WebhookSms
        raise PermanentFailure


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything the service talks to besides its database."""

    files: Files
    pdfs: PdfWorkers
    antivirus: ClamAv | NoAntivirus
    official: OfficialChecks | NoOfficialChecks
    mail: SmtpMailer
    sms: WebhookSms | NoSms
    push: WebPush
    post: Post | DemoPost | NoPost
    breaches: Breaches
    inbox: Inbox
    """What the demonstration's own post office received; empty when a real one is configured."""
    insi: Insi | NoInsi
    mssante: MssanteMailer | NoMssante
    mailbox: Mailbox | None
    """Where reports of MSSanté come back; None when nobody reads it here."""
    annuaire: AnnuaireSante | NoAnnuaire
    connector: str = ""
    """Where the pages of a desk read cartes Vitale, on its own machine; empty: nowhere."""


def open_push(settings: Settings, smtp: Smtp) -> WebPush:
    """Its key comes from the root key: the same at each start, and in each process."""
    secret = HKDF(SHA256(), 32, None, b"reperes/1/web-push").derive(settings.root_key)
    return WebPush(secret, f"mailto:{parseaddr(smtp.sender)[1]}", settings.push_hosts)


@asynccontextmanager
async def open_outside(settings: Settings) -> AsyncIterator[Outside]:
    """Open them all, and close them in the reverse order.

    A demonstration without a mail server has its own, on a port of this machine only.
    """
    async with AsyncExitStack() as stack:
        smtp, sms, inbox = settings.smtp, settings.sms, Inbox()
        sms_url, sms_token = (sms.url, sms.token) if sms else ("", "")
        if smtp is None:
            sinks = await stack.enter_async_context(open_sinks())
            smtp, inbox = sinks.smtp, sinks.inbox
            if not sms_url:
                sms_url, sms_token = sinks.sms_url, sinks.sms_token
        texter: WebhookSms | NoSms = NoSms()
        if sms_url:
            texter = await stack.enter_async_context(aclosing(WebhookSms(sms_url, sms_token)))
        annuaire: AnnuaireSante | NoAnnuaire = NoAnnuaire()
        if found := settings.annuaire:
            annuaire = await stack.enter_async_context(aclosing(AnnuaireSante(found)))
        mssante = settings.mssante
        yield Outside(
            files=open_files(settings.storage_url),
            antivirus=open_antivirus(settings.clamav_url),
            official=await stack.enter_async_context(open_official(settings.official)),
            pdfs=await stack.enter_async_context(PdfWorkers()),
            mail=await stack.enter_async_context(aclosing(SmtpMailer(smtp))),
            sms=texter,
            push=await stack.enter_async_context(aclosing(open_push(settings, smtp))),
            post=open_post(settings.letters_url, inbox, demo=settings.is_demo),
            breaches=Breaches(settings.breached_passwords),
            inbox=inbox,
            insi=await stack.enter_async_context(aclosing(open_insi(settings.insi))),
            mssante=MssanteMailer(mssante) if mssante else NoMssante(),
            mailbox=Mailbox(mssante) if mssante and mssante.imap_host else None,
            annuaire=annuaire,
            connector=settings.vitale_url,
        )
