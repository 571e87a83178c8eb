"""Where log lines go: to stderr, as JSON lines in production and readable in development; stdout is for results."""

import logging
import sys
from collections.abc import Sequence
from typing import Any, Final

import orjson
import structlog
from structlog.typing import Processor

from gateway.settings import Settings

_BEFORE: Final[Sequence[Processor]] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def log_as_set(settings: Settings) -> None:
    """Log as the settings ask for."""
    if settings.environment == "production":
        log_for_programs(settings.log_level)
    else:
        log_for_people(settings.log_level)


def log_for_people(level: str) -> None:
    """Write readable lines to stderr, coloured on a terminal."""
    renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    _configure(level, (renderer,), structlog.PrintLoggerFactory(file=sys.stderr))
    _adopt_others(level, (renderer,))


def log_for_programs(level: str) -> None:
    """Write one JSON object a line to stderr."""
    last = (structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_dumps))
    _configure(level, last, structlog.BytesLoggerFactory(file=sys.stderr.buffer))
    text = (
        last[0],
        structlog.processors.JSONRenderer(serializer=lambda *given, **more: _dumps(*given, **more).decode()),
    )
    _adopt_others(level, text)


def _dumps(event: object, **_: Any) -> bytes:
    return orjson.dumps(event, default=str)


def _configure(level: str, last: Sequence[Processor], factory: Any) -> None:
    structlog.configure(
        processors=[*_BEFORE, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=factory,
    )


def _adopt_others(level: str, last: Sequence[Processor]) -> None:
    """Give what libraries log through the standard module the same form."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_BEFORE,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    # A library's own information is nothing to an operator; its warnings are.
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelName(level.upper())), handlers=[handler], force=True)
