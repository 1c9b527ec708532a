"""Logs: structlog, JSON for machines and readable on a terminal; secrets never get in."""

import logging
import math
import sys
from collections.abc import Callable, Mapping, MutableMapping
from time import monotonic
from typing import Any

import structlog

SECRETS = ("authorization", "cookie", "token", "password", "secret", "database_url")
QUIET = ("aiokafka", "faststream", "uvicorn.access", "httpx", "alembic")

# Without the frames' variables, which structlog shows by default: passwords and tokens are among them.
_EXCEPTIONS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))

Entry = MutableMapping[str, Any]


def configure(service: str, *, form: str, level: str) -> None:
    """Send structlog's and the libraries' messages to stderr, one line each; `form` is auto, json or text."""
    structlog.contextvars.bind_contextvars(service=service)
    before: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _mask,
    ]
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    final: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if text
        else [_EXCEPTIONS, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Sparing("aiokafka", seconds=10))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=True,
    )


class Sparing:
    """Lets each message of a library through once in so many seconds, and then says how many were left out.

    While its broker is away, aiokafka writes hundreds of lines a second.
    """

    def __init__(self, library: str, *, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._library = library
        self._seconds = seconds
        self._clock = clock
        self._last: dict[tuple[str, str], tuple[float, int]] = {}

    def __call__(self, record: logging.LogRecord) -> bool:
        """Whether a record is written; it is the same message when only its values differ."""
        if record.name.partition(".")[0] != self._library:
            return True
        message = (record.name, str(record.msg))
        since, left_out = self._last.get(message, (-math.inf, 0))
        if self._clock() - since < self._seconds:
            self._last[message] = (since, left_out + 1)
            return False
        self._last[message] = (self._clock(), 0)
        if left_out:
            record.msg, record.args = f"{record.getMessage()} (and {left_out} more like it)", None
        return True


def _mask(_logger: object, _method: str, entry: Entry) -> Mapping[str, Any]:
    for key in entry:
        if any(secret in key.lower() for secret in SECRETS):
            entry[key] = "***"
    return entry
