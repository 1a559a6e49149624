"""Queries about preferences: what a person, a channel or the workspace has set, and what holds in the end."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from sqlalchemy import bindparam, or_, select

from storage.dialects import dialect, insert, listed, table_of
from storage.records import Preference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

Scope = Literal["user", "channel", "workspace"]
Notify = Literal["mention", "dm", "both"]
Replies = Literal["requester", "anyone", "mentions"]
WhoMayStop = Literal["requester", "anyone", "admins"]

MOST_REMIND_MINUTES = 7 * 24 * 60

PERSONAL = frozenset({"notify", "broadcast", "model"})
"""What a person may set for themselves."""
SHARED = frozenset({"model", "replies", "remind_minutes", "who_may_stop"})
"""What an admin may set for a channel or for the workspace."""

_STORED = table_of(Preference).c
_IN_FORCE = select(_STORED.scope, _STORED["values"]).where(
    _STORED.workspace_id == bindparam("workspace_id"),
    or_(
        (_STORED.scope == "workspace") & (_STORED.subject_id == ""),
        (_STORED.scope == "channel") & (_STORED.subject_id == bindparam("channel")),
        (_STORED.scope == "user") & (_STORED.subject_id == bindparam("user")),
    ),
)
"""Made once: what every brief asks for is not to be compiled for every brief."""

_SETTABLE: dict[str, frozenset[str]] = {"workspace": SHARED, "channel": SHARED, "user": PERSONAL}
_NARROWING = tuple(_SETTABLE)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What holds for one person in one channel."""

    notify: Notify = "mention"
    """Where a person is told that their run has ended: in its thread, by direct message, or both."""
    broadcast: bool = False
    """Whether the answer in the thread is shown in the channel too."""
    model: str | None = None
    """Origami's model; None is the best that the plan has."""
    replies: Replies = "requester"
    """Whose replies in a thread are heard without a mention."""
    remind_minutes: int = 60
    """How long a question waits before its requester is reminded of it; 0 is never."""
    who_may_stop: WhoMayStop = "requester"
    """``requester``: the person who asked, and admins; ``admins``: admins only."""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Read what was set; what this version cannot use counts as not set."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known and _fits(name, value)})


_WORDS: dict[str, frozenset[str]] = {
    "notify": frozenset({"mention", "dm", "both"}),
    "replies": frozenset({"requester", "anyone", "mentions"}),
    "who_may_stop": frozenset({"requester", "anyone", "admins"}),
}


def _fits(name: str, value: object) -> bool:
    match name:
        case "broadcast":
            return isinstance(value, bool)
        case "model":
            return value is None or (isinstance(value, str) and 0 < len(value) <= 64)
        case "remind_minutes":
            return type(value) is int and 0 <= value <= MOST_REMIND_MINUTES
    return isinstance(value, str) and value in _WORDS[name]


def settable(scope: Scope, values: Mapping[str, Any]) -> dict[str, Any]:
    """The part of ``values`` that a scope may set and that can be used."""
    return {name: value for name, value in values.items() if name in _SETTABLE[scope] and _fits(name, value)}


async def stored(session: AsyncSession, workspace_id: str, scope: Scope, subject_id: str) -> dict[str, Any]:
    """What was set in this scope itself."""
    statement = select(Preference.values).where(
        Preference.workspace_id == workspace_id,
        Preference.scope == scope,
        Preference.subject_id == subject_id,
    )
    values = (await session.execute(statement)).scalar_one_or_none()
    return settable(scope, values or {})


async def resolve(
    session: AsyncSession, workspace_id: str, *, user_id: str = "", channel_id: str = ""
) -> Preferences:
    """What holds for a person in a channel: theirs, else the channel's, else the workspace's, else ours."""
    places = {"workspace_id": workspace_id, "channel": channel_id, "user": user_id}
    subjects = _subjects(user_id, channel_id)
    found = await session.execute(_IN_FORCE, places)
    kept = {(workspace_id, scope, subjects[scope]): values for scope, values in found}
    return _merged(kept, workspace_id, user_id, channel_id)


async def resolve_each(session: AsyncSession, asked: Sequence[tuple[str, str, str]]) -> list[Preferences]:
    """The same for many at once: of each the workspace's id, the user and the channel."""
    named = {
        "workspaces": {workspace_id for workspace_id, _, _ in asked},
        "subjects": {"", *(each for _, *both in asked for each in both)},
    }
    found = await session.execute(_in_force_for_each(dialect(session)), named)
    kept = {tuple(place): values for *place, values in found}
    return [_merged(kept, *one) for one in asked]


@cache
def _in_force_for_each(kind: str) -> Select[Any]:
    return select(_STORED.workspace_id, _STORED.scope, _STORED.subject_id, _STORED["values"]).where(
        listed(kind, _STORED.workspace_id, "workspaces"), listed(kind, _STORED.subject_id, "subjects")
    )


def _subjects(user_id: str, channel_id: str) -> dict[str, str]:
    return {"workspace": "", "channel": channel_id, "user": user_id}


def _merged(
    kept: Mapping[tuple[Any, ...], dict[str, Any]], workspace_id: str, user_id: str, channel_id: str
) -> Preferences:
    subjects = _subjects(user_id, channel_id)
    merged: dict[str, Any] = {}
    for scope in _NARROWING:
        subject = subjects[scope]
        if subject or scope == "workspace":
            merged |= settable(cast("Scope", scope), kept.get((workspace_id, scope, subject)) or {})
    return Preferences.of(merged)


async def put(
    session: AsyncSession, workspace_id: str, scope: Scope, subject_id: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Replace all that is set in a scope; a name that is left out falls to the next wider scope.

    Returns what was kept: what a scope may not set, or nobody could use, is dropped.
    """
    kept = settable(scope, values)
    row = {"workspace_id": workspace_id, "scope": scope, "subject_id": subject_id, "values": kept}
    await session.execute(
        insert(session, Preference)
        .values(row)
        .on_conflict_do_update(index_elements=["workspace_id", "scope", "subject_id"], set_={"values": kept})
    )
    return kept
