"""The form for a recurring brief, and what it says when it has been sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.views import ids
from bot.views.blocks import Block, context, menu, option, plain_text, section
from bot.views.escape import one_line, plain
from bot.views.forms import AS_SET, BEST, FIELD, MODELS, Values, View, labelled, modal, value
from bot.views.modals import INPUT_LIMIT, text_input
from bot.views.recurrence import WEEKDAYS, pattern
from bot.views.times import Reader, moment
from bot.views.words import bold, channel

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from storage.records import Schedule

MOST_OPTIONS = 100
"""Slack: 100 options a menu."""

PROMPT, TIME_ZONE = "prompt", "time_zone"
"""The inputs are called as what they become."""


def schedule_modal(
    *,
    time_zone: str,
    prompt: str = "",
    weekdays: Collection[str] = ("mon",),
    time_of_day: str = "09:00",
    channel_id: str | None = None,
    model: str | None = AS_SET,
    set_model: str | None = None,
    schedule_id: str = "",
) -> View:
    """Ask for a brief, weekdays, a time and its zone, a conversation and a model.

    ``model`` is what is chosen, ``set_model`` what holds for them where that is AS_SET; None is the best that
    the plan has. ``private_metadata`` is the id of the recurring brief to change, empty for a new one. A
    longer prompt is cut to 3,000 characters, and the form says so.
    """
    default = (
        {"initial_conversation": channel_id} if channel_id else {"default_to_current_conversation": True}
    )
    conversation: Block = {
        "type": "conversations_select",
        "action_id": FIELD,
        "placeholder": plain_text("Choose a conversation", 150),
    }
    labels = {AS_SET: f"As set: {MODELS.get(set_model or BEST) or one_line(set_model or '')}", **MODELS}
    models = {key: option(label, key) for key, label in labels.items()}
    chosen = models.get(model or BEST, models[AS_SET])
    cut = len(plain(prompt)) > INPUT_LIMIT
    blocks = [
        labelled(
            PROMPT, "Who are you looking for?", text_input("Find 20 new SaaS founders in Austin", prompt)
        ),
        *([context("The brief was too long for this form, and is cut at its end.")] if cut else []),
        labelled("weekdays", "Every", _weekdays(weekdays)),
        labelled(
            "time_of_day", "At", {"type": "timepicker", "action_id": FIELD, "initial_time": time_of_day}
        ),
        labelled(TIME_ZONE, "In the time zone", _zones(time_zone)),
        labelled("channel_id", "Post in", conversation | default),
        labelled("model", "Model", menu("Choose a model", FIELD, list(models.values()), initial=chosen)),
        context(
            "Each time is a run of its own, and is charged as one. In a private channel, "
            "type `/invite @Origami` first."
        ),
    ]
    return modal(ids.SCHEDULE_MODAL, "Recurring brief", "Save", blocks, schedule_id)


def _weekdays(chosen: Collection[str]) -> Block:
    options = {key: option(day, key) for key, day in WEEKDAYS.items()}
    made: Block = {"type": "checkboxes", "action_id": FIELD, "options": list(options.values())}
    initial = [found for key, found in options.items() if key in chosen]
    return made | {"initial_options": initial} if initial else made


def _zones(chosen: str) -> Block:
    # No ``timezone`` on the time picker: it would go on showing this zone when another is chosen here.
    return {
        "type": "external_select",
        "action_id": ids.TIME_ZONES,
        "min_query_length": 2,
        "placeholder": plain_text("Type a city, such as Berlin", 150),
        "initial_option": option(chosen, chosen),
    }


def zone_options(names: Sequence[str]) -> list[Block]:
    """Offer time zones by their IANA names; up to 100."""
    return [option(name, name) for name in names[:MOST_OPTIONS]]


def read_schedule(values: Values) -> dict[str, Any]:
    """Read the form's ``state.values``, by the names of the fields of a draft."""
    days = ((values.get("weekdays") or {}).get(FIELD) or {}).get("selected_options") or []
    zone = ((values.get(TIME_ZONE) or {}).get(ids.TIME_ZONES) or {}).get("selected_option") or {}
    model = value(values, "model", "selected_option", "value")
    return {
        PROMPT: (value(values, PROMPT, "value") or "").strip(),
        "weekdays": tuple(str(day.get("value")) for day in days),
        "time_of_day": value(values, "time_of_day", "selected_time") or "",
        TIME_ZONE: str(zone.get("value") or ""),
        "channel_id": value(values, "channel_id", "selected_conversation") or "",
        "model": None if model == BEST else model if model in MODELS else AS_SET,
    }


def saved_modal(schedule: Schedule, reader: Reader, now: datetime) -> View:
    """Say what is kept, and when it is due next."""
    due = schedule.next_at
    then = f"Next: {moment(due, now=now, reader=reader)}" if due else "It is paused"
    where = f"{pattern(schedule, reader)} in {channel(schedule.channel_id)}"
    told = [
        section(f"{bold('Saved.')} {where}.\n{then}. You will be mentioned in the thread of each answer."),
        context("Pause, change or delete it on Origami's Home tab."),
    ]
    return modal(ids.SCHEDULE_MODAL, "Recurring brief", None, told)


_REFUSED = {
    "gone": "This recurring brief is no longer there: somebody has deleted it.",
    "not_yours": "Only the person whose recurring brief this is, or a Slack admin, can change it.",
    "cannot_recur": "The time zone of this recurring brief is no longer known. Change it first.",
}


def refused_modal(why: str) -> View:
    """Say why nothing was done: ``gone``, ``not_yours`` or ``cannot_recur``."""
    return modal(
        ids.SCHEDULE_MODAL, "Recurring brief", None, [section(f"{_REFUSED[why]} Nothing was saved.")]
    )
