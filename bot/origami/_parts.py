"""What runs are made of: actions, questions, next actions, requests, responses."""

from typing import Annotated

from pydantic import Field, model_validator

from bot.origami import _loose as loose
from bot.origami import _reading as reading
from bot.origami._tables import Table


class Action(loose.Loose):
    """One change that a run made, in firing order; `type` is open (`leads_added`, `table_created` …).

    Additions carry `lead_count`, deletions and restorations `count`.
    """

    type: loose.Status
    table_id: loose.OptionalIdentifier = None
    table_name: loose.OptionalLine = None
    column_id: loose.OptionalIdentifier = None
    column_name: loose.OptionalLine = None
    count: loose.OptionalCount = None
    lead_count: loose.OptionalCount = None
    deleted_at: loose.Moment = None


class PendingQuestion(loose.Loose):
    """A question that the agent asks; `type` is single-choice, confirm, or a new one.

    The suggested answers are no closed menu.
    """

    question: loose.Text = Field(min_length=1)
    type: loose.Line = ""
    suggested_answers: loose.Lines = ()
    freeform_option: loose.OptionalLine = None

    @model_validator(mode="before")
    @classmethod
    def _any_shape(cls, value: object) -> object:
        if isinstance(value, str):
            return {"question": value.strip()}
        if isinstance(value, dict):
            asked = reading.text(value.get("question")).strip() or reading.text(value.get("text")).strip()
            return {**value, "question": asked}
        return value


class NextAction(loose.Loose):
    """A suggested next step; `type` None is a plain suggestion, and the set is open."""

    label: loose.Line = Field(min_length=1)
    type: loose.OptionalLine = None
    table_slug: loose.OptionalLine = None

    @model_validator(mode="before")
    @classmethod
    def _any_shape(cls, value: object) -> object:
        return {"label": value} if isinstance(value, str) else value


class ToolCall(loose.Loose):
    """A tool that the agent used; `name` is one of the few that Origami shows, or a new one."""

    name: loose.Line = ""


class TranscriptMessage(loose.Loose):
    """One message of the conversation behind a run; `role` is user, assistant, tool, or a new one.

    A tool speaks in `result` rather than in `content`, and `name` is the tool's.
    """

    role: loose.Line = ""
    content: loose.Text = ""
    name: loose.OptionalLine = None
    tool_calls: Annotated[tuple[ToolCall, ...], loose.many(ToolCall)] = ()
    result: loose.OptionalText = None
    truncated: loose.Flag = False


class Steps(loose.Loose):
    """The agent's loop iterations so far and at most: the only sign of progress."""

    completed: loose.Count = 0
    max: loose.Count = 0


class Request(loose.Loose):
    """What was asked, as Origami understood it."""

    prompt: loose.Text = ""
    model: loose.OptionalLine = None
    focus_table_ids: loose.Identifiers = ()


class Response(loose.Loose):
    """What came of a run; `text` is untrusted prose, None on errored and timed-out runs.

    `tables` are those it touched and those it was focused on. `transcript` is empty unless asked for.
    """

    text: loose.OptionalText = None
    actions: Annotated[tuple[Action, ...], loose.many(Action)] = ()
    tables: Annotated[tuple[Table, ...], loose.many(Table)] = ()
    transcript: Annotated[tuple[TranscriptMessage, ...], loose.many(TranscriptMessage)] = ()
    transcript_truncated: loose.Flag = False

    @property
    def leads_added(self) -> dict[str, int]:
        """The leads that the actions inserted, by table id, before qualification."""
        added: dict[str, int] = {}
        for action in self.actions:
            if action.type == "leads_added" and action.table_id and action.lead_count:
                added[action.table_id] = added.get(action.table_id, 0) + action.lead_count
        return added


class Todo(loose.Loose):
    """What the run leaves to people."""

    pending_questions: Annotated[tuple[PendingQuestion, ...], loose.many(PendingQuestion)] = ()
    next_actions: Annotated[tuple[NextAction, ...], loose.many(NextAction)] = ()


class LeftOut(loose.Loose):
    """How much of an oversized answer was not kept; `characters` counts the text's and the prompt's."""

    characters: loose.Count = 0
    actions: loose.Count = 0
    tables: loose.Count = 0
    columns: loose.Count = 0
    questions: loose.Count = 0
    answers: loose.Count = 0
    next_actions: loose.Count = 0
    transcript: loose.Count = 0

    def __bool__(self) -> bool:
        """Whether anything was left out."""
        return any(self.model_dump().values())
