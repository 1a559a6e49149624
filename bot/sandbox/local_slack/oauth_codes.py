"""The codes of the OAuth flow: ten minutes, one use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.ids import Ids

# Slack: a code expires after ten minutes.
LIFE_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person allowed: `scopes` in which workspace."""

    team_id: str
    user_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    expires_at: float


class OAuthCodes:
    """Issues codes on the consent page and exchanges them once; `now` gives seconds."""

    def __init__(self, ids: Ids, now: Callable[[], float]) -> None:
        self._ids, self._now = ids, now
        self._grants: dict[str, Grant] = {}

    def issue(self, team_id: str, user_id: str, scopes: tuple[str, ...], redirect_uri: str) -> str:
        """A code for what the person allowed."""
        code = f"{self._ids.hex(13)}.{self._ids.hex(13)}.{self._ids.hex(64)}"
        self._grants[code] = Grant(team_id, user_id, scopes, redirect_uri, self._now() + LIFE_SECONDS)
        return code

    def exchange(self, code: str, redirect_uri: str) -> Grant:
        """The grant behind a code. Raises SlackError `invalid_code` or `bad_redirect_uri`."""
        grant = self._grants.pop(code, None)
        if grant is None or self._now() > grant.expires_at:
            raise SlackError("invalid_code")
        if grant.redirect_uri != redirect_uri:
            raise SlackError("bad_redirect_uri")
        return grant
