import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from litestar import Litestar, get
from litestar.params import FromPath

from backend import logs

log = structlog.get_logger()


@pytest.fixture(autouse=True)
def _strict_again() -> Iterator[None]:
    yield
    logs.configure(strict=True)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_event_is_one_line_of_known_fields(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    log.warning("job_failed", job="SendMail", tries=3)

    (line,) = lines(capsys)
    assert line.pop("at").endswith("Z")
    assert line == {"event": "job_failed", "level": "warning", "job": "SendMail", "tries": 3}


def test_an_unknown_field_is_dropped_and_the_line_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure()
    log.info("signed_in", nir="185057800608436", email="laura@example.org")

    (line,) = lines(capsys)
    assert line["dropped"] == 2
    assert "nir" not in line
    assert "email" not in line


@pytest.mark.parametrize(
    "content", ["Laura Martin", "laura@example.org", "185057800608436", ["Laura"], "x" * 500]
)
def test_a_content_that_is_no_code_is_hidden(
    capsys: pytest.CaptureFixture[str], content: object
) -> None:
    logs.configure()
    log.info("job_failed", error=content)
    assert lines(capsys)[0]["error"] == "(hidden)"


def test_an_event_is_a_word_and_not_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    log.info("Laura Martin a ouvert un document")
    assert lines(capsys)[0]["event"] == "(hidden)"


def test_in_tests_a_line_that_would_lose_something_is_an_error() -> None:
    logs.configure(strict=True)
    with pytest.raises(logs.UnknownField, match="nir"):
        log.info("signed_in", nir="1")
    with pytest.raises(logs.UnknownField, match="error"):
        log.info("job_failed", error="Laura Martin")


def test_an_exception_is_its_class_and_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    fail_with_a_name()

    (line,) = lines(capsys)
    assert line["error"] == "ValueError"
    assert line["where"][-1].startswith("test_logs.py:")
    assert "Laura" not in json.dumps(line)


def test_a_demonstration_also_gives_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(candid=True)
    fail_with_a_name()
    assert lines(capsys)[0]["text"].endswith("'Laura'")


def fail_with_a_name() -> None:
    try:
        int("Laura")
    except ValueError:
        log.exception("page_failed")


def test_libraries_say_where_and_not_what(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logging.getLogger("sqlalchemy").warning("row of %s", "Laura")
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.error").error("Exception", exc_info=ValueError("Laura"))

    library, server, failure = lines(capsys)
    assert library["logger"] == "sqlalchemy"
    assert library["where"].startswith("test_logs.py:")
    assert "message" not in library
    assert server["message"] == "Started server process"
    assert "Laura" not in json.dumps(failure)


@get("/documents/{name:str}", sync_to_thread=False)
def show(name: FromPath[str]) -> str:
    if name == "broken":
        raise ValueError(name)
    return logs.request_id()


async def visit(path: str) -> tuple[int, dict[str, str], str]:
    """The answer of a Litestar application behind the access log."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    application = logs.AccessLog(Litestar([show], logging_config=None, openapi_config=None))
    await application(
        {
            "type": "http",
            "asgi": {"version": "3.0"},
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"q=Laura",
            "headers": [],
            "scheme": "http",
            "http_version": "1.1",
            "server": ("localhost", 80),
            "client": ("127.0.0.1", 1),
        },
        receive,
        send,
    )
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], headers, body.decode()


async def test_a_request_is_a_line_with_its_route_and_not_its_address(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(strict=True)
    _, headers, body = await visit("/documents/laura")

    (line,) = lines(capsys)
    assert (line["method"], line["route"], line["status"]) == ("GET", "/documents/{name}", 200)
    assert line["request_id"] == headers["x-request-id"] == body
    assert "laura" not in json.dumps(line).lower()


async def test_what_is_not_found_and_what_breaks_have_their_line_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(strict=True)
    await visit("/nowhere/laura")
    await visit("/documents/broken")

    missing, broken = [line for line in lines(capsys) if line["event"] == "request"]
    assert (missing["route"], missing["status"]) == ("-", 404)
    assert (broken["route"], broken["status"]) == ("/documents/{name}", 500)
    assert logs.request_id() == ""
