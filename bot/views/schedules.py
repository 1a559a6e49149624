"""Recurring briefs on Home: when each is due, why it rests, and what can be done with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.views import ids, refusals
from bot.views.blocks import Block, actions, button, context, plain_text, section
from bot.views.escape import clip, mrkdwn, one_line
from bot.views.lists import Look, Page, heading
from bot.views.recurrence import pattern
from bot.views.times import counted, moment
from bot.views.words import bold, channel, person
from storage.records import ScheduleState

if TYPE_CHECKING:
    from storage.records import Schedule
    from storage.schedules import Recurring

BRIEF_LIMIT = 120


def recurring_blocks(recurring: Recurring, page: Page, look: Look, *, is_admin: bool) -> list[Block]:
    """Show a page of recurring briefs, up to 2 blocks each; admins can turn to everyone's and back.

    Nothing where there are none.
    """
    shown = [block for one in recurring.shown for block in _one(one, look, everyone=page.everyone)]
    if not (shown or page.offset or (is_admin and recurring.everyones)):
        return []
    halted = is_admin and not page.everyone and recurring.halted
    stuck = counted(recurring.halted, "recurring brief", look.reader)
    return [
        heading("Everyone's recurring briefs" if page.everyone else "Recurring briefs"),
        *([context(f":warning: {stuck} in this workspace cannot go on.")] if halted else []),
        *(shown or [section("None here.")]),
        *actions(_pages(recurring, page, is_admin=is_admin)),
    ]


def _pages(recurring: Recurring, page: Page, *, is_admin: bool) -> list[Block]:
    newer = replace(page, offset=max(recurring.offset - recurring.page, 0))
    older = replace(page, offset=recurring.offset + recurring.page)
    other = Page(everyone=not page.everyone)
    name, label = ("everyone", "Show everyone's") if other.everyone else ("mine", "Show mine only")
    return [
        *([button("Previous", f"{ids.SCHEDULE}:previous", newer.value)] if recurring.offset else []),
        *([button("More", f"{ids.SCHEDULE}:more", older.value)] if recurring.has_more else []),
        *([button(label, f"{ids.SCHEDULE}:{name}", other.value)] if is_admin else []),
    ]


def _one(schedule: Schedule, look: Look, *, everyone: bool) -> list[Block]:
    brief = bold(clip(mrkdwn(one_line(schedule.prompt)), BRIEF_LIMIT))
    who = f"for {person(schedule.owner_id)}" if everyone else ""
    facts = " · ".join(filter(None, [pattern(schedule, look.reader), channel(schedule.channel_id), who]))
    rests = schedule.state != ScheduleState.ACTIVE
    go_on = ("Resume", f"{ids.SCHEDULE}:resume") if rests else ("Pause", f"{ids.SCHEDULE}:pause")
    return [
        section(f"{brief}\n{facts}\n{_stands(schedule, look)}"),
        *actions(
            [
                button(*go_on, schedule.id),
                button("Change", f"{ids.SCHEDULE}:change", schedule.id),
                button("Delete", f"{ids.SCHEDULE}:delete", schedule.id) | {"confirm": _SURE},
            ]
        ),
    ]


def _stands(schedule: Schedule, look: Look) -> str:
    if schedule.paused_reason:
        refusal = refusals.words(schedule.paused_reason, look.reader)
        return f"{bold('Paused:')} {refusal.what} {refusal.next_step}"
    if schedule.state != ScheduleState.ACTIVE or schedule.next_at is None:
        return bold("Paused")
    return f"Next: {moment(schedule.next_at, now=look.now, reader=look.reader)}"


_SURE = {
    "title": plain_text("Delete this recurring brief?", 100),
    "text": plain_text("It will not start again. What it has found so far stays.", 300),
    "confirm": plain_text("Delete", 30),
    "deny": plain_text("Keep", 30),
    "style": "danger",
}
