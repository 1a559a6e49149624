"""A Slack workspace with many channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.local_slack import HOME_TEAM, Channel, default_world

if TYPE_CHECKING:
    from bot.sandbox.local_slack import LocalSlack, World

PEOPLE = ("rep", "colleague", "admin")
PREFIX = "chaos-"


def crowded_world(channels: int) -> World:
    """So many more channels. The bot serves one Slack workspace a process; they stand for the workspaces."""
    world = default_world()
    members = {world.person(alias).user_id for alias in PEOPLE}
    for number in range(channels):
        made = Channel(channel_id=f"C0CHAOS{number:04}", team_id=HOME_TEAM, name=f"{PREFIX}{number}")
        made.members |= members
        world.channels[made.channel_id] = made
    return world


def invite_the_app(slack: LocalSlack) -> None:
    """Into all of these channels."""
    for channel in slack.world.channels.values():
        if channel.name.startswith(PREFIX):
            slack.person(PEOPLE[0]).invite_app(channel)
