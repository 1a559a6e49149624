"""Logging as a process does it, at its loudest, for a test that reads what was logged."""

from __future__ import annotations

import contextlib
import io
import logging
from typing import TYPE_CHECKING

import structlog

from bot import logs
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def loudly(log_format: str) -> Iterator[io.StringIO]:
    """Log to what is handed over in place of stderr; afterwards as before."""
    root = logging.getLogger()
    kept = {handler: list(handler.filters) for handler in root.handlers}
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        logs.configure(Settings(LOG_LEVEL="debug", LOG_FORMAT=log_format))
    # The next test has another one.
    structlog.configure(cache_logger_on_first_use=False)
    yield said
    structlog.reset_defaults()
    for handler, filters in kept.items():
        handler.filters = filters
