"""One JSON line an event, on standard output, made of known fields only: nobody's data.

Events are words of the code (`job_failed`) and never sentences; an exception is its class and
its place, because its text may quote a row. Only a demonstration, whose people are fictional,
writes the texts too.
"""

import logging
from pathlib import Path

import structlog
from structlog.contextvars import get_contextvars, merge_contextvars

from backend.logs.access import AccessLog
from backend.logs.lines import SERVER, UnknownField, explain, keep_known
from backend.settings import Settings

__all__ = ["AccessLog", "UnknownField", "configure", "request_id", "set_up_logs"]


def set_up_logs(settings: Settings) -> None:
    """Set up every log line of the process as the settings say."""
    configure(settings.log_level, candid=settings.is_demo)


def configure(level: str = "info", *, candid: bool = False, strict: bool = False) -> None:
    """The same, told in so many words.

    `candid` keeps the text of errors (demonstration). `strict` raises UnknownField where a line
    would otherwise lose what it may not say (tests).
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            explain,
            keep_known(candid=candid, strict=strict),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(),
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)
    logging.getLogger(SERVER).setLevel(max(threshold, logging.INFO))
    logging.getLogger("uvicorn.access").disabled = True


def request_id() -> str:
    """The number of the request being answered, also in its `X-Request-ID`; empty outside one."""
    return str(get_contextvars().get("request_id", ""))


class _Libraries(logging.Handler):
    """What libraries log goes the same way."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno,
            "library",
            logger=record.name,
            where=f"{Path(record.pathname).name}:{record.lineno}",
            message=record.getMessage(),
            exc_info=record.exc_info,
        )
