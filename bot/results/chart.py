"""A small picture of a table's funnel, and its way into Slack."""

from __future__ import annotations

import asyncio
import io
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.features import FILES
from bot.grants import may

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slack_sdk.web.async_client import AsyncWebClient

log = structlog.get_logger(__name__)

Stage = tuple[str, int]
"""What it is called, and how many leads are left there."""

WIDTH = 720
MARGIN = 28
ROW = 76
BAR = 30
CORNER = 8
PAPER, INK, TRACK = "#ffffff", "#1d1c1d", "#eceaf4"
BARS = ("#26215b", "#4a43a0", "#7a72d0")
"""Its own background: Slack shows pictures as they are, in the light and in the dark."""
LABEL_SIZE = 20
MOST_KEPT = 500


def funnel(stages: Sequence[Stage]) -> bytes:
    """Draw a bar for each stage, as a PNG of 720 pixels' width; the widest bar is the fullest stage."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - 4 MB for those who look at a funnel

    image = Image.new("RGB", (WIDTH, 2 * MARGIN + ROW * len(stages) - (ROW - BAR - 32)), PAPER)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=LABEL_SIZE)
    most = max((number for _, number in stages), default=0)
    room = WIDTH - 2 * MARGIN
    for place, (label, number) in enumerate(stages):
        top = MARGIN + ROW * place
        draw.text((MARGIN, top), label, fill=INK, font=font)
        draw.text((WIDTH - MARGIN, top), f"{number:,}", fill=INK, font=font, anchor="ra")
        bar = top + 32
        draw.rounded_rectangle((MARGIN, bar, WIDTH - MARGIN, bar + BAR), CORNER, fill=TRACK)
        if number > 0:
            length = max(round(room * number / most), 2 * CORNER)
            colour = BARS[place % len(BARS)]
            draw.rounded_rectangle((MARGIN, bar, MARGIN + length, bar + BAR), CORNER, fill=colour)
    out = io.BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


@dataclass(slots=True)
class _Upload:
    file_id: str | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Charts:
    """Uploads each picture once, in this process; they are shared nowhere but in the views that show them."""

    _uploads: OrderedDict[tuple[str, tuple[Stage, ...]], _Upload] = field(default_factory=OrderedDict)

    async def file_id(self, client: AsyncWebClient, run_id: str, stages: Sequence[Stage]) -> str | None:
        """Slack's id of the picture, uploaded now where it is not yet; None where Slack will not have it."""
        if not may(client, FILES):
            return None
        key = (run_id, tuple(stages))
        upload = self._uploads.setdefault(key, _Upload())
        while len(self._uploads) > MOST_KEPT:
            self._uploads.popitem(last=False)
        async with upload.turn:
            if upload.file_id is None:
                upload.file_id = await _uploaded(client, await asyncio.to_thread(funnel, key[1]))
        return upload.file_id

    def forget(self, run_id: str, stages: Sequence[Stage]) -> None:
        """Slack does not show it: somebody may have deleted it."""
        self._uploads.pop((run_id, tuple(stages)), None)


async def _uploaded(client: AsyncWebClient, picture: bytes) -> str | None:
    try:
        # Without a channel it is shared with nobody, and the view may show it all the same.
        answer = await client.files_upload_v2(filename="funnel.png", file=picture, title="Lead funnel")
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("chart.not_uploaded", error=_code(error))
        return None
    return str(answer["files"][0]["id"])


def _code(error: Exception) -> str:
    """Slack's own code; an upload's address in an error's message would be a secret in the log."""
    code = error.response.get("error") if isinstance(error, SlackApiError) else None
    return str(code or type(error).__name__)
