"""What people have shared in Slack, fetched with the bot's token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from bot.deliveries.errors import NotSentError, RateLimitedError, TokenDeadError, UncertainError, decide
from bot.features import ATTACHMENTS
from bot.grants import may
from bot.runs.attachments import FileLaterError, FileRefusedError

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.deliveries.slack import Clients
    from storage.records import Workspace

DOWNLOAD_SECONDS = 30.0
"""Ours, for up to 10 MB: within a run's lease, which is renewed before and after."""
CHUNK_BYTES = 64 * 1024
NOT_ALLOWED = frozenset({"missing_scope", "access_denied", "no_permission", "not_allowed_token_type"})


@dataclass(frozen=True, slots=True)
class SlackFiles:
    """Files by their Slack ids, in a workspace's name."""

    clients: Clients
    http: aiohttp.ClientSession

    async def fetch(self, workspace: Workspace, file_id: str, *, limit: int) -> bytes:
        """A file's content, of at most ``limit`` bytes. Raises FileRefusedError and FileLaterError."""
        try:
            client = await self.clients(workspace)
        except TokenDeadError as error:
            raise FileRefusedError("FILE_NOT_ALLOWED") from error
        if not may(client, ATTACHMENTS):
            raise FileRefusedError("FILE_NOT_ALLOWED", error="missing_scope")
        file = await _info(client, file_id)
        name, size = str(file.get("name") or ""), file.get("size")
        url = str(file.get("url_private_download") or file.get("url_private") or "")
        if isinstance(size, int) and size > limit:
            raise FileRefusedError("FILE_TOO_LARGE", name=name)
        if not _is_of(client.base_url, url):
            # A file that stands with somebody else (Google Drive …): the token must not go there.
            raise FileRefusedError("FILE_GONE", name=name)
        headers = {"Authorization": f"Bearer {client.token}"}
        timeout = aiohttp.ClientTimeout(total=DOWNLOAD_SECONDS)
        try:
            async with self.http.get(url, headers=headers, allow_redirects=False, timeout=timeout) as answer:
                return await _content(answer, name, limit)
        except (aiohttp.ClientError, OSError) as error:
            raise FileLaterError(type(error).__name__) from error


async def _info(client: AsyncWebClient, file_id: str) -> dict[str, Any]:
    try:
        answer = await client.files_info(file=file_id)
    except Exception as raised:
        error = decide(raised)
        if isinstance(error, UncertainError | NotSentError | RateLimitedError):
            raise FileLaterError(error.code, retry_after=error.retry_after) from raised
        not_allowed = isinstance(error, TokenDeadError) or error.code in NOT_ALLOWED
        code = "FILE_NOT_ALLOWED" if not_allowed else "FILE_GONE"
        raise FileRefusedError(code, error=error.code) from raised
    found = answer.get("file")
    return found if isinstance(found, dict) else {}


async def _content(answer: aiohttp.ClientResponse, name: str, limit: int) -> bytes:
    if answer.status >= 500 or answer.status == 429:
        raise FileLaterError(f"http_{answer.status}")
    if answer.status in {404, 410}:
        raise FileRefusedError("FILE_GONE", name=name)
    if answer.status != 200 or answer.content_type == "text/html":
        # Slack shows whoever may not read a file its page to sign in; no HTML of people's is taken.
        raise FileRefusedError("FILE_NOT_ALLOWED", name=name)
    content = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
        content += chunk
        if len(content) > limit:
            raise FileRefusedError("FILE_TOO_LARGE", name=name)
    return bytes(content)


def _is_of(api: str, url: str) -> bool:
    """Whether an address is of the Slack whose API we call (``slack.com``, ``files.slack.com``)."""
    try:
        # Read as aiohttp will read them: two parsers may differ about where an address leads.
        ours, theirs = URL(api), URL(url)
    except ValueError:
        return False
    host, asked = ours.host or "", theirs.host or ""
    return bool(host) and theirs.scheme == ours.scheme and (asked == host or asked.endswith(f".{host}"))
