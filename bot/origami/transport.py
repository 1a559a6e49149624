"""The shared HTTP client, and what its failures mean.

aiohttp underneath httpx: a quarter to a seventh of the CPU of httpx's own transport. Two things need care. It
reports a connection that breaks after the request went out as httpx.ConnectTimeout, so the aiohttp exception
behind it decides. And it lets some of aiohttp's exceptions through as they are.
"""

from http.cookiejar import CookieJar, DefaultCookiePolicy

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from bot.origami.errors import Unavailable, Unreachable

FAILURES = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError)
"""Everything that a request can raise for want of an answer."""

KEEPALIVE_SECONDS = 20.0
"""Shorter than what load balancers allow (60 s and up): a POST must not meet a connection about to close."""

_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
)


def http_client(
    *,
    timeout_seconds: float = 20.0,
    connect_seconds: float = 5.0,
    max_connections: int = 200,
    user_agent: str = "origami-slack",
) -> httpx.AsyncClient:
    """A client for all workspaces together: it follows no redirect and keeps no cookie.

    `timeout_seconds` bounds each wait for data, and for a free connection. Close it with `aclose()`.
    """
    limits = httpx.Limits(max_connections=max_connections, keepalive_expiry=KEEPALIVE_SECONDS)
    return httpx.AsyncClient(
        transport=_Transport(limits=limits),
        timeout=httpx.Timeout(timeout_seconds, connect=connect_seconds),
        headers={"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
    )


def unavailable(failure: BaseException) -> Unavailable:
    """What a failed request means: Unreachable if it was certainly not sent, else Unavailable.

    The message names the failure's class only: aiohttp's own texts can carry the request's headers.
    """
    behind = failure.__cause__
    origin = behind if isinstance(behind, aiohttp.ClientError) else failure
    kind = Unreachable if isinstance(origin, _NEVER_SENT) else Unavailable
    return kind(f"no answer ({type(origin).__name__})")


class _Transport(AiohttpTransport):
    """Workspaces share the connections, so a cookie set for one must never be sent for another."""

    def get_client(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self.limits.max_connections or 0,
            keepalive_timeout=self.limits.keepalive_expiry or KEEPALIVE_SECONDS,
            ssl=self.ssl_context,
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
