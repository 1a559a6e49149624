"""Clicks that arrive together: what only starts a follow-up is taken in one set of statements."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from bot import origami
from bot.runs.follow_up import drafted, wanted_by
from bot.runs.permission import UnknownFacts, click_refusal, start_refusal
from bot.runs.start import UnusableBriefError, checked, owe_openings
from bot.tasks import ALONE
from storage import audit, choices, deliveries, inbox, policies, workspaces
from storage.keeping import keep_all
from storage.records import ChoiceState, DeliveryKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context
    from bot.runs.follow_up import Wanted
    from bot.runs.notify import Actor
    from bot.tasks import Alone
    from storage.choices import Offered
    from storage.policies import Policy
    from storage.records import Run


class Click(NamedTuple):
    """Who presses what."""

    actor: Actor
    choice_id: str


class _Win(NamedTuple):
    actor: Actor
    offered: Offered
    wanted: Wanted


async def take_plain(context: Context, clicks: Sequence[Click]) -> list[Run | Alone | None]:
    """The follow-up that each click of one team starts, or None where Slack told of the click before.

    A click is ALONE where another of the lot is before it on its run, where it comes too late or answers a
    question, and where anybody is to be asked, counted, told or refused.
    """
    team = clicks[0].actor.team
    async with context.db.write() as session:
        workspace = await workspaces.find(session, team_id=team.team_id, enterprise_id=team.enterprise_id)
        if workspace is None:
            return [ALONE] * len(clicks)
        found = await choices.locked(session, {click.choice_id for click in clicks}, workspace.id)
        wins = _wins(await policies.of_workspace(session, workspace.id), clicks, found)
        fresh = await inbox.first_times(session, [win.actor.key for win in wins if win])
        begun = await _follow_all(context, session, [win for win in wins if win and win.actor.key in fresh])
    return [begun.get(win.actor.key) if win else ALONE for win in wins]


def _wins(policy: Policy, clicks: Sequence[Click], found: dict[str, Offered]) -> list[_Win | None]:
    """Those of the clicks that win, at most one on each run."""
    wins: list[_Win | None] = []
    taken: set[str] = set()
    for actor, choice_id in clicks:
        offered = found.get(choice_id)
        wanted = offered and offered.run.id not in taken and _plainly_wanted(policy, actor, offered)
        if offered and wanted:
            taken.add(offered.run.id)
            wins.append(_Win(actor, offered, wanted))
        else:
            wins.append(None)
    return wins


def _plainly_wanted(policy: Policy, actor: Actor, offered: Offered) -> Wanted | None:
    """What a click asks for that only starts a follow-up: nobody is asked, counted, told or refused."""
    run, thread, choice = offered
    if choice.state != ChoiceState.OPEN or choice.question_index is not None or policy.has_limits:
        return None
    if origami.reaches_people(choice.action_type):
        return None
    user_id, channel_id, facts = actor.user_id, thread.channel_id, actor.who.facts
    requesters = run.requester_id, thread.requester_id
    try:
        if click_refusal(
            policy, user_id=user_id, channel_id=channel_id, requesters=requesters, facts=facts
        ) or start_refusal(policy, user_id=user_id, channel_id=channel_id, facts=facts):
            return None
        wanted = wanted_by(run, choice)
        return replace(wanted, prompt=checked(wanted.prompt))
    except (UnknownFacts, UnusableBriefError):
        return None


async def _follow_all(context: Context, session: AsyncSession, wins: Sequence[_Win]) -> dict[str, Run]:
    """Let each click win its choice and start its follow-up; the follow-ups by the requests' keys."""
    if not wins:
        return {}
    followed = [
        drafted(run, wanted, requester_id=actor.user_id, source="button", asked_by=run.id)
        for actor, (run, _, _), wanted in wins
    ]
    pressed = [
        audit.entry(run.workspace_id, actor.user_id, "click", run_id=run.id, choice=choice.id)
        for actor, (run, _, choice), _ in wins
    ]
    await choices.win_all(session, [(win.offered.choice, win.actor.user_id) for win in wins])
    await keep_all(session, followed)
    opened = [(win.offered.thread, run) for win, run in zip(wins, followed, strict=True)]
    await owe_openings(context, session, opened, pressed)
    await deliveries.revise(session, [win.offered.run.id for win in wins], DeliveryKind.ANSWER)
    return {win.actor.key: run for win, run in zip(wins, followed, strict=True)}
