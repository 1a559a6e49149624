"""What a finished run did, from its actions, tables and questions; never from its prose, which boasts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from bot.origami._parts import PendingQuestion
from bot.origami._tables import Table
from bot.origami.models import Run


@dataclass(frozen=True)
class Outcome:
    """The facts that a message about a run is made of.

    `main_table` is the one that the run was about, None if it has no tables; `other_tables` are the rest in
    Origami's order. `leads_added` counts inserted leads by table id, before qualification. `errored_cells`
    and `still_filling` look at all tables: cells go on being filled after a run has ended. `matching` counts
    the rows of the main table's saved view, None until it has been read.
    """

    main_table: Table | None
    other_tables: tuple[Table, ...]
    leads_added: Mapping[str, int]
    changed: bool
    questions: tuple[PendingQuestion, ...]
    still_filling: bool
    errored_cells: int
    changed_nothing: bool
    matching: int | None = None

    @classmethod
    def of(cls, run: Run) -> Self:
        """The outcome of a run; of one still running, what is known so far."""
        actions = run.response.actions if run.response else ()
        tables = run.response.tables if run.response else ()
        questions = run.todo.pending_questions
        leads_added = run.response.leads_added if run.response else {}
        main = _main_table(tables, leads_added, touched={action.table_id for action in actions})
        return cls(
            main_table=main,
            other_tables=tuple(table for table in tables if table is not main),
            leads_added=leads_added,
            changed=bool(actions),
            questions=questions,
            still_filling=any(table.cells.running for table in tables),
            errored_cells=sum(table.cells.errored for table in tables),
            changed_nothing=run.status == "completed" and not actions and not questions,
        )

    def seen_again(self, main_table: Table, matching: int | None) -> Self:
        """The outcome with what its main table turned out to hold when that was read after the run."""
        errored = sum(table.cells.errored for table in (main_table, *self.other_tables))
        return replace(
            self,
            main_table=main_table,
            matching=matching,
            still_filling=main_table.cells.running > 0,
            errored_cells=errored,
        )

    @property
    def total_leads_added(self) -> int:
        """The leads added to all tables together."""
        return sum(self.leads_added.values())

    def table_called(self, slug: str | None) -> Table | None:
        """The table that a next action's `slug` names, as far as names tell; else the main one."""
        tables = [self.main_table, *self.other_tables] if self.main_table else []
        return next((table for table in tables if slug and _slug(table.name) == slug), self.main_table)

    @property
    def asked(self) -> bool:
        """Whether the agent asks something, whatever the status says."""
        return bool(self.questions)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _main_table(
    tables: tuple[Table, ...], leads_added: Mapping[str, int], touched: set[str | None]
) -> Table | None:
    """The table with the most new leads; else the fullest one touched; else the fullest; else the first."""

    def weight(table: Table) -> tuple[int, bool, int]:
        return leads_added.get(table.id, 0), table.id in touched, table.lead_count

    return max(tables, key=weight, default=None)
