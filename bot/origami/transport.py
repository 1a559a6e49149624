"""The shared HTTP client, and what its failures mean.

aiohttp underneath httpx: a quarter to a seventh of the CPU of httpx's own transport. Two things need care. It
reports a connection that breaks after the request went out as httpx.ConnectTimeout, so the aiohttp exception
behind it decides. And it lets some of aiohttp's exceptions through as they are.

`Http.ask` hands httpx's request to the transport as it is: half the CPU of `AsyncClient.send`, whose
redirects, cookies and authentication nobody needs here.
"""

import ssl
from collections.abc import Callable, Mapping
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import AiohttpResponseStream, map_aiohttp_exceptions
from multidict import CIMultiDict
from yarl import URL

from bot.origami.errors import Unavailable, Unreachable

FAILURES = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError)
"""Everything that a request can raise for want of an answer."""

KEEPALIVE_SECONDS = 20.0
"""Shorter than what load balancers allow (60 s and up): a POST must not meet a connection about to close."""

Heard = Callable[[httpx.Response], None]

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


class Http(httpx.AsyncClient):
    """A client for all workspaces together: it follows no redirect and keeps no cookie.

    It may be made outside of an event loop. Close it with `aclose()`.
    """

    def __init__(
        self, *, timeout: httpx.Timeout, limits: httpx.Limits, user_agent: str, heard: Heard | None
    ) -> None:
        self._straight = _Transport(timeout=timeout, limits=limits)
        headers = {"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        super().__init__(
            transport=self._straight,
            timeout=timeout,
            headers=headers,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
        )
        self._headers_of_all = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._heard = heard

    async def ask(
        self, method: str, base_url: str, target: str, *, headers: dict[str, str], content: bytes
    ) -> httpx.Response:
        """Send one request; the answer is still to be read, and closed.

        `target` is the path and query below the address, quoted as they go out. Raises one of FAILURES.
        """
        base = _address(base_url)
        raw = self._headers_of_all + [(name.encode(), value.encode()) for name, value in headers.items()]
        whole = base.raw_path.rstrip(b"/") + target.encode()
        request = httpx.Request(
            method, base, headers=raw, stream=httpx.ByteStream(content), extensions={"target": whole}
        )
        response = await self._straight.handle_async_request(request)
        if self._heard is not None:
            self._heard(response)
        return response


def http_client(
    *,
    timeout_seconds: float = 20.0,
    connect_seconds: float = 5.0,
    max_connections: int = 400,
    user_agent: str = "origami-slack",
    heard: Heard | None = None,
) -> Http:
    """A client; `timeout_seconds` bounds each wait for data, and for a free connection.

    `heard` is told of each answer before it is read.
    """
    return Http(
        timeout=httpx.Timeout(timeout_seconds, connect=connect_seconds),
        limits=httpx.Limits(max_connections=max_connections, keepalive_expiry=KEEPALIVE_SECONDS),
        user_agent=user_agent,
        heard=heard,
    )


async def body_of(response: httpx.Response, *, most_bytes: int) -> bytes | None:
    """The body, decompressed, or None where it is longer; closes the answer. Raises one of FAILURES."""
    try:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        is_encoded = "content-encoding" in response.headers
        chunks = response.aiter_bytes() if is_encoded else aiter(response.stream)
        content = bytearray()
        async for chunk in chunks:
            content += chunk
            if len(content) > most_bytes:
                return None
        return bytes(content)
    finally:
        await response.aclose()


@lru_cache(maxsize=16)
def _address(base_url: str) -> httpx.URL:
    """Parsing an address costs a tenth of a poll."""
    return httpx.URL(base_url)


def unavailable(failure: BaseException) -> Unavailable:
    """What a failed request means: Unreachable if it was certainly not sent, else Unavailable.

    The message names the failure's class only: aiohttp's own texts can carry the request's headers.
    """
    behind = failure.__cause__
    origin = behind if isinstance(behind, aiohttp.ClientError) else failure
    kind = Unreachable if isinstance(origin, _NEVER_SENT) else Unavailable
    return kind(f"no answer ({type(origin).__name__})")


class _Transport(AiohttpTransport):
    """The same with less ado for each request.

    Workspaces share the connections, so a cookie set for one must never be sent for another. Which
    certificates are good the machine says, as on the way to Slack: aiohttp has read them already.
    """

    def __init__(self, *, timeout: httpx.Timeout, limits: httpx.Limits) -> None:
        super().__init__(limits=limits, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self._timeout = _aiohttp_timeout(timeout.as_dict())

    def get_client(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self.limits.max_connections or 0,
            keepalive_timeout=self.limits.keepalive_expiry or KEEPALIVE_SECONDS,
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not isinstance(self.client, aiohttp.ClientSession):
            self.client = self.get_client()
        timeout = request.extensions.get("timeout")
        headers = CIMultiDict([(name.decode(), value.decode()) for name, value in request.headers.raw])
        with map_aiohttp_exceptions():
            response = await self.client.request(
                request.method,
                _url(request),
                headers=headers,
                data=request.read() or None,
                allow_redirects=False,
                auto_decompress=False,
                timeout=self._timeout if timeout is None else _aiohttp_timeout(timeout),
            )
        return httpx.Response(
            response.status,
            headers=response.raw_headers,
            stream=AiohttpResponseStream(response),
            request=request,
        )


def _aiohttp_timeout(timeout: Mapping[str, float | None]) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        connect=timeout.get("pool"), sock_connect=timeout.get("connect"), sock_read=timeout.get("read")
    )


def _url(request: httpx.Request) -> URL:
    """The address as httpx has quoted it, or with the path and query of its extension `target`."""
    url, target = request.url, request.extensions.get("target")
    whole = (
        str(url) if target is None else f"{url.scheme}://{url.netloc.decode('ascii')}{target.decode('ascii')}"
    )
    try:
        found = URL(whole, encoded=True)
        found.port  # noqa: B018  (an impossible one shows itself only here)
    except ValueError as error:
        raise aiohttp.InvalidURL(whole) from error
    return found
