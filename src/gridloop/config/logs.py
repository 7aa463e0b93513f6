"""Logs: one JSON object a line with a request id, and nothing in it that tells of a person."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# Whatever a library adds by itself and we do not want: where a person sits and with what.
_NEVER = ("ip", "user_agent", "peername")
# PostgreSQL quotes the offending row in DETAIL, CONTEXT may quote parameters.
_ROWS = re.compile(r"(DETAIL|CONTEXT):.*?(?=\\n|\n|$)")
# 11 digits of a mobile telephone, 15 to 18 of an identity or bank card, in any grouping.
_NUMBERS = re.compile(
    r"(?<![\w.-])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?![\w-])|(?<![\w.-])\d{14,18}[\dXx](?![\w-])"
)
_EMAILS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_QUERY = re.compile(r"\?\S*")
# Twelve letters and digits of a tracking code open a reporter's page.
_TRACKING = re.compile(r"(?<=/)[2-9A-Z]{4}-?[2-9A-Z]{4}-?[2-9A-Z]{4}(?=[/'\s]|$)", re.IGNORECASE)

Event = MutableMapping[str, Any]


def drop_personal(_logger: Any, _method: str, event: Event) -> Event:
    """Take what tells of a person out of a line: addresses, query strings, codes, numbers, quoted rows."""
    for key in _NEVER:
        event.pop(key, None)
    for key, value in event.items():
        is_request = key == "request"
        # Django's own lines carry the request itself, which is written with its whole address.
        if isinstance(value, str) or is_request:
            event[key] = _scrub(str(value), is_request=is_request)
    return event


def _scrub(text: str, *, is_request: bool) -> str:
    text = _TRACKING.sub("…", _QUERY.sub("", text) if is_request else text)
    return _EMAILS.sub("…", _NUMBERS.sub("…", _ROWS.sub(r"\1: …", text)))


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    structlog.processors.UnicodeDecoder(),
    drop_personal,
]


def configure() -> None:
    """Send structlog's own loggers through the standard library's handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED[:3],
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging_config(level: str, *, plain: bool) -> dict[str, Any]:
    """Return Django's LOGGING: all to standard error, as JSON or, for a person reading, in plain lines."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=False)
        if plain
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _SHARED[:5],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_SHARED[5:],
            renderer,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Said again by the request's own line.
            "django.request": {"level": "CRITICAL", "propagate": False},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "procrastinate": {"level": "WARNING"},
            # It names whom it writes to; why a message did not go through is kept with the message.
            "apprise": {"handlers": [], "level": "WARNING", "propagate": False},
            # Whoever asks the pool for a connection is told why there is none.
            "psycopg": {"level": "ERROR"},
        },
    }
