"""Answers as Origami's specification has them."""

AGENT_ID = "6a1f0c0e-0000-4000-8000-000000000001"
RUN_ID = "v2_run-8f2c"
TABLE_ID = "77777777-0000-4000-8000-000000000001"


def run(**changes):
    return {
        "object": "run",
        "id": RUN_ID,
        "agentId": AGENT_ID,
        "status": "running",
        "prompt": "Find 25 dental clinics in Leeds",
        "model": "origami-max",
        "steps": {"completed": 4, "max": 50},
        "startedAt": "2026-07-21T09:00:00.000Z",
        "completedAt": None,
        "workspaceId": AGENT_ID,
        "request": {
            "prompt": "Find 25 dental clinics in Leeds",
            "model": "origami-max",
            "focusTableIds": [],
        },
        "response": None,
        "todo": {"pendingQuestions": [], "nextActions": []},
        **changes,
    }


def response(**changes):
    return {
        "text": "Done.",
        "actions": [],
        "tables": [],
        "transcript": None,
        "transcriptTruncated": False,
        **changes,
    }


def finished(status="completed", todo=None, **parts):
    changes = {} if todo is None else {"todo": todo}
    return run(status=status, completedAt="2026-07-21T09:00:41.000Z", response=response(**parts), **changes)


def agent(**changes):
    return {
        "object": "agent",
        "id": AGENT_ID,
        "name": "Dental clinics",
        "workspaceId": AGENT_ID,
        "createdAt": "2026-07-21T09:00:00.000Z",
        "apiKeyOwned": True,
        "lastRun": None,
        **changes,
    }


def table(table_id=TABLE_ID, lead_count=25, **changes):
    return {
        "object": "table",
        "id": table_id,
        "workspaceId": None,
        "name": "Clinics",
        "leadCount": lead_count,
        "columns": [],
        "credits": {"lifetimeUsed": 2.25},
        "cells": {"running": 0, "errored": 0},
        "url": "https://origami.chat/workspace/1?table=2",
        "createdAt": "2026-07-21T09:00:00.000Z",
        "updatedAt": "2026-07-21T09:00:30.000Z",
        **changes,
    }


def column(**changes):
    return {
        "object": "column",
        "id": "c-1",
        "name": "E-mail",
        "type": "code",
        "kind": "enrichment",
        "slug": "work-email",
        "autoTrigger": True,
        "credits": {"lifetimeUsed": 1.5},
        "cells": {"running": 3, "errored": 1},
        **changes,
    }


def added(table_id=TABLE_ID, count=25):
    return {"type": "leads_added", "tableId": table_id, "leadCount": count}
