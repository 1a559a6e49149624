"""Errors for Sentry, where SENTRY_DSN is set: what broke and where, and nothing that people wrote.

A report holds the names of the errors, the lines of our code, and ids. An error's own words stay out, because
they can quote a prompt, a row or an address; so do local variables, requests and the machine's name.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

    from bot.settings import Settings

TAGS = ("team", "thread", "run", "delivery", "schedule", "tick", "task", "kind", "origami_request")
"""Fields of a line that go along: ids, and words of ours."""
FLUSH_SECONDS = 2.0
KEPT_OF_EVENT = ("event_id", "timestamp", "platform", "level", "release", "sdk", "tags")
KEPT_OF_FRAME = ("filename", "module", "function", "lineno", "in_app")


def start(settings: Settings) -> None:
    """Send from now on, if SENTRY_DSN is set; nothing of Sentry is loaded otherwise."""
    if settings.sentry_dsn is None:
        return
    import sentry_sdk  # noqa: PLC0415 - not loaded where nobody wants it

    sentry_sdk.init(
        dsn=settings.sentry_dsn.get_secret_value(),
        release=f"origami-slack@{version('origami-slack')}",
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        send_default_pii=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        send_client_reports=False,
        auto_session_tracking=False,
        shutdown_timeout=FLUSH_SECONDS,
        before_send=_bare,  # type: ignore[arg-type]
    )


def stop() -> None:
    """Send what still waits, and no more after that."""
    sentry_sdk: Any = sys.modules.get("sentry_sdk")
    if sentry_sdk is not None:
        sentry_sdk.get_client().close(timeout=FLUSH_SECONDS)
        sentry_sdk.get_global_scope().set_client(None)


def processor(_logger: WrappedLogger, level: str, event: EventDict) -> EventDict:
    """For structlog: report each line that is an error with a traceback, and pass the line on."""
    found = event.get("exc_info")
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if level in {"error", "exception", "critical"} and isinstance(error, BaseException):
        _report(error, event)
    return event


def _report(error: BaseException, event: EventDict) -> None:
    import sentry_sdk  # noqa: PLC0415

    with sentry_sdk.new_scope() as scope:
        scope.set_tag("event", str(event.get("event"))[:100])
        for name in TAGS:
            if event.get(name):
                scope.set_tag(name, str(event[name])[:100])
        sentry_sdk.capture_exception(error)


def _bare(event: dict[str, Any], _hint: object) -> dict[str, Any]:
    """The event with what is known to hold no words of people, and nothing else."""
    kept = {name: event[name] for name in KEPT_OF_EVENT if name in event}
    raised = event.get("exception", {}).get("values", [])
    return kept | {"exception": {"values": [_bare_error(one) for one in raised]}}


def _bare_error(raised: dict[str, Any]) -> dict[str, Any]:
    frames = (raised.get("stacktrace") or {}).get("frames", [])
    bare = [{name: frame[name] for name in KEPT_OF_FRAME if name in frame} for frame in frames]
    return {
        "type": raised.get("type"),
        "module": raised.get("module"),
        "mechanism": {"type": "generic", "handled": True},
        "stacktrace": {"frames": bare},
    }
