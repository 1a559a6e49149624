"""Starting and stopping runs: Origami's checks in order, then the run."""

import statistics

from bot.sandbox.local_origami.bodies import Attachment, CreateAgentBody, SendRunBody
from bot.sandbox.local_origami.briefs import Brief
from bot.sandbox.local_origami.clock import timestamp
from bot.sandbox.local_origami.progress import request_cancel
from bot.sandbox.local_origami.records import Agent, Org, Run, Table
from bot.sandbox.local_origami.refusals import (
    RefusalError,
    agent_busy,
    insufficient_credits,
    invalid,
    no_free_slot,
)
from bot.sandbox.local_origami.retry_after import seconds
from bot.sandbox.local_origami.scenarios import script_for
from bot.sandbox.local_origami.script import MAIN
from bot.sandbox.local_origami.world import World

CREDIT_FLOOR = 5
"""Origami's example: at least 5 credits to start any run."""

_ALIASES = {"origami-fast": "origami-lite", "origami-mid": "origami-lite"}


def create_agent(world: World, org: Org, body: CreateAgentBody) -> Run:
    """Make an agent and admit its first run; raise RefusalError (400, 402, 429) before anything is made."""
    container = None
    if body.workspaceId is not None:
        try:
            container = world.container(org, str(body.workspaceId))
        except RefusalError:
            raise invalid("Unknown workspace", code="UNKNOWN_WORKSPACE") from None
    model, tables = _references(world, org, body)
    _admit(world, org)
    agent_id = world.new_id()
    name = body.name or " ".join(body.prompt.split())[:60]
    container = container or world.add_container(org, name, container_id=agent_id)
    agent = Agent(agent_id, org, name, world.clock.wall(), container, list(container.table_ids))
    world.add_agent(agent)
    return _start(world, agent, body, model, tables)


def send_run(world: World, agent: Agent, body: SendRunBody) -> Run:
    """Admit a follow-up run; raise RefusalError (400, 402, 409 while one is in flight, 429)."""
    model, tables = _references(world, agent.org, body)
    _admit(world, agent.org, agent)
    return _start(world, agent, body, model, tables)


def cancel(world: World, agent: Agent) -> Run | None:
    """Ask the agent's run to stop, and return it, or its last one, or None if it never had one."""
    latest = agent.runs[-1] if agent.runs else None
    if latest is not None and latest.is_running:
        request_cancel(latest, world.clock.work())
    return latest


def _references(world: World, org: Org, body: SendRunBody) -> tuple[str, list[Table]]:
    model = _ALIASES.get(body.model, body.model) if body.model is not None else org.plan.default_model
    if model not in org.plan.models:
        raise invalid(f"{model} is not available on the {org.plan.id} plan", code="MODEL_NOT_AVAILABLE")
    try:
        tables = [world.table(org, str(table_id)) for table_id in body.focusTableIds]
    except RefusalError:
        raise invalid("Unknown table", code="UNKNOWN_TABLE") from None
    for attachment in body.attachments:
        tables.extend(_attached(world, org, attachment))
    return model, list(dict.fromkeys(tables))


def _attached(world: World, org: Org, attachment: Attachment) -> list[Table]:
    if attachment.kind == "table":
        try:
            return [world.table(org, str(attachment.tableId))]
        except RefusalError:
            raise invalid("Attachment out of scope", code="INVALID_ATTACHMENT") from None
    documents = (c.documents for c in world.containers.values() if c.org is org)
    if not any(str(attachment.documentId) in held for held in documents):
        raise invalid("Attachment out of scope", code="INVALID_ATTACHMENT")
    return []


def _admit(world: World, org: Org, agent: Agent | None = None) -> None:
    if org.unable_to_run is not None:
        raise org.unable_to_run()
    if org.credits < CREDIT_FLOOR:
        raise insufficient_credits(org.credits, CREDIT_FLOOR, world.app_url)
    world.settle()
    if agent is not None and agent.runs and agent.runs[-1].is_running:
        current = agent.runs[-1]
        raise agent_busy(current.id, timestamp(current.started))
    sessions = world.active_sessions(org)
    if org.slots is not None and len(sessions) >= org.slots:
        wait = statistics.median(org.durations) if org.durations else world.settings.slot_fallback_seconds
        shown = [
            {"agentId": held.agent_id, "name": held.name, "startedAt": timestamp(held.started)}
            for held in sessions
        ]
        raise no_free_slot(org.slots, shown, seconds(wait), can_upgrade=org.plan.id != "enterprise")


def _start(world: World, agent: Agent, body: SendRunBody, model: str, tables: list[Table]) -> Run:
    agent.table_ids.extend(table.id for table in tables if table.id not in agent.table_ids)
    main = tables[0] if tables else _main_table(world, agent)
    brief = Brief(
        body.prompt,
        world.random_for(len(agent.runs), body.prompt),
        agent.org.plan.step_cap,
        has_runs=bool(agent.runs),
        answers_a_question=bool(agent.runs and agent.runs[-1].script.questions),
        table=main,
    )
    run = Run(
        id=f"v2_run-{world.new_id().replace('-', '')}",
        agent=agent,
        prompt=body.prompt,
        model=model,
        focus_table_ids=[str(table_id) for table_id in body.focusTableIds],
        script=script_for(brief),
        started=world.clock.wall(),
        began=world.clock.work(),
        step_seconds=world.settings.step_seconds,
        step_cap=agent.org.plan.step_cap,
    )
    if main is not None:
        run.tables[MAIN] = main
    world.add_run(run)
    return run


def _main_table(world: World, agent: Agent) -> Table | None:
    tables = [world.table(agent.org, table_id) for table_id in agent.table_ids]
    return max(tables, key=lambda table: len(table.leads), default=None)
