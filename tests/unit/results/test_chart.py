"""The picture of a funnel, and its way into Slack."""

import asyncio
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from slack_sdk.errors import SlackApiError

from bot.results.chart import BAR, CORNER, MARGIN, MOST_KEPT, TRACK, WIDTH, Charts, funnel

STAGES = [("Found", 198), ("Left", 150), ("Qualified", 10)]


def opened(content):
    return Image.open(io.BytesIO(content))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=60), st.integers(0, 2**31 - 1)), min_size=1, max_size=5))
def test_any_numbers_make_a_small_picture(stages):
    content = funnel(stages)
    image = opened(content)
    assert (image.format, image.width) == ("PNG", WIDTH)
    assert 60 < image.height < 500
    assert len(content) <= 40_000


def test_bars_are_as_long_as_their_numbers():
    image = opened(funnel([("All", 100), ("Half", 50), ("None", 0)])).convert("RGB")
    room, track = WIDTH - 2 * MARGIN, tuple(bytes.fromhex(TRACK[1:]))

    def filled(row):
        middle = MARGIN + 76 * row + 32 + BAR // 2
        pixels = [image.getpixel((x, middle)) for x in range(MARGIN + CORNER, WIDTH - MARGIN - CORNER)]
        return sum(pixel != track for pixel in pixels) / room

    assert [round(filled(row), 1) for row in range(3)] == [1.0, 0.5, 0.0]


class Slack:
    """Stands where Slack's client stands."""

    def __init__(self, error=None):
        self.error, self.uploads = error, []

    async def files_upload_v2(self, **upload):
        await asyncio.sleep(0)
        self.uploads.append(upload)
        if self.error:
            raise self.error
        return {"files": [{"id": f"F{len(self.uploads)}"}]}


async def test_ten_clicks_at_once_upload_one_picture():
    charts, slack = Charts(), Slack()
    found = await asyncio.gather(*(charts.file_id(slack, "run-1", STAGES) for _ in range(10)))
    assert found == ["F1"] * 10
    assert len(slack.uploads) == 1
    assert "channel" not in slack.uploads[0]
    assert opened(slack.uploads[0]["file"]).format == "PNG"


async def test_other_numbers_and_other_runs_have_pictures_of_their_own():
    charts, slack = Charts(), Slack()
    assert await charts.file_id(slack, "run-1", STAGES) == "F1"
    assert await charts.file_id(slack, "run-1", STAGES[:2]) == "F2"
    assert await charts.file_id(slack, "run-2", STAGES) == "F3"
    charts.forget("run-1", STAGES)
    assert await charts.file_id(slack, "run-1", STAGES) == "F4"


@pytest.mark.parametrize(
    "error", [SlackApiError("no", {"ok": False, "error": "missing_scope"}), TimeoutError(), OSError()]
)
async def test_a_picture_that_slack_will_not_have_is_tried_again_when_it_is_asked_for_again(error):
    charts, slack = Charts(), Slack(error)
    assert await charts.file_id(slack, "run-1", STAGES) is None
    slack.error = None
    assert await charts.file_id(slack, "run-1", STAGES) == "F2"


async def test_old_pictures_are_forgotten():
    charts, slack = Charts(), Slack()
    for number in range(3):
        await charts.file_id(slack, "run-1", [("Found", number)])
    charts._uploads |= {(f"run-{n}", ()): charts._uploads["run-1", (("Found", 0),)] for n in range(MOST_KEPT)}
    await charts.file_id(slack, "run-1", STAGES)
    assert len(charts._uploads) == MOST_KEPT
