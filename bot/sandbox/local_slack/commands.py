"""A person types a slash command."""

from typing import Any, Final

from bot.sandbox.local_slack.core import Core
from bot.sandbox.local_slack.errors import CannotDoError, SlackError
from bot.sandbox.local_slack.mrkdwn import typed_text
from bot.sandbox.local_slack.outcomes import Outcome
from bot.sandbox.local_slack.presentation import message_json
from bot.sandbox.local_slack.world import Channel, Message, User

SLACKBOT: Final = "USLACKBOT"
# What Slack's client names the failures (Slack: implementing slash commands).
SHOWN_ERRORS: Final = {"http_timeout": "operation_timeout"}


async def run_command(core: Core, user: User, channel: Channel, line: str) -> Outcome:
    """Send the command and show what the app acknowledges with, or that it failed."""
    command, _, text = line.strip().partition(" ")
    installation = core.installations.active_in(user.team_id)
    if command not in core.app.commands or installation is None:
        raise CannotDoError(f"{command} is not a valid command")
    stored = referenced(core, user, text, labels=True) if core.app.commands[command] else text
    payload = core.interactions.command(user, channel, installation, command, stored.strip())
    outcome = Outcome.of(await core.dispatcher.interact("slash_commands", payload))
    if not outcome.ok:
        outcome.error = SHOWN_ERRORS.get(outcome.error, "dispatch_failed")
        outcome.ephemeral = failed(core, user, channel, command, outcome.error)
    elif outcome.body:
        try:
            body = outcome.body if isinstance(outcome.body, dict) else {"text": str(outcome.body)}
            outcome.ephemeral = core.response_urls.answer(installation, channel, user.user_id, body)
        except SlackError as error:
            outcome.ok, outcome.error = False, f"invalid_command_response: {error.code}"
            outcome.ephemeral = failed(core, user, channel, command, "invalid_command_response")
    return outcome


def failed(core: Core, user: User, channel: Channel, command: str, error: str) -> Message:
    """Slackbot's words when a command fails."""
    message = Message(
        ts=core.ids.ts(),
        channel_id=channel.channel_id,
        team_id=user.team_id,
        user_id=SLACKBOT,
        text=f'{command} failed with the error "{error}"',
        only_for=user.user_id,
    )
    core.world.ephemerals.append(message)
    core.feed.publish("ephemeral", message=message_json(message), only_for=user.user_id)
    return message


def referenced(core: Core, user: User, text: str, *, labels: bool = False) -> str:
    """Typed text as Slack stores it, with the names that this person can see."""
    world = core.world

    def user_id(name: str) -> str | None:
        found = [u for u in world.users.values() if u.name == name.lower()]
        own: list[Any] = [u for u in found if u.team_id == user.team_id]
        return (own or found)[0].user_id if found else None

    def channel_id(name: str) -> str | None:
        for channel in world.channels.values():
            if channel.name == name.lower() and user.team_id in channel.teams:
                return channel.channel_id
        return None

    return typed_text(text, user_id, channel_id, labels=labels)
