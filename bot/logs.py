"""Logs: for people on a terminal, JSON elsewhere; ids as fields, no prompts above debug, no secrets ever.

What the libraries log passes the same processors, so that every line can be read in the same way.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog

from bot import error_reports
from bot.redaction import redact

if TYPE_CHECKING:
    from structlog.typing import Processor

    from bot.settings import Settings


def configure(settings: Settings) -> None:
    """Set up structlog and the standard library's logging for this process; lines go to stderr."""
    console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    rendered = [*_processors(settings), *_renderer(console=console)]
    structlog.configure(
        processors=rendered,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    _libraries(max(level, logging.WARNING), rendered)


def _processors(settings: Settings) -> list[Processor]:
    """What each line passes before it is rendered; all that it says is text by the end of these."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        *([error_reports.processor] if settings.sentry_dsn else []),
        # A traceback of plain lines: one with the values of local variables would show prompts and keys.
        structlog.processors.format_exc_info,
        redact,
    ]


def _renderer(*, console: bool) -> list[Processor]:
    if console:
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.JSONRenderer(default=str)]


def _libraries(level: int, rendered: list[Processor]) -> None:
    """Bring what the libraries log, and Python's warnings, into the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
        )
    )
    root = logging.getLogger()
    for former in [*root.handlers]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=True)
