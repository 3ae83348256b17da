"""The pages of the patient's space with the demonstration's reports in them, rendered as files."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from jinja2 import Environment
from msgspec import structs

from backend.demo.accounts import _cast
from backend.demo.people import LAURA
from backend.demo.reports import DemoDeposit, demo_reports
from backend.domain.documents import DocumentLine, FileFacts, kind_of
from backend.domain.errors import NotFound, Unavailable
from backend.domain.notices import MESSAGES, Event
from backend.domain.reports import Report, ReportStatus
from backend.domain.results import Past, analysis_key, make_sheet
from backend.patient.document_list import Asked, Chip
from backend.services.board import Told
from backend.services.documents import PageImage
from backend.services.filing import summary_of
from backend.services.medical_profile import Fact
from backend.services.people import Profile
from backend.services.threads import Stage
from backend.web.forms import Draft
from backend.web.french import month_year
from backend.web.letters import Letters
from backend.web.templates import make_environment

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
PROFILE = Profile(id=UUID(int=1), given_name="Laura", family_name="Bernard", own=True)
LATEST = "laura-bilan-sanguin-v1"
THREAD = (Stage("corrected", NOW), Stage("final", NOW - timedelta(days=61)))
CHIPS = [Chip("Tous", "/documents", on=True), Chip("Non lus", "/documents?voir=non-lus", on=False)]
PAGES = [PageImage(1, 1200, 1697, "Laboratoire de l’Estuaire\nGlycémie à jeun  1,18 g/L")]
HIDDEN = {"laura-anti-gad-v1", "laura-depot-errone-v1", "laura-depot-errone-v1-suppression"}


def screens(*, simple: bool = False) -> dict[str, str]:
    """Every page by a short name, as HTML, as it is or in « Lecture simple »."""
    environment = make_environment.__wrapped__(demo=True)  # its own: what follows stays in it
    environment.globals["csrf_token"] = lambda: "token"
    environment.globals["simple"] = lambda: simple
    drawn = dict(_outside(environment))
    drawn.update(_home(environment))
    drawn.update(_documents(environment))
    return drawn


@cache
def deposits() -> dict[str, DemoDeposit]:
    """What Laura may see, by name, the oldest first."""
    return {
        sent.name: sent
        for sent in demo_reports(TODAY)
        if sent.patient is LAURA and sent.name not in HIDDEN
    }


def line_of(sent: DemoDeposit, **more: Any) -> DocumentLine:
    """The deposit as a list shows it."""
    summary = summary_of(sent.report)
    line = DocumentLine(
        id=_id(sent.name),
        kind=kind_of(sent.report.header.type_code),
        title=summary.title,
        laboratory=summary.laboratory,
        on=summary.on,
        deposited_at=sent.at,
        prescriber=summary.prescriber,
        partial=summary.partial,
        critical=summary.critical,
        corrected=(sent.report.header.version or 1) > 1,
        count=summary.count,
    )
    return structs.replace(line, **more)


def past_of(sent: DemoDeposit) -> list[Past]:
    """Earlier values of the same record, as the services give them."""
    return [
        Past(
            result=result,
            on=result.on or other.at,
            laboratory=other.report.header.custodian.name,
            document_id=_id(other.name),
            provisional=other.report.header.status is ReportStatus.PARTIAL,
        )
        for other in deposits().values()
        if other.name != sent.name
        for result in other.report.results
    ]


def _outside(environment: Environment) -> Iterator[tuple[str, str]]:
    """Pages before signing in, and those of errors and of the demonstration."""
    page = environment.get_template
    fields = ("identifiant", "mot_de_passe")
    first = Draft({"identifiant": "laura.bernard"}, fields=fields, secret="mot_de_passe")
    yield "identifier", page("patient/sign_in/identifier.html").render(form=first, message=None)
    wrong = Draft({"identifiant": "laura.bernard"}, fields=fields, secret="mot_de_passe")
    wrong.errors["mot_de_passe"] = "Écrivez votre mot de passe."
    yield (
        "identifier-errors",
        page("patient/sign_in/identifier.html").render(form=wrong, message=None),
    )
    code = {"channel": "SMS", "other_channel": "e-mail", "resend_in": 24, "sent": False}
    empty = Draft(fields=("code",))
    yield "code", page("patient/sign_in/code.html").render(form=empty, message=None, **code)
    message = "Ce code n’est pas le bon. Il vous reste 3 essais."
    yield (
        "code-errors",
        page("patient/sign_in/code.html").render(form=empty, message=message, **code),
    )
    yield "problem-404", page("errors/problem.html").render(problem=NotFound(), status=404)
    yield "problem-503", page("errors/problem.html").render(problem=Unavailable(), status=503)
    yield "accounts", page("demo/accounts.html").render(**_cast())
    letters = Letters(environment, "https://exemple.fr")
    sent: dict[str, Any] = {
        "to": "+33600000001",
        "subject": "",
        "sent_at": NOW - timedelta(minutes=2),
    }
    told = letters.write("mail/notice.txt", message=MESSAGES[Event.NEW])
    mail = {"to": "laura@exemple.fr", "subject": told.subject, "text": told.text}
    code_sent = letters.write("sms/code.txt", code="384201", purpose="login").text
    sms = {**sent, "channel": "sms", "text": code_sent}
    mail = {**sent, "channel": "email", **mail}
    yield "inbox", page("demo/inbox.html").render(messages=[sms, mail])


def _home(environment: Environment) -> Iterator[tuple[str, str]]:
    template = environment.get_template("patient/home/index.html")
    lines = [line_of(sent, unread=True) for sent in reversed(deposits().values())]
    told = [Told(Event.WITHDRAWN, NOW - timedelta(days=1), lines[1].id)]
    shared: dict[str, Any] = {
        "profile": PROFILE,
        "last_login": NOW - timedelta(hours=15),
        "pinned": [],
        "medical": Fact(4, 13, NOW - timedelta(days=3)),
        "last_measure": NOW,
    }
    fresh = [line for line in lines if line.id == _id(LATEST)]
    states: dict[str, dict[str, Any]] = {
        "home": {"fresh": fresh, "latest": lines[0], "notices": told},
        "home-several": {"fresh": lines, "latest": lines[0], "notices": told},
        "home-quiet": {"fresh": [], "latest": lines[0], "notices": []},
        "home-first": {"fresh": [], "latest": None, "notices": [], "last_login": None},
    }
    for name, more in states.items():
        yield name, template.render(**{**shared, **more})


def _documents(environment: Environment) -> Iterator[tuple[str, str]]:
    lines = [
        line_of(sent, unread=sent.name == LATEST, masked="serologies" in sent.name)
        for sent in reversed(deposits().values())
    ]
    months = [
        {"label": label, "lines": list(found)}
        for label, found in groupby(lines, key=lambda line: month_year(line.on))
    ]
    index = environment.get_template("patient/documents/index.html")
    shared = {"profile": PROFILE, "first_page": True, "words": "", "asked": Asked()}
    shared |= {"narrowed": False, "chips": CHIPS, "laboratories": [], "folders": [], "own": True}
    yield "documents", index.render(months=months, total=len(lines), more="?apres=x", **shared)
    yield "documents-none", index.render(months=[], total=0, more=None, **shared)
    sought = {**shared, "narrowed": True, "words": "ferritine"}
    yield "documents-not-found", index.render(months=[], total=0, more=None, **sought)
    for name, sent in deposits().items():
        yield name, _show(environment, sent, past_of(sent))
    critical = _flagged(deposits()[LATEST].report)
    yield (
        "report-critical",
        _show(environment, structs.replace(deposits()[LATEST], report=critical), ()),
    )
    pages = environment.get_template("patient/documents/pages.html")
    line = line_of(deposits()[LATEST])
    for name, images, ready, failed in (
        ("pages", PAGES, True, False),
        ("pages-waiting", [], False, False),
        ("pages-failed", [], False, True),
    ):
        yield (
            name,
            pages.render(
                profile=PROFILE, line=line, label="", images=images, ready=ready, failed=failed
            ),
        )


def _show(environment: Environment, sent: DemoDeposit, past: Iterable[Past]) -> str:
    line, header = line_of(sent), sent.report.header
    figures = [m for m in sent.report.media if m.media_type.startswith("image/")]
    return environment.get_template("patient/documents/show.html").render(
        profile=PROFILE,
        line=line,
        report=sent.report,
        sheet=make_sheet(sent.report, tuple(past)),
        has_pdf=sent.report.pdf is not None,
        pages=2,
        validated_by=header.authenticator.name,
        replaced=NOW - timedelta(days=61) if line.corrected else None,
        thread=THREAD if line.corrected else (),
        figures=[FileFacts(title=figure.title) for figure in figures],
        analyses={
            analysis_key(result): _id(analysis_key(result)) for result in sent.report.results
        },
    )


def _flagged(report: Report) -> Report:
    """The same report with its first result flagged as needing attention at once."""
    first, *others = report.results
    return structs.replace(report, results=(structs.replace(first, flags=("HH",)), *others))


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name.partition("-v")[0])
