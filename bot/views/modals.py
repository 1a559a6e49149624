"""The modals: one to write a brief in, one to answer questions in one's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.views import ids
from bot.views.blocks import Block, menu, option, plain_text, section
from bot.views.choices import Offer
from bot.views.escape import clip, one_line, plain
from bot.views.questions import is_open
from bot.views.words import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.origami import PendingQuestion
    from bot.origami import Run as Result
    from storage.records import Choice, Run

View = dict[str, Any]
Values = dict[str, dict[str, dict[str, Any]]]

INPUT_LIMIT = 3_000
"""Slack: 3,000 characters per text input."""
INPUTS_LIMIT = 40
"""Inputs in one modal: Slack takes 100 blocks and 250 kB, and nobody fills in more."""
TEXT_LIMIT = 5_000
"""Characters of all questions together, and again of all suggested answers, in one modal."""

_FIELD = "field"
BRIEF_BLOCK = "brief"
"""The input that an error about the brief belongs to."""
_MODEL, _CHANNEL = "model", "channel"
_ANSWER = "answer-"
_BEST = "best"
_MODELS = {_BEST: "Best my plan has", "origami-lite": "origami-lite", "origami-max": "origami-max"}


@dataclass(frozen=True, slots=True)
class BriefForm:
    """What the brief modal was filled in with; ``model`` None is the best that the plan has."""

    prompt: str
    model: str | None
    channel_id: str | None


def brief_modal(*, prompt: str = "", channel_id: str | None, model: str | None) -> View:
    """Ask for a brief, a model and a conversation to post in; a longer prompt is cut to 3,000 characters."""
    conversation: Block = {
        "type": "conversations_select",
        "action_id": _FIELD,
        "placeholder": plain_text("Choose a conversation", 150),
        "response_url_enabled": True,
    }
    default = (
        {"initial_conversation": channel_id} if channel_id else {"default_to_current_conversation": True}
    )
    options = {value: option(label, value) for value, label in _MODELS.items()}
    chosen = options.get(model or _BEST, options[_BEST])
    blocks = [
        _input(
            BRIEF_BLOCK,
            "Who are you looking for?",
            _text_input("Find 50 SaaS founders in Austin who raised seed", prompt),
        ),
        _input(_MODEL, "Model", menu("Choose a model", _FIELD, list(options.values()), initial=chosen)),
        _input(_CHANNEL, "Post the answer in", conversation | default),
    ]
    return _modal(ids.BRIEF_MODAL, "New lead search", "Start", blocks)


def read_brief(values: Values) -> BriefForm:
    """Read the brief modal's ``state.values``; the prompt comes trimmed and may be empty."""
    model = _value(values, _MODEL, "selected_option", "value")
    return BriefForm(
        prompt=(_value(values, BRIEF_BLOCK, "value") or "").strip(),
        model=model if model in _MODELS and model != _BEST else None,
        channel_id=_value(values, _CHANNEL, "selected_conversation"),
    )


def answer_modal(run: Run, result: Result, choices: Sequence[Choice]) -> View:
    """Ask for an answer to each open question, up to 40; ``private_metadata`` is the run's id."""
    offers = [Offer.of(choice) for choice in choices]
    questions = result.todo.pending_questions
    still_open = [index for index in range(len(questions)) if is_open(index, offers)]
    if not still_open:
        done = [section("All of these questions are answered. The thread shows how it goes on.")]
        return _modal(ids.ANSWER_MODAL, "Answer Origami", None, done, run.id)
    shown = still_open[:INPUTS_LIMIT]
    blocks = [_question(index, questions[index], of=len(shown)) for index in shown]
    hidden = len(still_open) - INPUTS_LIMIT
    if hidden > 0:
        blocks.append(section(f"and {count(hidden, 'more question')} after these"))
    return _modal(ids.ANSWER_MODAL, "Answer Origami", "Send", blocks, run.id)


def gone_modal() -> View:
    """Say that what a form was for is no longer there."""
    gone = [section("This is no longer there: it may have been removed. Start again with `/origami`.")]
    return _modal(ids.ANSWER_MODAL, "Answer Origami", None, gone)


def read_answers(values: Values) -> dict[int, str]:
    """Read the answer modal's ``state.values``: answers by question index, without those left blank."""
    given = {
        int(block_id.removeprefix(_ANSWER)): (_value(values, block_id, "value") or "").strip()
        for block_id in values
        if block_id.startswith(_ANSWER) and block_id.removeprefix(_ANSWER).isdecimal()
    }
    return {index: text for index, text in sorted(given.items()) if text}


def _question(index: int, question: PendingQuestion, *, of: int) -> Block:
    """Ask one question; several share what can be read in one form, and may be answered in part."""
    room = min(TEXT_LIMIT // of, 2_000)
    suggested = list(filter(None, map(one_line, question.suggested_answers)))
    hint = {"hint": plain_text(f"Suggested: {' · '.join(suggested)}", room)} if suggested else {}
    asked = _input(f"{_ANSWER}{index}", clip(question.question, room), _text_input("Your answer"))
    return asked | {"optional": of > 1} | hint


def _text_input(placeholder: str, initial: str = "") -> Block:
    made: Block = {
        "type": "plain_text_input",
        "action_id": _FIELD,
        "multiline": True,
        "max_length": INPUT_LIMIT,
        "placeholder": plain_text(placeholder, 150),
    }
    text = clip(plain(initial), INPUT_LIMIT)
    return made | {"initial_value": text} if text else made


def _input(block_id: str, label: str, element: Block) -> Block:
    """Make an input with its label (Slack: 2,000 characters)."""
    return {"type": "input", "block_id": block_id, "label": plain_text(label, 2_000), "element": element}


def _modal(
    callback_id: str, title: str, submit: str | None, blocks: Sequence[Block], metadata: str = ""
) -> View:
    made: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title, 24),
        "close": plain_text("Cancel" if submit else "Close", 24),
        "private_metadata": metadata,
        "blocks": list(blocks),
    }
    return made | {"submit": plain_text(submit, 24)} if submit else made


def _value(values: Mapping[str, Any], block_id: str, *path: str) -> str | None:
    found: Any = values
    for key in (block_id, _FIELD, *path):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None
