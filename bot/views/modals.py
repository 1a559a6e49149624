"""The modals: one to write a brief in, one to answer questions in one's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.views import ids, refusals
from bot.views.blocks import Block, menu, option, plain_text, section
from bot.views.changes import rows
from bot.views.choices import Offer
from bot.views.escape import clip, one_line, plain
from bot.views.forms import AS_SET, BEST, FIELD, MODELS, Values, View, labelled, modal, value
from bot.views.questions import is_open
from bot.views.times import ANYBODY, Reader, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.origami import PendingQuestion, Table
    from bot.origami import Run as Result
    from storage.records import Choice, Run

INPUT_LIMIT = 3_000
"""Slack: 3,000 characters per text input."""
INPUTS_LIMIT = 40
"""Inputs in one modal: Slack takes 100 blocks and 250 kB, and nobody fills in more."""
TEXT_LIMIT = 5_000
"""Characters of all questions together, and again of all suggested answers, in one modal."""

BRIEF_BLOCK = "brief"
"""The input that an error about the brief belongs to."""
_MODEL, _CHANNEL, _TABLES = "model", "channel", "tables"
_ANSWER = "answer-"


@dataclass(frozen=True, slots=True)
class BriefForm:
    """What the brief modal was filled in with; ``model`` None is the best that the plan has, or AS_SET."""

    prompt: str
    model: str | None
    channel_id: str | None
    table_ids: tuple[str, ...] = ()
    thread_ts: str | None = None
    """The thread to work in, where the form began with a message and the channel was kept."""


def brief_modal(*, prompt: str = "", channel_id: str | None, model: str | None, thread: str = "") -> View:
    """Ask for a brief, tables to work on, a model and a conversation to post in.

    A longer prompt is cut to 3,000 characters. ``model`` is what is set for them, which holds unless they
    choose one; None is the best that the plan has. ``thread`` is ``channel:ts`` of a thread to go on in.
    """
    conversation: Block = {
        "type": "conversations_select",
        "action_id": FIELD,
        "placeholder": plain_text("Choose a conversation", 150),
        "response_url_enabled": True,
    }
    default = (
        {"initial_conversation": channel_id} if channel_id else {"default_to_current_conversation": True}
    )
    as_set = option(f"As set: {MODELS.get(model or BEST) or clip(one_line(model or ''), 50)}", AS_SET)
    models = [as_set, *(option(label, value) for value, label in MODELS.items())]
    blocks = [
        labelled(
            BRIEF_BLOCK,
            "Who are you looking for?",
            text_input("Find 50 SaaS founders in Austin who raised seed", prompt),
        ),
        labelled(_TABLES, "Work on these tables", _table_menu()) | {"optional": True},
        labelled(_MODEL, "Model", menu("Choose a model", FIELD, models, initial=as_set)),
        labelled(_CHANNEL, "Post the answer in", conversation | default),
    ]
    return modal(ids.BRIEF_MODAL, "New lead search", "Start", blocks, thread)


def brief_from(message: str) -> str:
    """Begin a brief with what somebody wrote."""
    return f"Find leads from this:\n{clip(message.strip(), INPUT_LIMIT - 100)}\n\n"


def table_options(tables: Sequence[Table], typed: str, reader: Reader = ANYBODY) -> list[Block]:
    """Offer the tables whose name, or number of rows, contains what was typed; up to 100."""
    labels = [(f"{clip(table.name, 50) or 'Untitled'} ({rows(table, reader)})", table.id) for table in tables]
    return [option(label, value) for label, value in labels if typed.casefold() in label.casefold()][:100]


def _table_menu() -> Block:
    return {
        "type": "multi_external_select",
        "action_id": ids.TABLES,
        "min_query_length": 0,
        "max_selected_items": 10,
        "placeholder": plain_text("Any table", 150),
    }


def read_brief(values: Values, thread: str = "") -> BriefForm:
    """Read the brief modal's ``state.values`` and ``private_metadata``; the prompt may be empty."""
    channel_id = value(values, _CHANNEL, "selected_conversation")
    thread_channel, _, thread_ts = thread.partition(":")
    chosen = ((values.get(_TABLES) or {}).get(ids.TABLES) or {}).get("selected_options") or []
    model = value(values, _MODEL, "selected_option", "value")
    return BriefForm(
        prompt=(value(values, BRIEF_BLOCK, "value") or "").strip(),
        model=None if model == BEST else model if model in MODELS else AS_SET,
        channel_id=channel_id,
        table_ids=tuple(str(one.get("value")) for one in chosen),
        thread_ts=thread_ts or None if thread_channel == channel_id else None,
    )


def answer_modal(run: Run, result: Result, choices: Sequence[Choice]) -> View:
    """Ask for an answer to each open question, up to 40; ``private_metadata`` is the run's id."""
    offers = [Offer.of(choice) for choice in choices]
    questions = result.todo.pending_questions
    still_open = [index for index in range(len(questions)) if is_open(index, offers)]
    if not still_open:
        done = [section("All of these questions are answered. The thread shows how it goes on.")]
        return modal(ids.ANSWER_MODAL, "Answer Origami", None, done, run.id)
    shown = still_open[:INPUTS_LIMIT]
    blocks = [_question(index, questions[index], of=len(shown)) for index in shown]
    hidden = len(still_open) - INPUTS_LIMIT
    if hidden > 0:
        blocks.append(section(f"and {counted(hidden, 'more question', ANYBODY)} after these"))
    return modal(ids.ANSWER_MODAL, "Answer Origami", "Send", blocks, run.id)


def gone_modal() -> View:
    """Say that what a form was for is no longer there."""
    gone = [section("This is no longer there: it may have been removed. Start again with `/origami`.")]
    return modal(ids.ANSWER_MODAL, "Answer Origami", None, gone)


def refused_modal(reason: dict[str, Any]) -> View:
    """Say why something may not be done and who can help; the form that it came from stays below."""
    refusal = refusals.words(reason)
    told = [section(f"{refusal.what} {refusal.next_step}")]
    return modal(ids.ANSWER_MODAL, "Not possible", None, told)


def read_answers(values: Values) -> dict[int, str]:
    """Read the answer modal's ``state.values``: answers by question index, without those left blank."""
    given = {
        int(block_id.removeprefix(_ANSWER)): (value(values, block_id, "value") or "").strip()
        for block_id in values
        if block_id.startswith(_ANSWER) and block_id.removeprefix(_ANSWER).isdecimal()
    }
    return {index: text for index, text in sorted(given.items()) if text}


def _question(index: int, question: PendingQuestion, *, of: int) -> Block:
    """Ask one question; several share what can be read in one form, and may be answered in part."""
    room = min(TEXT_LIMIT // of, 2_000)
    suggested = list(filter(None, map(one_line, question.suggested_answers)))
    hint = {"hint": plain_text(f"Suggested: {' · '.join(suggested)}", room)} if suggested else {}
    asked = labelled(f"{_ANSWER}{index}", clip(question.question, room), text_input("Your answer"))
    return asked | {"optional": of > 1} | hint


def text_input(placeholder: str, initial: str = "") -> Block:
    """Make a field for several lines; a longer ``initial`` text is cut to 3,000 characters."""
    made: Block = {
        "type": "plain_text_input",
        "action_id": FIELD,
        "multiline": True,
        "max_length": INPUT_LIMIT,
        "placeholder": plain_text(placeholder, 150),
    }
    text = clip(plain(initial), INPUT_LIMIT)
    return made | {"initial_value": text} if text else made
