"""What is kept of a run: an answer may be hostile or broken, and a database row should be neither.

The bounds are ours, several times what real runs hold. Where a list is cut, what matters most stays: the
tables that gained leads, the actions that added them.
"""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from bot.origami._parts import (
    LeftOut,
    PendingQuestion,
    Request,
    Response,
    Todo,
    TranscriptMessage,
)
from bot.origami._tables import Table

TEXT_CHARACTERS = 40_000
PROMPT_CHARACTERS = 10_000
QUESTION_CHARACTERS = 3_000
MESSAGE_CHARACTERS = 2_000
ACTIONS = 500
TABLES = 30
COLUMNS = 40
LEAD_SOURCES = 20
QUESTIONS = 20
ANSWERS = 20
NEXT_ACTIONS = 20
MESSAGES = 100
TOOL_CALLS = 20
FOCUS_TABLES = 50

T = TypeVar("T")


class Bounds:
    """Cuts the parts of one run to size, and counts what it cuts."""

    def __init__(self, before: LeftOut) -> None:
        """Count on from what has been left out `before`."""
        self._lost = Counter(before.model_dump(by_alias=False))

    def left_out(self) -> LeftOut:
        """The counts so far."""
        return LeftOut(**self._lost)

    def prompt(self, full: str) -> str:
        """A prompt of the length that Origami accepts."""
        return self._cut(full, PROMPT_CHARACTERS)

    def request(self, full: Request) -> Request:
        """A request with at most the focus tables that Origami accepts."""
        focus = full.focus_table_ids[:FOCUS_TABLES]
        return full.model_copy(update={"prompt": self.prompt(full.prompt), "focus_table_ids": focus})

    def response(self, full: Response) -> Response:
        """A response with the tables and actions that count."""
        gained, touched = full.leads_added, {action.table_id for action in full.actions}

        def least(table: Table) -> tuple[int, bool, int]:
            return -gained.get(table.id, 0), table.id not in touched, -table.lead_count

        tables = self._some("tables", full.tables, TABLES, least)
        actions = self._some("actions", full.actions, ACTIONS, lambda action: action.type != "leads_added")
        transcript = self._some("transcript", full.transcript, MESSAGES)
        return full.model_copy(
            update={
                "text": None if full.text is None else self._cut(full.text, TEXT_CHARACTERS),
                "actions": actions,
                "tables": tuple(map(self.table, tables)),
                "transcript": tuple(map(self._message, transcript)),
            }
        )

    def todo(self, full: Todo) -> Todo:
        """The first questions and next actions."""
        questions = self._some("questions", full.pending_questions, QUESTIONS)
        return Todo(
            pending_questions=tuple(map(self._question, questions)),
            next_actions=self._some("next_actions", full.next_actions, NEXT_ACTIONS),
        )

    def table(self, full: Table) -> Table:
        """A table with its first columns and lead sources."""
        stats = full.stats
        if stats is not None:
            stats = stats.model_copy(update={"lead_sources": stats.lead_sources[:LEAD_SOURCES]})
        return full.model_copy(
            update={"columns": self._some("columns", full.columns, COLUMNS), "stats": stats}
        )

    def _message(self, full: TranscriptMessage) -> TranscriptMessage:
        result = None if full.result is None else self._cut(full.result, MESSAGE_CHARACTERS)
        content, calls = self._cut(full.content, MESSAGE_CHARACTERS), full.tool_calls[:TOOL_CALLS]
        return full.model_copy(update={"content": content, "result": result, "tool_calls": calls})

    def _question(self, full: PendingQuestion) -> PendingQuestion:
        question = self._cut(full.question, QUESTION_CHARACTERS)
        answers = self._some("answers", full.suggested_answers, ANSWERS)
        return full.model_copy(update={"question": question, "suggested_answers": answers})

    def _cut(self, full: str, limit: int) -> str:
        self._lost["characters"] += max(len(full) - limit, 0)
        return full[:limit]

    def _some(
        self,
        what: str,
        items: tuple[T, ...],
        limit: int,
        rank: Callable[[T], tuple[int, ...] | int] = lambda _: 0,
    ) -> tuple[T, ...]:
        """The `limit` items of lowest rank, in the order they came."""
        if len(items) <= limit:
            return items
        self._lost[what] += len(items) - limit
        chosen = sorted(range(len(items)), key=lambda place: rank(items[place]))[:limit]
        return tuple(items[place] for place in sorted(chosen))
