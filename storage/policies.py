"""Queries about a workspace's policy: who may start, click and stop, and how much."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from sqlalchemy import bindparam, func, or_, select

from storage.dialects import alone, insert, table_of
from storage.records import OPEN_STATES, OurStatus, Preference, Run
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncSession

WhoMayStart = Literal["everyone", "listed"]
WhoMayClick = Literal["requester", "anyone", "admins"]
Guests = Literal["may", "may_not"]

MOST_LISTED: Final = 100
"""People, groups or channels in one list."""
MOST_RUNS: Final = 10_000
MOST_CREDITS: Final = 1_000_000_000
DAY_SECONDS: Final = 24 * 3600.0

_SCOPE: Final = "roles"
"""Beside the scopes of preferences, whose queries pass it over: no form for those replaces it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may use Origami in a workspace; as it stands here, everyone of the workspace may do everything.

    Admins may start whatever it says: they cannot lock themselves out.
    """

    who_may_start: WhoMayStart = "everyone"
    people: tuple[str, ...] = ()
    """User ids of those who may start where only listed people may."""
    groups: tuple[str, ...] = ()
    """User groups whose members may."""
    channels: tuple[str, ...] = ()
    """Where runs may start; empty is everywhere."""
    runs_at_once: int = 0
    """Runs that one person may have open; 0 is no limit."""
    runs_a_day: int = 0
    """Runs that one person may start in 24 hours; 0 is no limit."""
    credit_floor: int = 0
    """Below so many credits only admins' runs start; 0 is no floor."""
    who_may_click: WhoMayClick = "anyone"
    """``requester``: whoever asked for the run or began its thread, and admins."""
    guests: Guests = "may"
    set_by: str = ""
    """The admin who saved it: who can help those whom it refuses."""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Read what was set; what this version cannot use counts as not set."""
        known = {field.name for field in fields(cls)}
        fit: dict[str, Any] = {
            name: tuple(value) if name in _LISTS else value
            for name, value in values.items()
            if name in known and _fits(name, value)
        }
        return cls(**fit)

    @property
    def has_limits(self) -> bool:
        """Whether a person's runs have to be counted."""
        return bool(self.runs_at_once or self.runs_a_day)


@dataclass(frozen=True, slots=True)
class Counts:
    """A person's runs: open now, and started within 24 hours."""

    at_once: int = 0
    in_a_day: int = 0


_LISTS = frozenset({"people", "groups", "channels"})
_WORDS: dict[str, frozenset[str]] = {
    "who_may_start": frozenset({"everyone", "listed"}),
    "who_may_click": frozenset({"requester", "anyone", "admins"}),
    "guests": frozenset({"may", "may_not"}),
}
_MOST: dict[str, int] = {
    "runs_at_once": MOST_RUNS,
    "runs_a_day": MOST_RUNS,
    "credit_floor": MOST_CREDITS,
}


def _fits(name: str, value: object) -> bool:
    if name in _LISTS:
        return (
            isinstance(value, list | tuple)
            and len(value) <= MOST_LISTED
            and all(isinstance(one, str) and 0 < len(one) <= 32 for one in value)
        )
    if name in _MOST:
        return type(value) is int and 0 <= value <= _MOST[name]
    if name == "set_by":
        return isinstance(value, str)
    return isinstance(value, str) and value in _WORDS[name]


async def of_workspace(session: AsyncSession, workspace_id: str, *, locked: bool = False) -> Policy:
    """What holds in a workspace; ``locked`` against changes by others until the transaction ends.

    It is asked for once in a transaction, whoever wants to know.
    """
    known: dict[str, Policy] = session.info.setdefault(_KNOWN, {})
    if locked or workspace_id not in known:
        found = await session.execute(_LOCKED if locked else _OF_WORKSPACE, {"workspace": workspace_id})
        known[workspace_id] = Policy.of(found.scalar_one_or_none() or {})
    return known[workspace_id]


_KNOWN: Final = "policies"
_STORED = table_of(Preference).c
_OF_WORKSPACE = select(_STORED["values"]).where(
    _STORED.workspace_id == bindparam("workspace"), _STORED.scope == _SCOPE, _STORED.subject_id == ""
)
_LOCKED = _OF_WORKSPACE.with_for_update()


async def put(session: AsyncSession, workspace_id: str, policy: Policy) -> None:
    """Replace what holds in a workspace."""
    values = asdict(policy)
    session.info.pop(_KNOWN, None)
    row = {"workspace_id": workspace_id, "scope": _SCOPE, "subject_id": "", "values": values}
    await session.execute(
        insert(session, Preference)
        .values(row)
        .on_conflict_do_update(
            index_elements=["workspace_id", "scope", "subject_id"], set_={"values": values}
        )
    )


async def count_runs(session: AsyncSession, workspace_id: str, user_id: str) -> Counts:
    """A person's runs, which nobody else changes the number of until the caller's transaction ends.

    A run that ended before anything was spent counts for nothing.
    """
    await alone(session, f"starts:{workspace_id}:{user_id}")
    is_open = Run.state.in_(OPEN_STATES)
    recent = Run.created_at > database_now(-DAY_SECONDS)
    spent = or_(is_open, Run.started_at.is_not(None), Run.status == OurStatus.LOST)
    statement = select(func.count().filter(is_open), func.count().filter(recent & spent)).where(
        Run.workspace_id == workspace_id, Run.requester_id == user_id, or_(is_open, recent)
    )
    return Counts(*(await session.execute(statement)).one())
