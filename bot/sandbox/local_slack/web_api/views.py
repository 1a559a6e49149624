"""views.*."""

from typing import Any, Final, Literal

from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.modals import View, check_view
from bot.sandbox.local_slack.web_api.call import TIER_4, Call, Method
from bot.sandbox.local_slack.web_api.pictures import refuse_unknown_pictures

Json = dict[str, Any]


def open_(call: Call) -> Json:
    """Open a modal in exchange for a trigger id."""
    content = sent_view(call, "modal")
    trigger = call.core.triggers.exchange(call.text("trigger_id"), call.bot.team_id)
    return {"view": call.core.views.open(trigger.user_id, content, call.bot).as_json()}


def push(call: Call) -> Json:
    """Put a modal on top of the one in which the trigger id was issued."""
    content = sent_view(call, "modal")
    trigger = call.core.triggers.exchange(call.text("trigger_id"), call.bot.team_id)
    if not trigger.view_id:
        raise SlackError("invalid_trigger_id")
    return {"view": call.core.views.push(trigger.user_id, content, call.bot).as_json()}


def update(call: Call) -> Json:
    """Change an open modal, found by its id or external id."""
    content = sent_view(call, "modal")
    view = call.core.views.find(call.text("view_id", ""), call.text("external_id", ""))
    if view is None or view.installation.team_id != call.bot.team_id:
        raise SlackError("not_found")
    refuse_conflict(call, view)
    return {"view": call.core.views.update(view, content).as_json()}


def publish(call: Call) -> Json:
    """Show a person's Home tab."""
    user = call.user("user_id")
    if call.bot.team_id not in user.teams:
        raise SlackError("not_in_channel")
    content = sent_view(call, "home")
    known = call.core.views.homes.get((call.bot.team_id, user.user_id))
    if known is not None:
        refuse_conflict(call, known)
    return {"view": call.core.views.publish(user.user_id, content, call.bot).as_json()}


def sent_view(call: Call, kind: Literal["modal", "home"]) -> Json:
    """The view that was sent, if Slack would show it."""
    content = check_view(call.json("view"), kind)
    refuse_unknown_pictures(call, content["blocks"], "invalid_arguments", "/view/blocks")
    return content


def refuse_conflict(call: Call, view: View) -> None:
    """A `hash` that is no longer the view's means that somebody was faster."""
    given = call.text("hash", "")
    if given and given != view.hash:
        raise SlackError("hash_conflict")


METHODS: Final = (
    Method("views.open", open_, per_minute=TIER_4),
    Method("views.push", push, per_minute=TIER_4),
    Method("views.update", update, per_minute=TIER_4),
    Method("views.publish", publish, per_minute=TIER_4),
)
