"""What Slack sends twice, or people click twice, has one effect, also where the process dies in between."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.local_slack import Fault
from tests.crash.stage import WAYS, Way, staged
from tests.crash.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.crash.databases import Databases
    from tests.crash.stage import Stage

ONE, MANY = WAYS[0], WAYS[2]
SIDES = ("before", "after")


async def question(stage: Stage, *, clickers: Sequence[str], times: int = 1) -> None:
    """A question that several people answer at once, each so many times."""
    brief = await stage.type("find 3 dentists in Leeds [one question]")
    asked = await stage.ending(brief)
    brief.clicked = True
    answers = dict(zip(clickers, ("Private only", "Public and private"), strict=False))
    clicks = [stage.click(brief, asked, answers[who], who=who) for who in clickers for _ in range(times)]
    await asyncio.gather(*clicks)
    await stage.ending(brief, 2)
    await stage.settled()


def counted_once(stage: Stage) -> None:
    tally = Tally.of(stage)
    assert not tally.broken, "\n".join([*tally.stories, stage.logs()])
    assert len(stage.books.winners()) == 1
    assert [run.prompt for run in stage.origami.runs][1:] == stage.books.winners()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("way", [ONE, MANY], ids=lambda way: way.name)
async def test_clicks_of_two_people_at_once_have_one_winner_though_the_process_dies(
    way: Way, side: str, made: Databases, tmp_path: Path
) -> None:
    kill_at = frozenset({f"answer._choose_alone commit:{side}#1"})
    url = await made.fresh(way.database, tmp_path)
    async with staged(way, url, tmp_path, kill_at=kill_at) as stage:
        await question(stage, clickers=("rep", "colleague"))
        assert len(stage.fleet.deaths) == 1
        counted_once(stage)


@pytest.mark.parametrize("way", [ONE, MANY], ids=lambda way: way.name)
async def test_a_double_click_and_everything_that_slack_delivers_twice_counts_once(
    way: Way, made: Databases, tmp_path: Path
) -> None:
    url = await made.fresh(way.database, tmp_path)
    async with staged(way, url, tmp_path) as stage:
        for kind in ("slash_commands", "interactive", "events_api"):
            stage.slack.faults.add(Fault(kind="duplicate", method=f"delivery:{kind}", times=None))
        await question(stage, clickers=("rep",), times=2)
        counted_once(stage)


@pytest.mark.parametrize(("way", "side"), [(ONE, "after"), (MANY, "before")], ids=SIDES[::-1])
async def test_a_mention_whose_first_delivery_died_half_way_is_finished_by_its_redelivery(
    way: Way, side: str, made: Databases, tmp_path: Path
) -> None:
    kill_at = frozenset({f"hear.* commit:{side}#1"})
    url = await made.fresh(way.database, tmp_path)
    # Slack comes back after moments, a minute and five minutes; here a hundred times as soon.
    async with staged(way, url, tmp_path, kill_at=kill_at, slack_speed=100) as stage:
        said = stage.slack.person("rep").say("#leads", "@Origami find 3 founders in Austin")

        def below() -> list[str]:
            return [message.text for message in stage.slack.thread(said) if message.bot_id]

        await stage.until(lambda: len(below()) >= 3, "an opening, an answer and a preview below the mention")
        await stage.until(lambda: stage.slack.core.dispatcher.idle, "the last redelivery")
        await stage.settled()
        assert len(stage.fleet.deaths) == 1
        assert len(below()) == 3, below()
        assert stage.origami.count_admitted_runs() == 1
