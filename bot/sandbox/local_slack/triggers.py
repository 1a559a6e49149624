"""Trigger ids: three seconds, one use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.ids import Ids

# Slack: a trigger id lives three seconds after the interaction.
LIFE_SECONDS: Final = 3.0


@dataclass(eq=False)
class Trigger:
    """A person's permission to open one view; `view_id` is the modal it was issued in, if any."""

    user_id: str
    team_id: str
    expires_at: float
    view_id: str = ""
    used: bool = False


class Triggers:
    """Issues and exchanges trigger ids; `now` gives seconds."""

    def __init__(self, ids: Ids, now: Callable[[], float]) -> None:
        self._ids, self._now = ids, now
        self._issued: dict[str, Trigger] = {}

    def issue(self, user_id: str, team_id: str, view_id: str = "") -> str:
        """A new trigger id for an interaction of this person."""
        trigger_id = f"{int(self._now() * 1000)}.{len(self._issued) + 1:013d}.{self._ids.hex()}"
        self._issued[trigger_id] = Trigger(user_id, team_id, self._now() + LIFE_SECONDS, view_id)
        return trigger_id

    def find(self, trigger_id: str) -> Trigger | None:
        """What was issued under this id."""
        return self._issued.get(trigger_id)

    def exchange(self, trigger_id: str, team_id: str) -> Trigger:
        """Use it up.

        Raises SlackError `invalid_trigger_id`, `exchanged_trigger_id` or `expired_trigger_id`
        (Slack: views.open, errors).
        """
        trigger = self._issued.get(trigger_id)
        if trigger is None or trigger.team_id != team_id:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._now() > trigger.expires_at:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger
