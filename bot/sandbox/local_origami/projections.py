"""Origami's JSON for agents, runs, workspaces and accounts."""

from collections.abc import Collection

from bot.sandbox.local_origami.clock import timestamp
from bot.sandbox.local_origami.records import Agent, Container, Org, Run
from bot.sandbox.local_origami.refusals import Json
from bot.sandbox.local_origami.table_projections import table_json
from bot.sandbox.local_origami.transcripts import transcript_json
from bot.sandbox.local_origami.world import World

SUMMARY_PROMPT_LENGTH = 200
"""Origami: a prompt in a run summary is cut to 200 characters with an ellipsis."""


def agent_summary(agent: Agent) -> Json:
    """AgentSummary."""
    return {
        "object": "agent",
        "id": agent.id,
        "name": agent.name,
        "workspaceId": agent.container.id,
        "createdAt": timestamp(agent.created),
    }


def agent_json(agent: Agent) -> Json:
    """Agent: the summary and its last run."""
    last = run_summary(agent.runs[-1]) if agent.runs else None
    return {**agent_summary(agent), "apiKeyOwned": True, "lastRun": last}


def container_json(world: World, container: Container) -> Json:
    """Workspace: a session container."""
    return {
        "object": "workspace",
        "id": container.id,
        "name": container.name,
        "createdByApi": True,
        "url": f"{world.app_url}/workspace/{container.id}",
        "createdAt": timestamp(container.created),
    }


def run_summary(run: Run) -> Json:
    """RunSummary."""
    cut = (
        run.prompt[: SUMMARY_PROMPT_LENGTH - 1] + "…"
        if len(run.prompt) > SUMMARY_PROMPT_LENGTH
        else run.prompt
    )
    return {
        "object": "run",
        "id": run.id,
        "agentId": run.agent.id,
        "status": run.status,
        "prompt": cut,
        "model": run.model,
        "steps": {"completed": run.steps_completed, "max": run.step_cap},
        "startedAt": timestamp(run.started),
        "completedAt": None if run.completed is None else timestamp(run.completed),
    }


def run_json(world: World, run: Run, include: Collection[str] = ()) -> Json:
    """Run; `include` may hold stats and transcript, anything else is ignored.

    The tables of a finished run are shown as they are now: their cells may still be filling.
    """
    finished = not run.is_running
    answer = {
        **run_summary(run),
        "workspaceId": run.agent.container.id,
        "request": {"prompt": run.prompt, "model": run.model, "focusTableIds": run.focus_table_ids},
        "response": _response(world, run, include),
        "todo": {
            "pendingQuestions": list(run.script.questions) if _as_scripted(run) else [],
            "nextActions": list(run.script.next_actions) if _as_scripted(run) else [],
        },
    }
    if finished and run.script.distort is not None:
        run.script.distort(answer)
    return answer


def account_json(org: Org) -> Json:
    """Account."""
    return {
        "object": "account",
        "organization": {"id": org.id, "name": org.name},
        "plan": {"id": org.plan.id, "name": org.plan.id.title()},
        "capabilities": {
            "canUseApi": org.barred is None,
            "canRunScheduledTasks": org.plan.id != "starter",
            "concurrentAgents": org.slots,
        },
        "workspaces": {"used": 0, "limit": None},
    }


def _as_scripted(run: Run) -> bool:
    return run.status == run.script.status


def _response(world: World, run: Run, include: Collection[str]) -> Json | None:
    if run.is_running and run.script.partial_text is None:
        return None
    touched = dict.fromkeys([*(str(action["tableId"]) for action in run.actions), *run.focus_table_ids])
    tables = [world.table(run.agent.org, table_id) for table_id in touched]
    text = _text(run)
    asks = bool(run.script.questions) and _as_scripted(run)
    transcript, cut = transcript_json(run, text, asks=asks) if "transcript" in include else (None, False)
    return {
        "text": text,
        "actions": list(run.actions),
        "tables": [table_json(world, table, stats="stats" in include) for table in tables],
        "transcript": transcript,
        "transcriptTruncated": cut,
    }


def _text(run: Run) -> str | None:
    if run.is_running:
        return run.script.partial_text
    return run.script.text if _as_scripted(run) else "Stopped as you asked. What was found so far is kept."
