"""What a run will do, decided when it is admitted: steps, effects on tables, and how it ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.sandbox.local_origami.refusals import Json

MAIN = "main"
"""The key of the table that a run works on unless its script names another."""


@dataclass(frozen=True)
class ColumnSpec:
    """A column to make; `kind` is input, enrichment, score or sequence."""

    name: str
    slug: str | None
    kind: str = "input"


@dataclass(frozen=True)
class LeadSpec:
    """A lead to add.

    `fits` says whether the table's saved view shows it; its enrichment cells settle `settles_after` steps
    later, those in `errored` (slugs) without a value.
    """

    values: Mapping[str, object]
    fits: bool = True
    settles_after: float = 0.0
    errored: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Effect:
    """Something that happens to a table after `at` steps; `table` is a key within the script."""

    at: float
    table: str = field(default=MAIN, kw_only=True)


@dataclass(frozen=True)
class CreateTable(Effect):
    """Make the table and its columns."""

    name: str
    columns: tuple[ColumnSpec, ...]


@dataclass(frozen=True)
class AddColumn(Effect):
    """Add a column and fill it for each lead with `fill(lead's values)`."""

    column: ColumnSpec
    fill: Callable[[Mapping[str, object]], object]


@dataclass(frozen=True)
class AddLeads(Effect):
    """Insert leads, at Origami's price."""

    leads: tuple[LeadSpec, ...]


@dataclass(frozen=True)
class DeleteLeads(Effect):
    """Delete up to `count` leads from the end of the table."""

    count: int


@dataclass(frozen=True)
class Record(Effect):
    """List an action without changing anything: `action` without its tableId."""

    action: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Script:
    """A run from admission to its end.

    `steps` is its length (None: it never ends by itself); `reported_steps` is what `steps.completed` says
    at the end where that differs. `partial_text` makes `response` non-null while the run is running.
    `distort` changes the finished run's JSON in place, for answers that the contract does not allow.
    """

    status: str = "completed"
    steps: int | None = 6
    reported_steps: int | None = None
    text: str | None = None
    effects: tuple[Effect, ...] = ()
    questions: tuple[Json, ...] = ()
    next_actions: tuple[Json, ...] = ()
    partial_text: str | None = None
    distort: Callable[[Json], None] | None = None

    def __post_init__(self) -> None:
        in_order = tuple(sorted(self.effects, key=lambda effect: effect.at))
        object.__setattr__(self, "effects", in_order)


FREEFORM_OPTION = "Or something else"
"""Origami v2.0 sends this constant with every question."""


def single_choice(question: str, *answers: str) -> Json:
    """A pending question with several suggested answers."""
    return {
        "type": "single-choice",
        "question": question,
        "suggestedAnswers": list(answers),
        "freeformOption": FREEFORM_OPTION,
    }


def confirm(question: str) -> Json:
    """A pending question that asks for approval."""
    return {
        "type": "confirm",
        "question": question,
        "suggestedAnswers": ["Confirm"],
        "freeformOption": FREEFORM_OPTION,
    }


def next_action(label: str, kind: str | None = None, table_slug: str | None = None) -> Json:
    """A suggested next step; an untyped one is a plain suggestion."""
    action: Json = {"label": label}
    if kind is not None:
        action["type"] = kind
    if table_slug is not None:
        action["tableSlug"] = table_slug
    return action
