"""Somebody who is no admin sends whatever our app listens to: what is not theirs stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.security.agreeable import MEMBER
from tests.security.corpus import Place
from tests.security.test_outsiders import heard, walked

if TYPE_CHECKING:
    from tests.security.test_outsiders import Heard

__all__ = ["heard"]

OF_ADMINS = {
    "block_actions audit_export",
    "block_actions forget",
    "block_actions roles",
    "view_submission roles_modal",
    "view_submission shared_settings_modal",
}
"""What the whole workspace holds: its audit, its data, its settings."""
OF_WHOEVER_ASKED = {
    "block_actions schedule:delete",
    "block_actions schedule:pause",
    "block_actions schedule:resume",
    "block_actions show_here",
    "block_actions stop",
    "event_callback agent_session_stopped",
    "view_submission schedule_modal",
}
"""What is somebody's own: their runs while they go on, their answers, their recurring briefs."""

OF_HOME = {"/api/views.publish", "/origami/account", "/origami/account/credits", "table budgets"}
"""Home is shown anew a while after what changes it, and Origami is asked of the account once a minute."""


async def test_what_is_an_admins_or_somebody_elses_stays_as_it_is(heard: Heard) -> None:
    counter = [0]
    members = await walked(heard, Place(user=MEMBER, own_keys=False, counter=counter))
    admins = await walked(heard, Place(own_keys=False, counter=counter))
    more = {name: effects - members[name] - OF_HOME for name, effects in admins.items()}
    kept_back = {name for name, effects in more.items() if effects}
    assert kept_back == OF_ADMINS | OF_WHOEVER_ASKED, more
    changed = {effect for name in kept_back for effect in members[name] if effect.startswith("table")}
    assert changed == set()
