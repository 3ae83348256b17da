"""The reports that operators and readers send back: DSN (RFC 3464) and MDN (RFC 8098)."""

from email.message import Message

DIAGNOSTICS = {"5.1.1": "550 5.1.1 mailbox unavailable", "5.2.2": "552 5.2.2 mailbox full"}


def write_dsn(mail: Message, to: str, action: str, status: str, envelope_id: str = "") -> bytes:
    """What became of `mail` for this recipient."""
    fields = [
        "Reporting-MTA: dns; mx.mssante.example",
        *([f"Original-Envelope-Id: {envelope_id}"] if envelope_id else []),
        "",
        f"Original-Recipient: rfc822;{to}",
        f"Final-Recipient: rfc822;{to}",
        f"Action: {action}",
        f"Status: {status}",
    ]
    if status in DIAGNOSTICS:
        fields.append(f"Diagnostic-Code: smtp; {DIAGNOSTICS[status]}")
    return _report(
        mail,
        sender="MAILER-DAEMON@mx.mssante.example",
        kind="delivery-status",
        words="Rapport de remise.",
        fields=fields,
    )


def write_mdn(mail: Message, to: str, disposition: str) -> bytes:
    """What its recipient did with `mail`: `displayed`, `processed`…"""
    automatic = disposition.startswith("processed")
    mode = (
        "automatic-action/MDN-sent-automatically"
        if automatic
        else "manual-action/MDN-sent-manually"
    )
    fields = [
        "Reporting-UA: emulateur.mssante.example; Reperes",
        f"Original-Recipient: rfc822;{to}",
        f"Final-Recipient: rfc822;{to}",
        f"Original-Message-ID: {mail['Message-ID']}",
        f"Disposition: {mode}; {disposition}",
    ]
    return _report(
        mail,
        sender=to,
        kind="disposition-notification",
        words="Le message a été ouvert.",
        fields=fields,
    )


def _report(mail: Message, *, sender: str, kind: str, words: str, fields: list[str]) -> bytes:
    boundary = "=_rapport"
    body = [
        f"From: {sender}",
        f"To: {mail['From']}",
        "Subject: Rapport",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="{boundary}"',
        "Auto-Submitted: auto-replied",
        "",
        f"--{boundary}",
        "Content-Type: text/plain; charset=utf-8",
        "",
        words,
        f"--{boundary}",
        f"Content-Type: message/{kind}",
        "",
        *fields,
        "",
        f"--{boundary}",
        "Content-Type: text/rfc822-headers",
        "",
        f"From: {mail['From']}",
        f"To: {mail['To']}",
        f"Message-ID: {mail['Message-ID']}",
        "",
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(body).encode()
