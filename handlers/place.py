"""Which workspace a request is about, where Slack leaves that open; a request of none goes no further."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slack_bolt import BoltResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

OF_ORGANISATIONS = frozenset(
    {"app_uninstalled", "tokens_revoked", "team_access_granted", "team_access_revoked"}
)
"""Events that may be about a whole organisation, and need no workspace."""


async def place(
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    next_: Callable[[], Awaitable[BoltResponse]],
) -> BoltResponse:
    """Name the workspace to everybody after us, and to Slack in each call.

    A request to an organisation's installation may name the organisation instead (``app_installed_team_id``
    of a view), or nothing (``team`` outside of a conversation, ``authorizations`` of an event).
    """
    if (body.get("event") or {}).get("type") in OF_ORGANISATIONS:
        return await next_()
    team_id = workspace_in(body, context.team_id)
    if team_id is None:
        return BoltResponse(status=200, body="")
    if team_id != context.team_id:
        context["team_id"] = client.default_params["team_id"] = team_id
    return await next_()


def workspace_in(body: dict[str, Any], told: str | None) -> str | None:
    """The id of the workspace: what Bolt was told where that is one, else the best that the payload has."""
    view, user = body.get("view") or {}, body.get("user")
    of_user = user.get("team_id") if isinstance(user, dict) else None
    candidates = (told, view.get("team_id"), of_user, body.get("context_team_id"), body.get("team_id"))
    return next((one for one in candidates if isinstance(one, str) and one.startswith("T")), None)
