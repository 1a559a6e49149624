"""After a start of unknown outcome: has Origami begun our run? Asked before anything is sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from storage import runs

if TYPE_CHECKING:
    from bot import origami
    from bot.runs.context import Context
    from storage.records import Run
    from storage.runs import Claim

CLOCK_SKEW = timedelta(minutes=2)
"""How far Origami's clock and the database's may differ."""
TOKEN_LENGTH = 12
SUMMARY_LENGTH = 200
"""Origami cuts a summary's prompt here, and ends it in an ellipsis."""
NAME_LENGTH = 32
"""Characters of the brief in an agent's name: Origami cuts a name at 80, which an emoji may count as two."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A run at Origami that is ours."""

    agent_id: str
    run_id: str


def name_for(run: Run) -> str:
    """A new agent's name: the brief's beginning, and a token by which the agent can be found again."""
    return f"{run.prompt[:NAME_LENGTH]} · {token_of(run)}"


def token_of(run: Run) -> str:
    """Unlikely to stand in anybody else's agent name; the same for every try of one run."""
    return run.id.replace("-", "")[:TOKEN_LENGTH]


async def find_begun(context: Context, client: origami.Origami, claim: Claim) -> Begun | None:
    """The run that our uncertain request started, or None when Origami knows of none.

    Raises the OrigamiError of the look-up: while it fails, nothing may be sent again.
    """
    if claim.thread.agent_id is None:
        return await _new_agents_run(client, claim.run)
    return await _agents_new_run(context, client, claim, claim.thread.agent_id)


async def _new_agents_run(client: origami.Origami, run: Run) -> Begun | None:
    for agent in await client.agents(search=token_of(run)):
        begun = await client.runs(agent.id)
        if begun:
            return Begun(agent.id, begun[-1].id)
    return None


async def _agents_new_run(
    context: Context, client: origami.Origami, claim: Claim, agent_id: str
) -> Begun | None:
    async with context.db.read() as session:
        known = await runs.known_origami_runs(session, claim.thread.id)
    for summary in await client.runs(agent_id):
        if summary.id not in known and _is_ours(summary, claim.run):
            return Begun(agent_id, summary.id)
    return None


def _is_ours(summary: origami.RunSummary, run: Run) -> bool:
    if run.sent_at and summary.started_at and summary.started_at < run.sent_at - CLOCK_SKEW:
        return False
    told, asked = (summary.prompt or "").strip(), run.prompt.strip()
    beginning = told.removesuffix("…").removesuffix("...")
    if beginning != told or len(told) >= SUMMARY_LENGTH:
        return bool(beginning.strip()) and asked.startswith(beginning.strip())
    return told == asked
