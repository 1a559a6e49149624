"""What happened to a run, in order: read out of its records, which each say when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from storage.inspection import RunFile
    from storage.records import Delivery, Run


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened, with what there is to say about it."""

    at: datetime
    what: str
    details: dict[str, Any] = field(default_factory=dict)


def timeline(file: RunFile) -> list[Moment]:
    """Everything that has a time, the earliest first."""
    moments = [*_of_run(file.run)]
    for delivery in file.deliveries:
        moments += _of_delivery(delivery)
    for choice in file.choices:
        if choice.chosen_at is not None:
            details = {"by": choice.chosen_by, "kind": choice.kind, "choice": choice.id}
            moments.append(Moment(choice.chosen_at, "chosen", details))
    for entry in file.audit:
        moments.append(Moment(entry.at, f"audit:{entry.action}", {"by": entry.actor_id, **entry.details}))
    return sorted(moments, key=lambda moment: moment.at)


def _of_run(run: Run) -> Iterator[Moment]:
    yield Moment(run.created_at, "accepted", {"by": run.requester_id, "source": run.source})
    if run.sent_at is not None:
        yield Moment(run.sent_at, "sent_to_origami", {"submissions": run.submissions})
    if run.started_at is not None:
        begun = {"agent": run.agent_id, "run": run.origami_run_id}
        yield Moment(run.started_at, "taken_by_origami", begun)
    if run.stop_requested_at is not None:
        yield Moment(run.stop_requested_at, "stop_requested", {"by": run.stop_requested_by})
    if run.cancelled_at is not None:
        yield Moment(run.cancelled_at, "cancel_taken_by_origami")
    if run.answered_at is not None:
        steps = {"steps": run.steps_completed, "of": run.steps_max}
        yield Moment(run.answered_at, "last_answer_of_origami", steps)
    if run.finished_at is not None:
        ended = {"status": run.status, "code": (run.reason or {}).get("code")}
        yield Moment(run.finished_at, "finished", ended)
    if run.reminded_at is not None:
        yield Moment(run.reminded_at, "reminded")


def _of_delivery(delivery: Delivery) -> Iterator[Moment]:
    which = {"delivery": delivery.id, "kind": delivery.kind, "sequence": delivery.sequence}
    yield Moment(delivery.created_at, "message_owed", which)
    if delivery.posted_at is not None:
        yield Moment(delivery.posted_at, "message_posted", which | {"ts": delivery.ts})
    if delivery.sent_at is not None and delivery.sent_at != delivery.posted_at:
        yield Moment(delivery.sent_at, "message_last_sent", which)
