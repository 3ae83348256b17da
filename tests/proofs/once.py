"""What serves once: for each, how one gets it, and how often it has served after fifty uses."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from httpx import Request
from pyotp import TOTP

from backend.access.scopes import Policy
from backend.demo.people import DOMINIQUE, JULIE, KARIM, LAURA, LEA, NADIA, Someone
from backend.domain.calendar import civil_day
from backend.storage.db import Base, utcnow
from tests.authenticators import Authenticator
from tests.fixtures.application import client_of
from tests.fixtures.twins import settled
from tests.newcomers import PASSWORD, give_email, prove
from tests.pages import Browser
from tests.patient.changing import record_of
from tests.proofs.crowds import Doors
from tests.twins import World

USES = 50
TRACES = "SELECT count(*) FROM trace WHERE allowed AND action = '{}'"
LOGINS = "SELECT count(*) FROM login"
CHANGES = "SELECT count(*) FROM credential_change"


@dataclass(frozen=True)
class Way:
    """One thing that serves once."""

    columns: tuple[str, ...]
    """What remembers that it has served."""
    served: str
    """Counts how often it has."""
    get: Callable[[Doors], Awaitable[Sequence[Request]]]
    """The requests that use it, the same click or several people's: sent until there are fifty."""
    barrier: str
    """What makes them wait, for its control to take away; "" when there are several."""


# --- how one gets there


def cookies_of(browser: Browser) -> dict[str, str]:
    return {cookie.name: cookie.value or "" for cookie in browser.client.cookies.jar}


def stranger(doors: Doors) -> Browser:
    return Browser(doors.apps[0], client_of(doors.apps[0]))


async def inside(doors: Doors, someone: Someone) -> Browser:
    """A browser that has just passed both steps."""
    browser = stranger(doors)
    for name, value in (await doors.signed_in(someone)).items():
        browser.client.cookies.set(name, value, domain="127.0.0.1")
    return browser


async def received(doors: Doors, someone: Someone, pattern: str) -> str:
    """What this looks like in the newest letter to this person that has one, once it was sent."""
    await settled(World(doors.apps[0]))
    for message in doors.state.outside.inbox.messages():
        if message.to in {someone.email, someone.phone} and (
            found := re.search(pattern, message.text)
        ):
            return found[0].replace(" ", "")
    raise AssertionError("no such letter")


CODE, LINK = r"\b\d{3} ?\d{3}\b", r"/annuler/\S+"


def click(doors: Doors, browser: Browser, path: str, /, **fields: str) -> list[Request]:
    return [doors.form(path, cookies_of(browser), **fields)]


# --- codes sent to somebody


async def step_up_code(doors: Doors) -> Sequence[Request]:
    browser = await inside(doors, LAURA)
    await doors.ask("UPDATE browser_session SET stepped_up_at = NULL RETURNING 1")
    doors.state.outside.inbox._messages.clear()
    await browser.post("/confirmer", mot_de_passe=LAURA.password, suite="/documents")
    code = await received(doors, LAURA, CODE)
    return click(doors, browser, "/confirmer/code", code=code, suite="/documents")


async def contact_code(doors: Doors) -> Sequence[Request]:
    browser = await inside(doors, LAURA)
    await doors.forget_limits()
    doors.state.outside.inbox._messages.clear()
    await browser.get("/compte/securite/joindre/email")
    to = "laura.nouvelle@courriel.example"
    await browser.post("/compte/securite/joindre/email", email=to)
    code = await asyncio.wait_for(browser.code(to=to), 60)
    return click(doors, browser, "/compte/securite/preuve", code=code)


async def recovering(doors: Doors, someone: Someone) -> tuple[Browser, dict[str, str]]:
    """A recovery that has begun, and its two codes."""
    await doors.forget_limits()
    doors.state.outside.inbox._messages.clear()
    browser = stranger(doors)
    await browser.get("/retrouver/mot-de-passe")
    await browser.post("/retrouver/mot-de-passe", identifiant=someone.identifier)
    await settled(World(doors.apps[0]))
    codes = dict.fromkeys(("code_application", "code_courrier"), "")
    for name, to in (("code_email", someone.email), ("code_sms", someone.phone)):
        codes[name] = await browser.code(to=to)
    return browser, codes


async def recovery_codes(doors: Doors) -> Sequence[Request]:
    browser, codes = await recovering(doors, DOMINIQUE)
    return click(doors, browser, "/retrouver/codes", **codes)


async def recovery_end(doors: Doors) -> Sequence[Request]:
    browser, codes = await recovering(doors, DOMINIQUE)
    await browser.post("/retrouver/codes", **codes)
    return click(doors, browser, "/retrouver/nouveau", mot_de_passe=PASSWORD)


# --- the authenticator application


async def app_secret(browser: Browser) -> str:
    page = await browser.get("/compte/securite/application")
    found = re.search(r'class="letters">(.*?)</p>', page.text)
    assert found, page.text
    return re.sub(r"<[^>]*>|\s", "", found[1])


async def app_to_add(doors: Doors) -> Sequence[Request]:
    browser = await inside(doors, LAURA)
    code = TOTP(await app_secret(browser)).at(utcnow())
    return click(doors, browser, "/compte/securite/application", code=code)


async def app_step(doors: Doors) -> Sequence[Request]:
    """One code of the application, in the half sessions of five browsers."""
    browser = await inside(doors, LAURA)
    secret = TOTP(await app_secret(browser))
    before = secret.at(utcnow() - timedelta(seconds=30))
    await browser.post("/compte/securite/application", code=before)
    halves = []
    for _ in range(5):
        await doors.forget_limits()
        half = stranger(doors)
        await half.get("/connexion")
        answer = await half.post(
            "/connexion", identifiant=LAURA.identifier, mot_de_passe=LAURA.password
        )
        assert answer.headers["location"] == "/connexion/application"
        halves.append(half)
    code = secret.at(utcnow())
    return [doors.form("/connexion/application", cookies_of(half), code=code) for half in halves]


# --- passkeys


async def with_passkey(doors: Doors) -> tuple[Browser, Authenticator]:
    browser, phone = await inside(doors, LAURA), Authenticator()
    await browser.get("/compte/securite/cles")
    options = await browser.post("/compte/securite/cles/defi")
    answer = await browser.post("/compte/securite/cles", reponse=phone.make(options.text))
    assert answer.status_code == 303, answer.text
    return browser, phone


async def passkey_to_add(doors: Doors) -> Sequence[Request]:
    browser, phone = await inside(doors, LAURA), Authenticator()
    await browser.get("/compte/securite/cles")
    options = await browser.post("/compte/securite/cles/defi")
    return click(doors, browser, "/compte/securite/cles", reponse=phone.make(options.text))


async def passkey_to_enter(doors: Doors) -> Sequence[Request]:
    _, phone = await with_passkey(doors)
    browser = stranger(doors)
    await browser.get("/connexion")
    options = await browser.post("/connexion/cle/defi")
    return click(doors, browser, "/connexion/cle", reponse=phone.sign(options.text))


async def passkey_to_confirm(doors: Doors) -> Sequence[Request]:
    browser, phone = await with_passkey(doors)
    await browser.get("/confirmer")
    options = await browser.post("/confirmer/cle/defi")
    answer = phone.sign(options.text)
    return click(doors, browser, "/confirmer/cle", reponse=answer, suite="/documents")


# --- links and letters


async def undo_link(doors: Doors) -> Sequence[Request]:
    browser = await inside(doors, LAURA)
    doors.state.outside.inbox._messages.clear()
    await browser.get("/compte/securite/mot-de-passe")
    await browser.post(
        "/compte/securite/mot-de-passe", ancien=LAURA.password, nouveau="un-autre-mot-de-passe-88"
    )
    link, owner = await received(doors, LAURA, LINK), stranger(doors)
    await owner.get(link)
    return click(doors, owner, link)


async def letter(doors: Doors) -> Sequence[Request]:
    """One provisional code: three browsers about to open the space, two about to refuse it."""
    ready = []
    for place in range(5):
        await doors.forget_limits()
        doors.state.outside.inbox._messages.clear()
        browser = stranger(doors)
        if opening := place < 3:
            await prove(browser, JULIE)
            await give_email(browser, "julie@courriel.example")
            await browser.post("/activer/visibilite", visibilite="visibles")
            end, typed = "/activer/identifiants", {"mot_de_passe": PASSWORD}
            typed["identifiant"] = f"julie.moreau{place}"
        else:
            await prove(browser, JULIE, "/refuser")
            end, typed = "/refuser/confirmer", {}
        shown = await browser.get(end)
        assert shown.status_code == 200, (opening, shown.headers)
        ready += click(doors, browser, end, **typed)
    return ready


# --- what one person asks another


async def invitation(doors: Doors) -> Sequence[Request]:
    """Nadia says yes and no at once."""
    await doors.forget_limits()
    karim = await inside(doors, KARIM)
    child = await record_of(doors.apps[0], LEA)
    await karim.get("/profils")
    await karim.post("/profils/choisir", id=str(child.id))
    await karim.post("/profils/partage", **named(NADIA))
    return await said_twice(doors, "/profils/invitation")


async def aid(doors: Doors) -> Sequence[Request]:
    """The same for an aidant."""
    await doors.forget_limits()
    for app in doors.apps:
        app.state.policy = Policy(caregivers=True)
    laura, last = await inside(doors, LAURA), civil_day(utcnow()) + timedelta(days=30)
    await laura.get("/compte/aidants")
    fields = named(NADIA) | {"droit": "lire", "fin": f"{last:%d/%m/%Y}"}
    await laura.post("/compte/aidants", **fields)
    return await said_twice(doors, "/compte/aidants/repondre")


def named(someone: Someone) -> dict[str, str]:
    born = someone.traits.birth_date
    return {
        "nom": someone.traits.birth_name,
        "naissance": f"{born:%d/%m/%Y}",
        "numero": someone.traits.matricule,
    }


async def said_twice(doors: Doors, path: str) -> Sequence[Request]:
    nadia = await inside(doors, NADIA)
    asked = (await nadia.get("/profils")).text.split(f'action="{path}"')[1]
    id_ = asked.split('name="id" value="')[1].split('"')[0]
    said = ("accepter", "refuser")
    return [doors.form(path, cookies_of(nadia), id=id_, reponse=reply) for reply in said]


# --- the table

LOCK, CODES, CEREMONY, STEP = "a lock", "a code", "a ceremony", "a step"
CHALLENGE = ("challenge.consumed_at", "challenge.superseded_at")
WAYS: dict[str, Way] = {
    "the code of a confirmation": Way(
        CHALLENGE, TRACES.format("account:step-up"), step_up_code, CODES
    ),
    "the code of a new address": Way(CHALLENGE, CHANGES, contact_code, ""),
    "the two codes of a recovery": Way(
        (*CHALLENGE, "enrolment.token_hash"),
        "SELECT count(*) FROM enrolment WHERE purpose = 'recovery' AND record_id IS NOT NULL",
        recovery_codes,
        "",
    ),
    "a recovery": Way(
        ("enrolment.token_hash",), TRACES.format("account:recover"), recovery_end, LOCK
    ),
    "an application that is added": Way(("account.totp_used",), CHANGES, app_to_add, ""),
    "a code of an application": Way(("account.totp_used",), LOGINS, app_step, STEP),
    "a passkey that is made": Way(("ceremony.challenge",), CHANGES, passkey_to_add, ""),
    "a passkey that opens": Way(("ceremony.challenge",), LOGINS, passkey_to_enter, CEREMONY),
    "a passkey that confirms": Way(
        ("ceremony.challenge",), TRACES.format("account:step-up"), passkey_to_confirm, CEREMONY
    ),
    "a link that undoes": Way(
        ("credential_change.token_hash", "credential_change.cancelled_at"),
        TRACES.format("account:cancel-change"),
        undo_link,
        LOCK,
    ),
    "a provisional code": Way(
        ("provisional_code.code_hash", "provisional_code.used_at", "provisional_code.replaced_at"),
        "SELECT count(*) FROM trace WHERE allowed AND action IN ('space:activate', 'space:refuse')",
        letter,
        "",
    ),
    "an invitation": Way(
        ("invitation.answered_at",), TRACES.format("guardian:answer"), invitation, LOCK
    ),
    "an aidant’s answer": Way(
        ("delegation.accepted_at", "delegation.ended_at"), TRACES.format("aidant:answer"), aid, LOCK
    ),
}
ELSEWHERE = {
    "used_assertion.jti": "test_an_assertion_is_used_once",
    "receipt.message_index": "test_one_document_by_many_doors_is_one_document",
    "outbox.done_at": "crash/test_points.py",
    "dispatch.message_index": "tests/services/test_dispatches.py: the same news twice",
}
OFTEN = {
    "browser_session.token_hash": "until the session ends",
    "machine_token.token_hash": "until the token expires",
    "reading_token.token_hash": "until the token expires",
    "guardianship.revoked_at": "ended, whoever says so and however often",
    "showing.revoked_at": "ended, whoever says so and however often",
    "visit.token_hash": "of a session, which asks many times",
    "machine_client.disabled_at": "ended, whoever says so and however often",
    "passkey.used_at": "the last time: a passkey serves for years",
    "access_report.closed_at": "ended, whoever runs us says so and however often",
    "misfiling.closed_at": "ended by each answer of the laboratory, in the turn of its document",
    "record.ended_at": "where a space stands: `backend/domain/codes/space.csv` is walked",
    "version.superseded_at": "replacements: test_replacements_at_once_stay_in_line",
    "pro_session.token_hash": "until the session ends; the return that opens it serves once: "
    "tests/pro/test_hostile.py",
    "dispatch.message_index": "a mail is told of by several reports: states only go forward",
    "record.messages_refused": "a choice, made again at will",
    "announcement.done_at": "two releases at once: tests/pro/test_announcements.py",
    "withheld_family.ended_at": "a choice of the laboratory, made again at will",
    "conversation.closed_at": "closing against answering: tests/pro/test_conversations.py",
    "membership.ended_at": "ended, whichever administrator says so, in the turn of the site",
}
"""What looks like it and is not: why."""
LOOKS_LIKE_IT = re.compile(
    r"(^|_)(consumed|used|superseded|replaced|answered|accepted|refused|cancelled|undone|redeemed|taken"
    r"|ended|done|revoked|disabled|spent|closed)(_at)?$|^(token|code)_hash$|^challenge$|^jti$"
    r"|_used$|^message_index$"
)


def columns_like_it() -> set[str]:
    """Every column of the database whose name says that a thing serves, or is over."""
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if LOOKS_LIKE_IT.search(column.name)
    }


KEPT = ("record", "account", "provisional_code")


@asynccontextmanager
async def put_back(doors: Doors) -> AsyncIterator[None]:
    """People are afterwards as they were: using what serves once changes how one signs in."""
    run = World(doors.apps[0]).run
    for table in KEPT:
        await run(f"CREATE TABLE kept_{table} AS TABLE {table}")
    try:
        yield
    finally:
        await settled(World(doors.apps[0]))
        for app in doors.apps:
            app.state.policy = Policy()
        for table in ("invitation", "delegation", "passkey", "credential_change", "enrolment"):
            await run(f"DELETE FROM {table}")
        for table in KEPT:
            names = [column.name for column in Base.metadata.tables[table].columns]
            kept = ", ".join(f"kept_{table}.{name}" for name in names)
            await run(
                f"UPDATE {table} SET ({', '.join(names)}) = ROW({kept}) FROM kept_{table} "
                f"WHERE {table}.id = kept_{table}.id"
            )
            await run(f"DROP TABLE kept_{table}")
