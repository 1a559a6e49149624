"""Runs and workspaces as the operator reads them. Never a key or a token; a prompt only when asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import typer

from bot.operating import printing
from bot.operating.timeline import timeline
from storage.leaving import KEEP_DAYS

if TYPE_CHECKING:
    from datetime import datetime

    from storage.inspection import ListedRun, ListedWorkspace, RunFile
    from storage.records import Choice, Delivery, Run, Thread, Workspace

SHOWN_ID = 8
"""Characters of a run's id in a table: enough for `runs show`, nearly always."""
SAID = frozenset({"holders", "issues"})
"""Parts of a reason that may hold what people asked: agents' names begin like their briefs."""
DELIVERY_HEADS = ("message", "kind", "state", "attempts", "posted", "last sent", "why dropped")
CHOICE_HEADS = ("kind", "label", "state", "chosen by", "chosen")


def line(one: ListedRun, now: datetime) -> tuple[object, ...]:
    """A run as a line of a table."""
    run = one.run
    return (
        run.id[:SHOWN_ID],
        one.workspace.team_id,
        _state(run),
        run.status,
        printing.ago(run.created_at, now),
        run.requester_id,
        one.thread.channel_id,
        one.dropped or "",
        run.waits_for or (run.reason or {}).get("code"),
    )


def listed_run(one: ListedRun) -> dict[str, Any]:
    """A run of a list, for JSON."""
    told = _run(one.run, one.thread, one.workspace, with_prompt=False)
    return {**told, "dropped_messages": one.dropped}


def run_file(file: RunFile, *, with_prompt: bool) -> dict[str, Any]:
    """All about a run, for JSON."""
    return {
        "run": _run(file.run, file.thread, file.workspace, with_prompt=with_prompt),
        "timeline": [{"at": one.at, "what": one.what, **one.details} for one in timeline(file)],
        "messages": [_message(delivery) for delivery in file.deliveries],
        "choices": [_choice(choice, with_label=with_prompt) for choice in file.choices],
    }


def print_run_file(file: RunFile, *, with_prompt: bool) -> None:
    """All about a run, for people."""
    facts = _run(file.run, file.thread, file.workspace, with_prompt=with_prompt)
    facts["state"] = _state(file.run)
    printing.facts({name.replace("_", " "): value for name, value in facts.items() if value is not None})
    typer.echo()
    moments = [(one.at, one.what.replace("_", " "), _listing(one.details)) for one in timeline(file)]
    printing.table(("at", "what", "details"), moments)
    if file.deliveries:
        typer.echo()
        printing.table(DELIVERY_HEADS, [_message_line(one) for one in file.deliveries])
    if file.choices:
        typer.echo()
        choices = [_choice(one, with_label=with_prompt) for one in file.choices]
        keys = ("kind", "label", "state", "chosen_by", "chosen_at")
        printing.table(CHOICE_HEADS, [tuple(one.get(key) for key in keys) for one in choices])


def message(delivery: Delivery) -> str:
    """Which message a delivery is, in a few words."""
    return f"message {delivery.id} ({delivery.kind}, dropped because of {delivery.dropped_reason})"


def listed_workspace(one: ListedWorkspace) -> dict[str, Any]:
    """A workspace, for JSON."""
    workspace = one.workspace
    left = workspace.left_at
    return {
        "team_id": workspace.team_id,
        "enterprise_id": workspace.enterprise_id or None,
        "name": one.name,
        "known_since": workspace.created_at,
        "installed": left is None,
        "left_at": left,
        "deleted_after": left + timedelta(days=KEEP_DAYS) if left else None,
        "has_own_key": one.has_key,
        "key_refused_since": workspace.key_refused_at,
        "open_runs": one.open_runs,
        "runs_this_month": one.runs_since,
        "dropped_messages": one.dropped,
        "last_run_at": one.last_run_at,
    }


def _run(run: Run, thread: Thread, workspace: Workspace, *, with_prompt: bool) -> dict[str, Any]:
    said = frozenset() if with_prompt else SAID
    return {
        "id": run.id,
        "team_id": workspace.team_id,
        "enterprise_id": workspace.enterprise_id or None,
        "channel_id": thread.channel_id,
        "thread_ts": thread.thread_ts,
        "slack_url": _slack_url(workspace, thread),
        "requester_id": run.requester_id,
        "source": run.source,
        "state": run.state,
        "status": run.status,
        "reason": {name: part for name, part in run.reason.items() if name not in said}
        if run.reason
        else None,
        "waits_for": run.waits_for,
        "model": run.model,
        "follows_id": run.follows_id,
        "schedule_id": run.schedule_id,
        "agent_id": run.agent_id or thread.agent_id,
        "origami_run_id": run.origami_run_id,
        "attempts": run.attempts,
        "due_at": run.due_at,
        "lease_until": run.lease_until,
        "accepted_at": run.created_at,
        "started_at": run.started_at,
        "answered_at": run.answered_at,
        "stop_requested_at": run.stop_requested_at,
        "stop_requested_by": run.stop_requested_by,
        "finished_at": run.finished_at,
        **({"prompt": run.prompt} if with_prompt else {}),
    }


def _slack_url(workspace: Workspace, thread: Thread) -> str | None:
    if thread.thread_ts is None:
        return None
    where = {"team": workspace.team_id, "channel": thread.channel_id, "message_ts": thread.thread_ts}
    return f"https://slack.com/app_redirect?{urlencode(where)}"


def _state(run: Run) -> str:
    return f"{run.state}, to stop" if run.stop_requested_at and run.finished_at is None else run.state


def _message(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "kind": delivery.kind,
        "sequence": delivery.sequence,
        "recipient_id": delivery.recipient_id,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "outcome_unknown": delivery.uncertain,
        "due_at": delivery.due_at,
        "ts": delivery.ts,
        "posted_at": delivery.posted_at,
        "last_sent_at": delivery.sent_at,
        "dropped_reason": delivery.dropped_reason,
    }


def _message_line(delivery: Delivery) -> tuple[object, ...]:
    return (
        delivery.id,
        delivery.kind,
        delivery.state,
        delivery.attempts,
        delivery.posted_at,
        delivery.sent_at,
        delivery.dropped_reason,
    )


def _choice(choice: Choice, *, with_label: bool) -> dict[str, Any]:
    """A choice; its label is part of what was said, as the prompt is."""
    return {
        "id": choice.id,
        "kind": choice.kind,
        **({"label": choice.label} if with_label else {}),
        "state": choice.state,
        "chosen_by": choice.chosen_by,
        "chosen_at": choice.chosen_at,
    }


def _listing(details: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {printing.plain(value)}" for name, value in details.items() if value not in (None, "")
    )
