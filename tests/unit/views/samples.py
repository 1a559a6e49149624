"""Records as the core hands them to the views."""

from datetime import UTC, datetime, timedelta

from bot.origami import Run as Result
from bot.runs.offers import offers
from bot.views.message import Message
from storage.records import Choice, ChoiceState, Run, RunState, Thread

NOW = datetime(2026, 7, 21, 9, 6, tzinfo=UTC)
REQUESTER, COLLEAGUE = "U0REP", "U0COLLEAGUE"
BRIEF = "find 50 SaaS founders in Austin who raised seed"
FOUNDERS = "6a1f0c0e-0000-4000-8000-000000000077"
SCRATCH = "6a1f0c0e-0000-4000-8000-000000000078"


def a_thread(**changes):
    defaults = {"id": "thread-1", "workspace_id": "w1", "channel_id": "C0LEADS", "requester_id": REQUESTER}
    return Thread(**defaults | {"thread_ts": "1784624400.000100"} | changes)


def a_run(**changes):
    defaults = {
        "id": "run-1",
        "workspace_id": "w1",
        "thread_id": "thread-1",
        "requester_id": REQUESTER,
        "source": "command",
        "prompt": BRIEF,
    }
    return Run(**defaults | changes)


def a_finished_run(status="completed", **changes):
    times = {"started_at": NOW - timedelta(minutes=6), "finished_at": NOW}
    return a_run(state=RunState.FINISHED, status=status, origami_run_id="v2_run-8f2c", **times | changes)


def a_table(name="Austin Seed Founders", leads=18, table_id=FOUNDERS, running=0, errored=0, **changes):
    url = f"https://origami.chat/workspace/6a1f?table={table_id}&view=1"
    cells = {"running": running, "errored": errored}
    return {"id": table_id, "name": name, "leadCount": leads, "url": url, "cells": cells} | changes


def an_action(kind="leads_added", table_id=FOUNDERS, **fields):
    return {"type": kind, "tableId": table_id} | fields


def a_question(text="Private clinics only?", *answers, kind="single-choice"):
    return {
        "type": kind,
        "question": text,
        "suggestedAnswers": list(answers),
        "freeformOption": "Or something else",
    }


def a_result(
    status="completed", *, text=None, actions=(), tables=(), questions=(), next_actions=(), **changes
):
    return Result.read(
        {
            "object": "run",
            "id": "v2_run-8f2c",
            "agentId": "6a1f0c0e-0000-4000-8000-000000000001",
            "status": status,
            "prompt": BRIEF,
            "model": "origami-max",
            "steps": {"completed": 12, "max": 50},
            "startedAt": "2026-07-21T09:00:00.000Z",
            "completedAt": "2026-07-21T09:06:00.000Z",
            "response": {"text": text, "actions": list(actions), "tables": list(tables)},
            "todo": {"pendingQuestions": list(questions), "nextActions": list(next_actions)},
        }
        | changes
    )


def founders(status="completed", **changes):
    """A result with a scratch table first and 18 leads in the one that matters."""
    defaults = {
        "text": "I found **18 founders** who raised seed.\n\n- 14 have a work email\n- 4 do not",
        "actions": [
            an_action("table_created", tableName="Austin Seed Founders"),
            an_action("column_added", columnName="Work email"),
            an_action("leads_added", leadCount=18),
        ],
        "tables": [a_table("Scratch", 2, SCRATCH), a_table()],
        "next_actions": [
            {"label": "Find more founders", "type": "find_more_leads", "tableSlug": "austin-seed-founders"},
            {"label": "Only Series A and later"},
        ],
    }
    return a_result(status, **defaults | changes)


def choices_of(run, result, *, chosen=(), expired=()):
    """The rows that the core makes; `chosen` and `expired` are places in the list."""
    rows = []
    for place, offer in enumerate(offers(run.status, result, run.reason)):
        state = (
            ChoiceState.CHOSEN
            if place in chosen
            else ChoiceState.EXPIRED
            if place in expired
            else ChoiceState.OPEN
        )
        rows.append(
            Choice(
                id=f"{offer.kind}-{offer.question_index or 0}-{offer.position}",
                workspace_id=run.workspace_id,
                run_id=run.id,
                kind=offer.kind,
                question_index=offer.question_index,
                position=offer.position,
                label=offer.label,
                action_type=offer.action_type,
                table_slug=offer.table_slug,
                state=state,
                chosen_by=COLLEAGUE if place in chosen else None,
            )
        )
    return rows


def payload(message: Message):
    return {"text": message.text, "blocks": list(message.blocks)}
