"""What the local Origami keeps: organisations, agents, runs, tables."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.local_origami.refusals import RefusalError
from bot.sandbox.local_origami.script import ColumnSpec, Script


@dataclass(frozen=True)
class Plan:
    """A plan's limits: runs at once (None: no limit), steps a run, models with the default last."""

    id: str
    concurrent_runs: int | None
    step_cap: int
    models: tuple[str, ...]

    @property
    def default_model(self) -> str:
        """The best model that the plan unlocks."""
        return self.models[-1]


_BOTH = ("origami-lite", "origami-max")
PLANS = {
    plan.id: plan
    for plan in (
        Plan("starter", 1, 30, ("origami-lite",)),
        Plan("pro", 3, 50, _BOTH),
        Plan("scale", 10, 75, _BOTH),
        Plan("ultra", 20, 100, _BOTH),
        Plan("enterprise", None, 200, _BOTH),
    )
}
"""Source: the plan tables of Origami's API description."""


@dataclass(frozen=True)
class Session:
    """Someone's run that holds a slot; a colleague's in the app has an agent id that no one can read."""

    agent_id: str
    name: str
    started: float


@dataclass(eq=False)
class Org:
    """An organisation: its plan, wallet (credits) and slots.

    `barred` refuses it everything but account reads, `unable_to_run` only new runs.
    """

    id: str
    name: str
    plan: Plan
    credits: float
    slots: int | None
    barred: Callable[[], RefusalError] | None = None
    unable_to_run: Callable[[], RefusalError] | None = None
    held: list[Session] = field(default_factory=list)
    durations: deque[float] = field(default_factory=lambda: deque(maxlen=200))


@dataclass(eq=False)
class Document:
    """An uploaded file."""

    id: str
    filename: str
    content: bytes
    created: float


@dataclass(eq=False)
class Container:
    """A session container: what `workspaceId` names. Each agent without another one is its own."""

    id: str
    org: Org
    name: str
    created: float
    table_ids: list[str] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)


@dataclass(eq=False)
class Column:
    """A column of a table and what it cost so far (credits)."""

    id: str
    spec: ColumnSpec
    credits: float = 0.0


@dataclass(eq=False)
class Lead:
    """A row. Its enrichment cells run until `settles` (seconds of scripted work)."""

    id: str
    values: dict[str, object]
    fits: bool
    settles: float
    errored: frozenset[str]


@dataclass(eq=False)
class Table:
    """A table; its saved view shows the leads that fit, best first."""

    id: str
    org: Org
    name: str
    created: float
    updated: float
    source_id: str
    columns: list[Column] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)

    def column(self, slug: str) -> Column | None:
        """The column with this slug."""
        return next((column for column in self.columns if column.spec.slug == slug), None)


@dataclass(eq=False)
class Agent:
    """An agent, the container it works in and its runs, oldest first."""

    id: str
    org: Org
    name: str
    created: float
    container: Container
    table_ids: list[str] = field(default_factory=list)
    runs: list["Run"] = field(default_factory=list)


@dataclass(eq=False)
class Run:
    """A run.

    `began`, `cancelled_at` and `step_seconds` are seconds of scripted work, `started` and `completed` Unix
    seconds.
    """

    id: str
    agent: Agent
    prompt: str
    model: str
    focus_table_ids: list[str]
    script: Script
    started: float
    began: float
    step_seconds: float
    step_cap: int
    status: str = "running"
    steps_completed: int = 0
    completed: float | None = None
    cancelled_at: float | None = None
    effects_applied: int = 0
    actions: list[dict[str, object]] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        """Whether the run still holds its agent and a slot."""
        return self.status == "running"

    def ends_at(self) -> float | None:
        """When it ends, in scripted work; None if never."""
        ends = [] if self.script.steps is None else [self.began + self.script.steps * self.step_seconds]
        if self.cancelled_at is not None:
            ends.append(self.cancelled_at)
        return min(ends, default=None)
