"""The « code provisoire » on its way: by letter, e-mail or SMS."""

from backend.domain.activation import in_fours
from backend.domain.jobs import SendProvisionalCode
from backend.gateways.mail import Mail
from backend.gateways.outside import Outside
from backend.gateways.post import Paper
from backend.gateways.sms import Sms
from backend.services import enrolment
from backend.storage.db import AsyncSession, utcnow
from backend.web.french import day
from backend.web.letters import Letters


async def send_provisional_code(
    db: AsyncSession, outside: Outside, letters: Letters, job: SendProvisionalCode, id_: str
) -> bool:
    """Send it, once; False when it could no longer serve."""
    sent = await enrolment.to_send(db, job.code_id)
    if sent is None:
        return False
    until = day(sent.expires_at)
    values = {"code": in_fours(sent.code), "until": until}
    if sent.by == "sms":
        text = letters.write("sms/provisional_code.txt", **values).text
        await outside.sms.send(Sms(sent.contacts.phone, text, id_))
        return True
    back = sent.by == enrolment.DESK
    template = "mail/return_code.txt" if back else "mail/provisional_code.txt"
    letter = letters.write(template, **values)
    if sent.by == "email":
        await outside.mail.send(Mail(sent.contacts.email, letter.subject, letter.text, id_))
        return True
    from backend.web.papers import code_letter  # fpdf and its fonts weigh 25 MB

    pdf = code_letter(
        sent.name,
        sent.contacts.address,
        sent.code,
        sent.expires_at,
        public_url=letters.public_url,
        at=utcnow(),
        back=back,
    )
    address = ", ".join((sent.name, *sent.contacts.address))
    await outside.post.send(Paper(id_, address, letter.text, pdf))
    return True
