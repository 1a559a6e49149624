"""A release is replaced while runs are in flight: none is lost, none is doubled."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.local_origami import LocalOrigami, LocalOrigamiSettings
from bot.sandbox.local_slack import LocalSlack
from storage import schema
from storage.database import Database
from tests.crash.books import Books
from tests.crash.stage import FOLLOW_UP
from tests.end_to_end.conftest import ACK_SECONDS, PACE, Stage, is_preview, registered_app, shown
from tests.upgrade import releases
from tests.upgrade.standing import Outside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.local_slack import Message

SETTINGS = LocalOrigamiSettings(
    retry_after_seconds=0.1,
    step_seconds=0.03,
    plan="enterprise",
    requests_per_minute=10_000,
    requests_per_minute_and_address=10_000,
)
FOLLOWS = "mark-13"
"""Stands in the thread of mark-07."""
PATIENCE = 300


@dataclass(frozen=True, slots=True)
class Left:
    """What a release left, and how many runs there must be at Origami in the end."""

    outside: Outside
    marks: frozenset[str]
    runs: int

    def at(self, db: Database) -> Left:
        """The same, in another database."""
        return replace(self, outside=replace(self.outside, db=db))


@contextlib.asynccontextmanager
async def between(database_url: str) -> AsyncIterator[Stage]:
    """Slack and Origami, and a bot that has not started yet."""
    slack = LocalSlack(registered_app("socket"), rate_limits="off", ack_seconds=ACK_SECONDS)
    async with slack, LocalOrigami(SETTINGS) as origami:
        stage = Stage(slack, origami, "socket", database_url, replace(PACE, minute=60.0))
        try:
            yield stage
        finally:
            await stage.stop()


async def left_by(release: str, stage: Stage, db: Database) -> Left:
    outside = Outside(stage.slack, stage.origami, db)
    await outside.stand()
    if release >= "0003":
        await outside.use_a_table()
    prompts = [row.prompt for row in await outside.read("SELECT prompt FROM runs")]
    if release >= "0003":
        prompts += [row.prompt for row in await outside.read("SELECT prompt FROM schedules")]
    return Left(outside, frozenset(prompt.split("mark-")[1][:2] for prompt in prompts), len(prompts))


async def all_end_well(stage: Stage, left: Left) -> None:
    """Every run has come to its end, with one opening and one completion message, and ran at Origami once."""
    with Books(stage.database_url) as books:
        done = lambda: not books.open_work() and stage.origami.count_admitted_runs() == left.runs  # noqa: E731
        try:
            await stage.slack.until(done, PATIENCE)
        except TimeoutError:
            raise AssertionError(f"{books.open_work()}, {stage.origami.count_admitted_runs()} runs") from None
    statuses = {
        row.prompt.split("mark-")[1][:2]: row.status
        for row in await left.outside.read("SELECT prompt, status FROM runs")
    }
    assert statuses == {
        mark: {"09": "cancelled", "10": "needs_input"}.get(mark, "completed") for mark in left.marks
    }
    openings = [one for one in stage.slack.channel("#leads").messages if not one.is_reply]
    assert sorted(mark for one in openings for mark in left.marks if f"mark-{mark}" in shown(one)) == sorted(
        left.marks - {"13"}
    )
    for opening in openings:
        ends = 2 if "mark-07" in shown(opening) else 1
        assert len(endings(stage, opening)) == ends, [one.text for one in stage.slack.thread(opening)]


def endings(stage: Stage, opening: Message) -> list[Message]:
    below = [one for one in stage.slack.thread(opening)[1:] if not one.files and not is_preview(one)]
    return [one for one in below if FOLLOW_UP not in one.text and not one.text.startswith("opening of")]


@pytest.mark.parametrize("release", releases.releases())
async def test_runs_in_flight_come_to_their_end_after_an_upgrade(release: str, empty_url: str) -> None:
    db = Database(empty_url)
    try:
        async with between(empty_url) as stage:
            await releases.make(db, release)
            left = await left_by(release, stage, db)
            if not db.is_sqlite:
                await schema.upgrade(db)
            await stage.start()
            await all_end_well(stage, left)
    finally:
        await db.close()


async def test_what_an_earlier_release_writes_into_the_newest_schema_comes_to_its_end(empty_url: str) -> None:
    """In a rolling upgrade the old release goes on for a while beside the new one."""
    oldest = releases.releases()[0]
    db = Database(empty_url)
    try:
        async with between(empty_url) as stage:
            await schema.upgrade(db)
            await releases.fill(db, oldest)
            left = await left_by(oldest, stage, db)
            await stage.start()
            await all_end_well(stage, left)
    finally:
        await db.close()


async def test_a_thread_of_an_earlier_release_goes_on(empty_sqlite_url: str) -> None:
    db = Database(empty_sqlite_url)
    oldest = releases.releases()[0]
    try:
        async with between(empty_sqlite_url) as stage:
            await releases.make(db, oldest)
            left = await left_by(oldest, stage, db)
            await stage.start()
            await all_end_well(stage, left)
            asked = "mark-10"
            [opening] = [one for one in stage.slack.channel("#leads").messages if asked in shown(one)]
            stage.slack.person("rep").say("#leads", "Private only", thread_ts=opening.ts)
            # What the rep said stands below the opening too.
            await stage.slack.until(lambda: len(endings(stage, opening)) == 3, PATIENCE)
            assert stage.origami.count_admitted_runs() == left.runs + 1
    finally:
        await db.close()
