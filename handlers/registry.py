"""All listeners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from handlers.audit import Audit
from handlers.buttons import Buttons
from handlers.channels import Channels
from handlers.commands import Commands
from handlers.connect import Connect
from handlers.desk import Desk
from handlers.details import Details
from handlers.exports import Exports
from handlers.failures import Failures
from handlers.feedback import Feedback
from handlers.home import Home
from handlers.lifecycle import Lifecycle
from handlers.lists import Lists
from handlers.messages import Messages
from handlers.modals import Modals
from handlers.next_actions import NextActions
from handlers.outsiders import Outsiders
from handlers.place import place
from handlers.roles import Roles
from handlers.schedules import Schedules
from handlers.settings import Settings
from handlers.shared_channels import SharedChannels
from handlers.shortcuts import Shortcuts

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.workspaces.connecting import Connecting
    from bot.workspaces.leaving import Leaving
    from handlers.lifecycle import Given

__all__ = ["Desk", "register", "surfaces"]


class Surface(Protocol):
    """One way in which people reach us."""

    def listen(self, app: AsyncApp) -> None:
        """Bind its listeners."""


def surfaces(
    desk: Desk, leaving: Leaving, given: Given, connecting: Connecting | None
) -> tuple[Surface, ...]:
    """Every way in; without ``connecting`` the one workspace's key stands in the settings."""
    return (
        Commands(desk),
        Buttons(desk),
        Modals(desk),
        Messages(desk),
        Shortcuts(desk),
        Lists(desk),
        Home(desk),
        Settings(desk),
        Roles(desk),
        Feedback(desk),
        Details(desk),
        Exports(desk),
        Schedules(desk),
        NextActions(desk),
        SharedChannels(desk),
        Audit(desk),
        Channels(desk),
        Lifecycle(desk, leaving, given),
        *([Connect(desk, connecting)] if connecting else []),
    )


def register(
    app: AsyncApp, desk: Desk, leaving: Leaving, given: Given, connecting: Connecting | None
) -> None:
    """Bind every listener to the app, and what stands in front of them."""
    app.middleware(place)
    app.use(Outsiders(desk).turn_away)
    for surface in surfaces(desk, leaving, given, connecting):
        surface.listen(app)
    app.error(Failures(desk).failed)
