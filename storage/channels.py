"""A channel gets another id in Slack: whatever names the old one names the new one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import case, delete, exists, select, update
from sqlalchemy.orm import aliased

from storage import policies
from storage.records import Delivery, DeliveryState, Preference, Schedule, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


async def renamed(session: AsyncSession, workspace_id: str, old: str, new: str) -> None:
    """Let threads, messages, recurring briefs, preferences and the policy name a channel's new id.

    Done again, it changes nothing. Where the new id has something already (a thread that somebody began in
    the meantime, a preference), that stays as it is.
    """
    twin = aliased(Thread)
    same = exists(
        select(twin.id).where(
            twin.workspace_id == workspace_id, twin.channel_id == new, twin.thread_ts == Thread.thread_ts
        )
    )
    # What is on its way just now is of unknown outcome: it is looked for before it is sent again.
    on_its_way = Delivery.state == DeliveryState.SENDING
    for statement in (
        update(Thread)
        .where(Thread.workspace_id == workspace_id, Thread.channel_id == old, ~same)
        .values(channel_id=new),
        update(Delivery)
        .where(Delivery.workspace_id == workspace_id, Delivery.channel_id == old)
        .values(
            channel_id=new,
            lease_owner=case((on_its_way, None), else_=Delivery.lease_owner),
            lease_until=case((on_its_way, database_now()), else_=Delivery.lease_until),
        ),
        update(Schedule)
        .where(Schedule.workspace_id == workspace_id, Schedule.channel_id == old)
        .values(channel_id=new),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))
    await _preferences(session, workspace_id, old, new)
    await _policy(session, workspace_id, old, new)


async def _preferences(session: AsyncSession, workspace_id: str, old: str, new: str) -> None:
    of_channel = (Preference.workspace_id == workspace_id) & (Preference.scope == "channel")
    kept = aliased(Preference)
    known = exists(
        select(kept.subject_id).where(
            kept.workspace_id == workspace_id, kept.scope == "channel", kept.subject_id == new
        )
    )
    for statement in (
        update(Preference).where(of_channel, Preference.subject_id == old, ~known).values(subject_id=new),
        delete(Preference).where(of_channel, Preference.subject_id == old),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))


async def _policy(session: AsyncSession, workspace_id: str, old: str, new: str) -> None:
    policy = await policies.of_workspace(session, workspace_id, locked=True)
    if old in policy.channels:
        listed = dict.fromkeys(new if channel == old else channel for channel in policy.channels)
        await policies.put(session, workspace_id, replace(policy, channels=tuple(listed)))
