"""What is told of a run, and what only on demand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.operating import describing
from bot.operating.timeline import timeline
from storage.inspection import RunFile
from storage.records import AuditEntry, Choice, Delivery, Run, Thread, Workspace

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRETS = ("find roofers", "og_live", "https://hooks", "Roofers only")


def at(minute: int) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def made(record: Any, *, later: dict[str, Any], **values: Any) -> Any:
    one = record(**values)
    for name, value in later.items():
        setattr(one, name, value)
    return one


def file() -> RunFile:
    ours: dict[str, Any] = {"workspace_id": "w"}
    run = made(
        Run,
        id="run-1",
        thread_id="t",
        requester_id="U1",
        source="command",
        prompt="find roofers in Austin",
        body='{"prompt": "find roofers in Austin"}',
        response_url="https://hooks.slack.com/secret",
        state="finished",
        status="rejected",
        reason={"code": "NO_FREE_SLOT", "limit": 1, "holders": ["find roofers · 0123"]},
        sent_at=at(2),
        started_at=at(3),
        stop_requested_at=at(4),
        stop_requested_by="operator",
        finished_at=at(6),
        later={"created_at": at(0)},
        **ours,
    )
    thread = Thread(id="t", channel_id="C1", requester_id="U1", thread_ts="1.2", **ours)
    message = made(
        Delivery,
        token="t1",
        run_id="run-1",
        kind="opening",
        channel_id="C1",
        posted_at=at(1),
        sent_at=at(5),
        later={"id": 1, "created_at": at(0), "due_at": at(0)},
        **ours,
    )
    choice = Choice(
        id="c", run_id="run-1", kind="answer", label="Roofers only", chosen_by="U2", chosen_at=at(8), **ours
    )
    entry = made(
        AuditEntry,
        actor_id="operator",
        action="stop",
        run_id="run-1",
        later={"id": 1, "at": at(4)},
        **ours,
    )
    workspace = Workspace(id="w", team_id="T1", sealed_key="og_live_sealed")
    return RunFile(run, thread, workspace, [message], [choice], [entry])


def test_what_happened_is_told_in_order() -> None:
    assert [one.what for one in timeline(file())] == [
        "accepted",
        "message_owed",
        "message_posted",
        "sent_to_origami",
        "taken_by_origami",
        "stop_requested",
        "audit:stop",
        "message_last_sent",
        "finished",
        "chosen",
    ]


def test_what_people_asked_is_told_only_on_demand_and_a_secret_never() -> None:
    silent, told = (str(describing.run_file(file(), with_prompt=wanted)) for wanted in (False, True))
    assert [secret for secret in SECRETS if secret in silent] == []
    assert [secret for secret in SECRETS if secret in told] == ["find roofers", "Roofers only"]


def test_the_thread_is_linked() -> None:
    url = describing.run_file(file(), with_prompt=False)["run"]["slack_url"]
    assert url == "https://slack.com/app_redirect?team=T1&channel=C1&message_ts=1.2"
