"""The shared HTTP client, and what its failures mean.

aiohttp as it is: a poll through httpx on top of it costs three times the CPU. It lets some exceptions of the
system through as they are.
"""

from collections.abc import Mapping
from typing import NamedTuple, Self

import aiohttp
from yarl import URL

from bot.origami.errors import Unavailable, Unreachable

FAILURES = (aiohttp.ClientError, OSError)
"""Everything that a request can raise for want of an answer."""

KEEPALIVE_SECONDS = 20.0
"""Shorter than what load balancers allow (60 s and up): a POST must not meet a connection about to close."""

_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)


class Answered(NamedTuple):
    """An answer's status, headers (in any case) and body, which is None where it is beyond the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


class Http:
    """A client for all workspaces together: it follows no redirect and keeps no cookie; `aclose()` closes it.

    It may be made outside of an event loop.
    """

    def __init__(
        self, *, timeout_seconds: float, connect_seconds: float, max_connections: int, user_agent: str
    ) -> None:
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=timeout_seconds, sock_connect=connect_seconds, sock_read=timeout_seconds
        )
        self._max_connections = max_connections
        self._headers = {"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        self._made: aiohttp.ClientSession | None = None

    async def exchange(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None, most_bytes: int
    ) -> Answered:
        """Send one request and read its answer. Raises one of FAILURES."""
        async with self._session().request(
            method,
            _url(url),
            headers=headers,
            data=content or None,
            allow_redirects=False,
            timeout=self._timeout,
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > most_bytes:
                    return Answered(response.status, response.headers, None)
            return Answered(response.status, response.headers, bytes(body))

    def _session(self) -> aiohttp.ClientSession:
        if self._made is None:
            connector = aiohttp.TCPConnector(limit=self._max_connections, keepalive_timeout=KEEPALIVE_SECONDS)
            # Workspaces share the connections: a cookie set for one must never be sent for another.
            self._made = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers=self._headers
            )
        return self._made

    async def aclose(self) -> None:
        """Close every connection."""
        if self._made is not None:
            await self._made.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _url(url: str) -> URL:
    """What stands in it is quoted already: to have it quoted again costs a tenth of a poll."""
    try:
        made = URL(url, encoded=True)
        made.port  # noqa: B018  (looked at only now, and refused if it is none)
    except ValueError as error:
        raise aiohttp.InvalidURL(url) from error
    return made


def http_client(
    *,
    timeout_seconds: float = 20.0,
    connect_seconds: float = 5.0,
    max_connections: int = 400,
    user_agent: str = "origami-slack",
) -> Http:
    """A client; `timeout_seconds` bounds each wait for data, and for a free connection."""
    return Http(
        timeout_seconds=timeout_seconds,
        connect_seconds=connect_seconds,
        max_connections=max_connections,
        user_agent=user_agent,
    )


def unavailable(failure: BaseException) -> Unavailable:
    """What a failed request means: Unreachable if it was certainly not sent, else Unavailable.

    The message names the failure's class only: aiohttp's own texts can carry the request's headers.
    """
    kind = Unreachable if isinstance(failure, _NEVER_SENT) else Unavailable
    return kind(f"no answer ({type(failure).__name__})")
