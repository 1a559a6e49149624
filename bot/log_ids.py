"""The ids of what a tick works on, for the lines that it logs and the errors that it reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from structlog.contextvars import bind_contextvars

from bot.runs import poll
from storage import exports, runs, schedules, watches
from storage.records import Delivery

if TYPE_CHECKING:
    from bot.metrics import Metrics
    from bot.origami import Exchange
    from storage.records import Workspace


def ids_of(item: object) -> dict[str, str]:
    """Team, thread and run of a tick's item, as far as it has them."""
    match item:
        case poll.Due(poll=due):
            return _team(due.workspace) | {"run": due.id}
        case runs.Claim() | exports.Claim():
            return _team(item.workspace) | {"thread": item.thread.id, "run": item.run.id}
        case watches.Claim():
            return _team(item.workspace) | {"run": item.watch.run_id}
        case schedules.Due():
            return _team(item.workspace) | {"schedule": item.schedule.id}
        case Delivery():
            return {"run": item.run_id, "delivery": str(item.id)}
        case _:
            return {}


def origami_answered(metrics: Metrics, exchange: Exchange) -> None:
    """Count a request to Origami; what the task logs from now on carries its id."""
    metrics.origami_requests.labels(exchange.method, exchange.outcome).observe(exchange.seconds)
    bind_contextvars(origami_request=exchange.request_id)


def _team(workspace: Workspace) -> dict[str, str]:
    return {"team": workspace.team_id}
