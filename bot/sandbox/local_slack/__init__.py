"""A local Slack: workspaces, people, the Web API, Socket Mode and signed HTTP delivery, on loopback."""

from bot.sandbox.local_slack.app import App, Installation, Shortcut
from bot.sandbox.local_slack.changes import Change
from bot.sandbox.local_slack.default_world import HOME_TEAM, PARTNER_TEAM, default_world, enterprise_world
from bot.sandbox.local_slack.errors import CannotDoError, LocalSlackError, SlackError
from bot.sandbox.local_slack.faults import Fault
from bot.sandbox.local_slack.modals import View
from bot.sandbox.local_slack.outcomes import Outcome
from bot.sandbox.local_slack.people import Person
from bot.sandbox.local_slack.server import LocalSlack
from bot.sandbox.local_slack.validation import Problem, validate_message, validate_view
from bot.sandbox.local_slack.world import Channel, File, Message, User, Workspace, World

__all__ = [
    "HOME_TEAM",
    "PARTNER_TEAM",
    "App",
    "CannotDoError",
    "Change",
    "Channel",
    "Fault",
    "File",
    "Installation",
    "LocalSlack",
    "LocalSlackError",
    "Message",
    "Outcome",
    "Person",
    "Problem",
    "Shortcut",
    "SlackError",
    "User",
    "View",
    "Workspace",
    "World",
    "default_world",
    "enterprise_world",
    "validate_message",
    "validate_view",
]
