"""Opening the form for a brief, from wherever it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import views
from bot.workspaces.preferences import preferences_for

if TYPE_CHECKING:
    from handlers.asker import Asker
    from handlers.desk import Desk


def open_brief_form(
    desk: Desk, asker: Asker, trigger_id: str, *, channel_id: str = "", prompt: str = "", thread: str = ""
) -> None:
    """Open the form, without waiting for it, with the model that is set for whoever asks.

    ``channel_id`` is where the answer is to be posted unless they say otherwise, ``thread`` is
    ``channel:ts`` of a thread to go on in. Slack: a trigger id lives for 3 seconds.
    """

    async def opening() -> None:
        workspace = await asker.workspace(desk.runs)
        holds = await preferences_for(desk.runs.db, workspace.id, asker.user_id, channel_id)
        form = views.brief_modal(
            prompt=prompt, channel_id=channel_id or None, model=holds.model, thread=thread
        )
        await asker.client.views_open(trigger_id=trigger_id, view=form)

    desk.tasks.hold(opening(), what="open brief form")
