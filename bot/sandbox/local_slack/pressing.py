"""A person presses buttons and chooses options, in messages, modals and the Home tab."""

from typing import Any

from bot.sandbox.local_slack.choices import option_called, options_of, value_for
from bot.sandbox.local_slack.core import Core
from bot.sandbox.local_slack.elements import STATE_FIELDS, Control, Form, find_control
from bot.sandbox.local_slack.errors import CannotDoError
from bot.sandbox.local_slack.modals import View
from bot.sandbox.local_slack.outcomes import Outcome
from bot.sandbox.local_slack.shared_files import files_for
from bot.sandbox.local_slack.world import Message, User

Json = dict[str, Any]
Place = Message | View


async def press(core: Core, user: User, place: Place, wanted: str, option: object = None) -> Outcome:
    """Press the element that shows `wanted`, choosing `option` where it offers options."""
    control = visible(user, place, wanted)
    side = feedback_side(control, wanted)
    value: object = None
    if control.kind == "overflow":
        value = option_called(str(option), options_of(control.element))
    elif control.kind in STATE_FIELDS:
        value = await set_value(core, user, place, control, option)
        if control.block["type"] == "input" and not control.block.get("dispatch_action"):
            return Outcome(ok=True, latency=None)
    action = core.interactions.action(control, value, side)
    return await send_action(core, user, place, action)


async def set_value(core: Core, user: User, place: Place, control: Control, wanted: object) -> object:
    """Type or choose a value without pressing anything; returns it as Slack keeps it."""
    loaded = None
    value: object
    if control.kind.endswith("external_select"):
        asked = wanted if isinstance(wanted, list) else [wanted]
        loaded = [
            found for one in asked for found in await load_options(core, user, place, control, str(one))
        ]
    if control.kind == "file_input":
        value = files_for(core, user, control, wanted)
    else:
        value = value_for(control, wanted, core.world, user, loaded)
    form_of(core, user, place).set(control, value)
    return value


async def load_options(core: Core, user: User, place: Place, control: Control, query: str) -> list[Json]:
    """What the app offers in an external select for what the person has typed."""
    payload = core.interactions.suggestion(user, control, query, place)
    delivery = await core.dispatcher.interact("interactive", payload)
    if not delivery.ok or not isinstance(delivery.body, dict):
        raise CannotDoError(f"no options came: {delivery.error or 'the answer is not JSON'}")
    return options_of(delivery.body)


async def send_action(core: Core, user: User, place: Place, action: Json) -> Outcome:
    """Deliver one action."""
    if isinstance(place, View):
        payload = core.interactions.view_actions(user, place, action)
    else:
        state = form_of(core, user, place).state(place.blocks)
        payload = core.interactions.message_actions(user, place, action, state)
    return Outcome.of(await core.dispatcher.interact("interactive", payload))


def visible(user: User, place: Place, wanted: str) -> Control:
    """The element, if this person sees it."""
    blocks = place.blocks
    if isinstance(place, Message):
        if place.only_for not in (None, user.user_id):
            raise CannotDoError("this message is shown to somebody else")
        blocks = [*blocks, *(b for a in place.attachments for b in a.get("blocks", ()))]
    control = find_control(blocks, wanted)
    shown_to = control.element.get("visible_to_user_ids")
    if shown_to and user.user_id not in shown_to:
        raise CannotDoError(f"{wanted!r} is not shown to this person")
    return control


def feedback_side(control: Control, wanted: str) -> Json | None:
    """Which half of a feedback element was meant; the positive one by default."""
    if control.kind != "feedback_buttons":
        return None
    negative: Json = control.element["negative_button"]
    if wanted in (negative["text"]["text"], negative.get("value")):
        return negative
    positive: Json = control.element["positive_button"]
    return positive


def form_of(core: Core, user: User, place: Place) -> Form:
    """Where this person's choices in the place are kept."""
    if isinstance(place, View):
        return place.form
    return core.forms.of(user.user_id, place.channel_id, place.ts)
