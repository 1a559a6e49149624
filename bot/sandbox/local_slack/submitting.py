"""A person fills in, submits and closes modals."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.local_slack.choices import refusal
from bot.sandbox.local_slack.core import Core
from bot.sandbox.local_slack.elements import STATE_FIELDS, controls, find_control
from bot.sandbox.local_slack.errors import CannotDoError, SlackError
from bot.sandbox.local_slack.modals import View, check_view
from bot.sandbox.local_slack.outcomes import Outcome
from bot.sandbox.local_slack.pressing import set_value
from bot.sandbox.local_slack.world import User

Json = dict[str, Any]


async def fill(core: Core, user: User, view: View, values: Mapping[str, object]) -> None:
    """Type and choose `values`, by label, action id or block id."""
    for wanted, value in values.items():
        await set_value(core, user, view, find_control(view.blocks, wanted), value)
    core.feed.publish("view", what="filled", user=user.user_id, view=view.as_json())


async def submit(core: Core, user: User, view: View) -> Outcome:
    """Submit as Slack's client does: only what it would let through; then do what the ack asks for."""
    if not view.content.get("submit"):
        raise CannotDoError("this modal has no submit button")
    refused = {}
    for control in controls(view.blocks):
        reason = refusal(control, view.form.value(control)) if control.kind in STATE_FIELDS else None
        if reason:
            refused[control.names[0]] = reason
    if refused:
        raise CannotDoError(f"the form is not complete: {refused}")
    view.errors = {}
    payload = core.interactions.view_submission(user, view)
    outcome = Outcome.of(await core.dispatcher.interact("interactive", payload))
    if outcome.ok:
        try:
            follow(core, view, outcome)
        except SlackError as error:
            outcome.ok, outcome.error = False, f"{error.code}: {error.fields}"
    return outcome


def follow(core: Core, view: View, outcome: Outcome) -> None:
    """Do what the ack of a submission asks for; without an action the view closes."""
    body = outcome.body if isinstance(outcome.body, dict) else {}
    match body.get("response_action"):
        case None:
            if view in core.views.stacks.get(view.user_id, []):
                core.views.close(view)
        case "clear":
            core.views.close(view, whole_stack=True)
        case "update":
            core.views.update(view, check_view(body.get("view"), "modal"))
        case "push":
            core.views.push(view.user_id, check_view(body.get("view"), "modal"), view.installation)
        case "errors":
            show_errors(core, view, outcome, body.get("errors"))
        case other:
            raise SlackError("unknown_response_action", response_action=other)


def show_errors(core: Core, view: View, outcome: Outcome, errors: object) -> None:
    """Show messages under input blocks; Slack accepts no other block."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_errors", errors=errors)
    view.errors = outcome.errors = {key: str(value) for key, value in errors.items()}
    core.feed.publish("view", what="errors", user=view.user_id, view=view.as_json(), errors=view.errors)


async def close(core: Core, user: User, view: View, *, whole_stack: bool = False) -> Outcome:
    """Close the modal; the app is told where it asked for that."""
    clear = whole_stack or bool(view.content.get("clear_on_close"))
    payload = core.interactions.view_closed(user, view, cleared=clear)
    core.views.close(view, whole_stack=clear)
    if not view.content.get("notify_on_close"):
        return Outcome(ok=True, latency=None)
    return Outcome.of(await core.dispatcher.interact("interactive", payload))
