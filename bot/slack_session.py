"""The connections to Slack: what answers may be as long, as slow and lead as far as we say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from types import SimpleNamespace

ANSWER_BYTES = 16 * 2**20
"""Ours: a page of a thousand people is under two."""


class RedirectedError(aiohttp.ClientError):
    """Slack's API leads nowhere else: whoever says so is not to hear what we say."""


class TooLongError(aiohttp.ClientError):
    """An answer of more than ANSWER_BYTES is no answer."""


def shared_session(timeout_seconds: float) -> aiohttp.ClientSession:
    """One pool of connections to Slack for the whole process.

    Its time-out is the one that counts: the SDK's own applies only to sessions that the SDK makes,
    and aiohttp's default is five minutes. It serves many workspaces, so it keeps no cookies.
    """
    watching = aiohttp.TraceConfig()
    watching.on_request_redirect.append(_refuse)
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=timeout_seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
        response_class=_Bounded,
        trace_configs=[watching],
    )


class _Bounded(aiohttp.ClientResponse):
    """An answer that is let go where it is longer than ANSWER_BYTES, once decompressed."""

    async def read(self) -> bytes:
        """Read all of it. Raises TooLongError."""
        if self._body is None:
            body = bytearray()
            async for chunk in self.content.iter_any():
                body += chunk
                if len(body) > ANSWER_BYTES:
                    self.close()
                    raise TooLongError(f"more than {ANSWER_BYTES:,} bytes")
            self._body = bytes(body)
        return await super().read()


async def _refuse(
    _session: aiohttp.ClientSession,
    _context: SimpleNamespace,
    redirect: aiohttp.TraceRequestRedirectParams,
) -> None:
    redirect.response.close()
    # Where it would have led may be an address that is a secret.
    raise RedirectedError(f"redirected with status {redirect.response.status}")
