"""Which scopes a token has, as every answer of Slack's says it."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from slack_sdk.http_retry.async_handler import AsyncRetryHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from slack_sdk.http_retry.request import HttpRequest
    from slack_sdk.http_retry.response import HttpResponse

    from bot.features import Feature

HEADER = "x-oauth-scopes"
KEEP_SECONDS = 300.0
"""A token keeps its value when more is granted: what was said of it so long ago is asked anew."""
MOST_TOKENS = 10_000


class Grants(AsyncRetryHandler):
    """Stands in a client and repeats nothing: hears from every answer which scopes its token has."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._known: OrderedDict[str, tuple[frozenset[str], float]] = OrderedDict()

    def note(self, token: str, scopes: Iterable[str]) -> None:
        """Remember what a token may."""
        self._known[token] = frozenset(scope.strip() for scope in scopes), self._clock()
        self._known.move_to_end(token)
        while len(self._known) > MOST_TOKENS:
            self._known.popitem(last=False)

    def of(self, token: str) -> frozenset[str] | None:
        """What a token may; None where that is not known."""
        scopes, at = self._known.get(token, (frozenset[str](), -KEEP_SECONDS))
        return scopes if self._clock() - at < KEEP_SECONDS and scopes else None

    async def _can_retry_async(
        self, *, request: HttpRequest, response: HttpResponse | None = None, **_: object
    ) -> bool:
        scopes, token = _first(response, HEADER), _first(request, "authorization").removeprefix("Bearer ")
        if scopes and token:
            self.note(token, scopes.split(","))
        return False


def may(client: Any, feature: Feature) -> bool:  # noqa: ANN401  (the SDK's client, or what stands for it)
    """Whether a client's token allows a feature; where that is not known, trying tells."""
    grants = _in(client)
    scopes = grants.of(client.token or "") if grants is not None else None
    return scopes is None or feature.scope in scopes


def note(client: Any, token: str, scopes: Iterable[str]) -> None:  # noqa: ANN401
    """Tell a client what was kept of a token when the app was installed."""
    if (grants := _in(client)) is not None and scopes:
        grants.note(token, scopes)


def _in(client: Any) -> Grants | None:  # noqa: ANN401
    handlers = getattr(client, "retry_handlers", ())
    return next((handler for handler in handlers if isinstance(handler, Grants)), None)


def _first(of: Any, name: str) -> str:  # noqa: ANN401  (headers as the SDK hands them on)
    headers = getattr(of, "headers", None) or {}
    value = {str(key).lower(): value for key, value in headers.items()}.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value or "")
