"""Asking whether somebody may, inside the transaction in which it would be done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

import structlog

from bot.runs.permission import (
    NO_COUNTS,
    Facts,
    Refused,
    UnknownFacts,
    click_refusal,
    outsider_refusal,
    start_refusal,
    stop_refusal,
)
from storage import audit, inbox, policies, preferences, threads, workspaces
from storage.records import Thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context
    from storage.records import Run, Workspace

log = structlog.get_logger(__name__)

__all__ = ["Refused", "Who", "guarded", "may_click", "may_start", "may_stop", "refuse_outsider"]


async def _is_nobody(groups: tuple[str, ...]) -> Facts:
    del groups
    return Facts()


@dataclass(frozen=True, slots=True)
class Who:
    """What is known of a person who acts: nothing at first, and ``ask`` asks Slack where it matters."""

    facts: Facts | None = None
    ask: Callable[[tuple[str, ...]], Awaitable[Facts]] = _is_nobody
    """Told which user groups matter."""


class Team(Protocol):
    """A Slack team."""

    @property
    def team_id(self) -> str:
        """Slack's id of the team."""

    @property
    def enterprise_id(self) -> str:
        """Slack's id of its organisation, empty outside one."""


class Act(Protocol):
    """What a person does, as Slack tells of it."""

    @property
    def key(self) -> str:
        """Slack's own key of the request: a redelivery has the same one."""

    @property
    def team(self) -> Team:
        """Where."""

    @property
    def user_id(self) -> str:
        """Who."""

    @property
    def who(self) -> Who:
        """What is known of them."""


A = TypeVar("A", bound=Act)
P = ParamSpec("P")
R = TypeVar("R")


def guarded(
    deed: Callable[Concatenate[Context, A, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[Context, A, P], Coroutine[Any, Any, R]]:
    """Let a deed ask whether its actor may.

    Slack is asked about them only where the policy turns on it, outside any transaction: the deed rolls
    back and is done again with the answer. A refusal is noted in the audit, and raised as Refused.
    """

    @wraps(deed)
    async def asking(context: Context, act: A, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            try:
                return await deed(context, act, *args, **kwargs)
            except UnknownFacts as unknown:
                facts = await act.who.ask(unknown.groups)
                known: Any = replace(act, who=replace(act.who, facts=facts))  # type: ignore[type-var]
                return await deed(context, known, *args, **kwargs)
        except Refused as refused:
            refused.is_repeat = not await _note(context, act, refused, deed.__name__)
            raise

    return asking


async def _note(context: Context, act: Act, refused: Refused, deed: str) -> bool:
    """Note a refusal once; whether this was the first time."""
    code = refused.reason["code"]
    async with context.db.write() as session:
        if not await inbox.first_time(session, f"refused:{act.key}"):
            return False
        workspace = await workspaces.ensure(
            session,
            new_id=context.new_id(),
            team_id=act.team.team_id,
            enterprise_id=act.team.enterprise_id,
        )
        await audit.record(session, workspace.id, act.user_id, "refused", code=code, deed=deed)
    log.info("act.refused", team=act.team.team_id, code=code, deed=deed)
    return True


async def may_start(
    session: AsyncSession,
    workspace_id: str,
    *,
    user_id: str,
    channel_id: str,
    who: Who,
    counted: bool = True,
    recurs: bool = False,
) -> None:
    """Raise Refused unless a person may start a run in a channel, and UnknownFacts where that is open.

    With ``counted`` their other runs count, and nobody else counts them until the transaction ends.
    """
    policy = await policies.of_workspace(session, workspace_id)
    counts = NO_COUNTS
    if counted and policy.has_limits:
        counts = await policies.count_runs(session, workspace_id, user_id)
    reason = start_refusal(
        policy, user_id=user_id, channel_id=channel_id, facts=who.facts, counts=counts, recurs=recurs
    )
    if reason is not None:
        raise Refused(reason)


async def may_click(session: AsyncSession, run: Run, act: Act) -> None:
    """Raise Refused unless a person may press what a run offers, and UnknownFacts where that is open."""
    policy = await policies.of_workspace(session, run.workspace_id)
    thread = await session.get_one(Thread, run.thread_id)
    reason = click_refusal(
        policy,
        user_id=act.user_id,
        channel_id=thread.channel_id,
        requesters=(run.requester_id, thread.requester_id),
        facts=act.who.facts,
    )
    if reason is not None:
        raise Refused(reason)


async def may_stop(session: AsyncSession, run: Run, act: Act) -> None:
    """Raise Refused unless a person may stop a run, and UnknownFacts where that is open."""
    policy = await policies.of_workspace(session, run.workspace_id)
    thread = await session.get_one(Thread, run.thread_id)
    wanted = await preferences.resolve(session, run.workspace_id, channel_id=thread.channel_id)
    reason = stop_refusal(
        policy,
        wanted.who_may_stop,
        user_id=act.user_id,
        requester_id=run.requester_id,
        facts=act.who.facts,
    )
    if reason is not None:
        raise Refused(reason)


@guarded
async def refuse_outsider(context: Context, act: Act, channel_id: str, thread_ts: str | None) -> None:
    """Refuse somebody of another company, naming whoever began the thread. Raises Refused always."""
    async with context.db.read() as session:
        workspace: Workspace | None = await workspaces.find(
            session, team_id=act.team.team_id, enterprise_id=act.team.enterprise_id
        )
        thread = (
            await threads.find(session, workspace.id, channel_id, thread_ts)
            if workspace and thread_ts
            else None
        )
    raise Refused(outsider_refusal(thread.requester_id if thread else None))
