"""Recurring briefs: the form, and the buttons on Home and under a result."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from bot import views
from bot.runs import recurrence, schedules
from bot.runs.guard import Refused
from bot.runs.start import UnusableBriefError
from bot.views import ids
from bot.views import schedule_form as forms
from bot.views.lists import Page
from bot.workspaces.preferences import preferences_for
from handlers.desk import asker_of, say, team_of
from handlers.payloads import pressed

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.runs.notify import Actor
    from bot.views.forms import View
    from handlers.asker import Asker
    from handlers.desk import Desk

ACTS = {"pause": schedules.pause, "resume": schedules.resume, "delete": schedules.delete}
ACT = re.compile(rf"^{ids.SCHEDULE}:({'|'.join(ACTS)})$")
TURN = re.compile(rf"^{ids.SCHEDULE}:(previous|more|everyone|mine)$")


class Schedules:
    """Everything that people do with recurring briefs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners."""
        app.action(f"{ids.SCHEDULE}:new")(self.new)
        app.action(f"{ids.SCHEDULE}:from_run")(self.from_run)
        app.action(f"{ids.SCHEDULE}:change")(self.change)
        app.action(ACT)(self.act)
        app.action(TURN)(self.turn)
        app.options(ids.TIME_ZONES)(self.time_zones)
        app.view(ids.SCHEDULE_MODAL)(self.save)

    async def new(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Open an empty form."""
        opening = open_new(self._desk, asker_of(context, client), body["trigger_id"], channel_id="")
        self._desk.tasks.hold(opening, what="open schedule form")
        await ack()

    async def from_run(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        client: AsyncWebClient,
    ) -> None:
        """Open the form with the brief that a run's thread began with."""
        run_id = pressed(body)
        try:
            first = await schedules.first_brief(self._desk.runs, team_of(context), run_id)
        except schedules.NotFoundError:
            answer = say(context, views.notice({"code": "not_found"}))
        else:
            filled = {"prompt": first.prompt, "channel_id": first.channel_id, "model": first.model}
            answer = _open(self._desk, asker_of(context, client), body["trigger_id"], filled)
        self._desk.tasks.hold(answer, what="open schedule form")
        await ack()

    async def change(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Open the form with what recurs."""
        actor, asker = self._actor(body, context), asker_of(context, client)
        opening = _open_change(self._desk, actor, asker, body["trigger_id"], pressed(body))
        self._desk.tasks.hold(opening, what="open schedule form")
        await ack()

    async def act(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Pause, resume or delete; whoever may not, or comes too late, is told so."""
        do, actor = ACTS[body["actions"][0]["action_id"].partition(":")[2]], self._actor(body, context)
        is_admin = partial(self._desk.is_admin, client, actor.team, actor.user_id)
        try:
            await do(self._desk.runs, actor, pressed(body), is_admin=is_admin)
        except (
            schedules.NotFoundError,
            schedules.NotAllowedError,
            recurrence.RecurrenceError,
            Refused,
        ) as error:
            opening = client.views_open(trigger_id=body["trigger_id"], view=_refusal(error))
            self._desk.tasks.hold(opening, what="say that a click did nothing")
        view_hash = (body.get("view") or {}).get("hash")
        showing = self._desk.viewers.again(asker_of(context, client), view_hash=view_hash)
        self._desk.tasks.hold(showing, what="publish home")
        await ack()

    async def turn(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Show another page of recurring briefs, or everyone's."""
        page = Page.read(pressed(body))
        view_hash = (body.get("view") or {}).get("hash")
        showing = self._desk.viewers.again(asker_of(context, client), recurring=page, view_hash=view_hash)
        self._desk.tasks.hold(showing, what="turn a page of home")
        await ack()

    def _actor(self, body: dict[str, Any], context: AsyncBoltContext) -> Actor:
        return self._desk.actor(body, context, f"action:{body['trigger_id']}")

    async def time_zones(self, ack: AsyncAck, payload: dict[str, Any]) -> None:
        """Offer the time zones in whose names stands what was typed."""
        await ack(options=forms.zone_options(recurrence.zones_like(payload.get("value") or "")))

    async def save(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Keep what the form says, or say in the form why not."""
        view = body["view"]
        actor = self._desk.actor(body, context, f"view:{view['id']}:{view.get('hash', '')}")
        draft = schedules.Draft(**forms.read_schedule(view["state"]["values"]))
        asker = asker_of(context, client)
        try:
            shown = await _keep(self._desk, asker, actor, view.get("private_metadata") or "", draft)
        except (UnusableBriefError, schedules.TooManyError) as error:
            await ack(response_action="errors", errors={forms.PROMPT: str(error)})
        except recurrence.RecurrenceError as error:
            await ack(response_action="errors", errors={error.field: str(error)})
        except Refused as refused:
            await ack(response_action="push", view=views.refused_modal(refused.reason))
        else:
            self._desk.tasks.hold(self._desk.viewers.again(asker), what="publish home")
            await ack(response_action="update", view=shown)


async def open_new(desk: Desk, asker: Asker, trigger_id: str, *, channel_id: str) -> None:
    """Open an empty form."""
    await _open(desk, asker, trigger_id, {"channel_id": channel_id or None})


async def _open(desk: Desk, asker: Asker, trigger_id: str, filled: dict[str, Any]) -> None:
    """Open the form with what is given, else with the person's own time zone and model."""
    workspace = await asker.workspace(desk.runs)
    channel_id = filled["channel_id"] or ""
    holds = await preferences_for(desk.runs.db, workspace.id, asker.user_id, channel_id)
    try:
        zone = recurrence.zone_named((await desk.reader(asker)).time_zone)
    except recurrence.RecurrenceError:
        zone = "UTC"
    form = forms.schedule_modal(**{"time_zone": zone, "set_model": holds.model, **filled})
    await asker.client.views_open(trigger_id=trigger_id, view=form)


async def _open_change(desk: Desk, actor: Actor, asker: Asker, trigger_id: str, schedule_id: str) -> None:
    is_admin = partial(desk.is_admin, asker.client, actor.team, actor.user_id)
    try:
        kept = await schedules.find(desk.runs, actor, schedule_id, is_admin=is_admin)
    except (schedules.NotFoundError, schedules.NotAllowedError) as error:
        await asker.client.views_open(trigger_id=trigger_id, view=_refusal(error))
        return
    filled = {
        "schedule_id": kept.id,
        "prompt": kept.prompt,
        "weekdays": kept.weekdays,
        "time_of_day": kept.time_of_day,
        "time_zone": kept.time_zone,
        "channel_id": kept.channel_id,
        "model": kept.model,
    }
    await _open(desk, asker, trigger_id, filled)


async def _keep(desk: Desk, asker: Asker, actor: Actor, schedule_id: str, draft: schedules.Draft) -> View:
    """Create or change, and say what is so now; what is wrong with the draft is raised."""
    is_admin = partial(desk.is_admin, asker.client, actor.team, actor.user_id)
    try:
        kept = (
            await schedules.change(desk.runs, actor, schedule_id, draft, is_admin=is_admin)
            if schedule_id
            else await schedules.create(desk.runs, actor, draft)
        )
    except (schedules.NotFoundError, schedules.NotAllowedError) as error:
        return _refusal(error)
    if kept is None:
        return _refusal(None)
    return forms.saved_modal(kept, await desk.reader(asker), desk.runs.clock())


def _refusal(error: Exception | None) -> View:
    match error:
        case schedules.NotAllowedError():
            return forms.refused_modal("not_yours")
        case recurrence.RecurrenceError():
            return forms.refused_modal("cannot_recur")
        case Refused():
            return views.refused_modal(error.reason)
    return forms.refused_modal("gone")
