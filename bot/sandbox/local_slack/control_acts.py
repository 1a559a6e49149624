"""The acts of people that the control API offers."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from bot.sandbox.local_slack.errors import CannotDoError
from bot.sandbox.local_slack.modals import View
from bot.sandbox.local_slack.outcomes import Outcome
from bot.sandbox.local_slack.people import Person
from bot.sandbox.local_slack.world import Message

Json = dict[str, Any]


def place_of(person: Person, args: Json) -> Message | View:
    """Where to click: `{"view": "modal" | "home"}`, or a message by `channel` and `ts`."""
    if "view" in args:
        view = person.modal() if args["view"] == "modal" else person.home
        if view is None:
            raise CannotDoError(f"no {args['view']} is open")
        return view
    return message_of(person, args)


def message_of(person: Person, args: Json) -> Message:
    """The message that the arguments name, ephemeral ones too."""
    channel = person.channel(args["channel"])
    seen = [*channel.posted.values(), *person.ephemerals]
    for message in seen:
        if message.ts == args["ts"] and message.channel_id == channel.channel_id:
            return message
    raise CannotDoError(f"there is no message {args['ts']} in {args['channel']}")


async def say(person: Person, args: Json) -> Message:
    """Post a message or a reply."""
    return person.say(args["channel"], args["text"], args.get("thread_ts"), args.get("files"))


async def edit(person: Person, args: Json) -> None:
    """Edit a message."""
    person.edit(message_of(person, args), args["text"])


async def delete(person: Person, args: Json) -> None:
    """Delete a message."""
    person.delete(message_of(person, args))


async def stop_session(person: Person, args: Json) -> None:
    """Stop the agent session of a thread."""
    person.stop_session(message_of(person, args))


async def open_home(person: Person, args: Json) -> None:
    """Open the Home or Messages tab."""
    person.open_home(args.get("tab", "home"))


async def membership(person: Person, args: Json) -> None:
    """Join a channel, or bring the app in or out."""
    acts = {"join": person.join, "invite_app": person.invite_app, "remove_app": person.remove_app}
    acts[args["act"]](args["channel"])


VERBS: Final[dict[str, Callable[[Person, Json], Awaitable[Outcome | Message | None]]]] = {
    "say": say,
    "edit": edit,
    "delete": delete,
    "membership": membership,
    "open_home": open_home,
    "stop_session": stop_session,
    "command": lambda person, args: person.command(args["channel"], args["text"]),
    "click": lambda person, args: person.click(place_of(person, args), args["control"], args.get("option")),
    "shortcut": lambda person, args: person.shortcut(args["name"]),
    "message_shortcut": lambda person, args: person.message_shortcut(message_of(person, args), args["name"]),
    "fill": lambda person, args: person.fill(args["values"]),
    "submit": lambda person, args: person.submit(args.get("values")),
    "close_modal": lambda person, args: person.close_modal(whole_stack=args.get("whole_stack", False)),
}
