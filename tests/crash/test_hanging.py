"""A worker that hangs for longer than its lease, and wakes when another has done its work, undoes nothing."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.crash.stage import WAYS, staged

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crash.databases import Databases

POINTS = (
    "sender.claim commit:after#1",
    "submit.claim commit:after#1",
    "submit._send commit:after#1",
    "POST /agents:after#1",
    "poll.claim commit:after#1",
    "GET /agents/[*]/runs/[*]:after#1",
    "chat.postMessage:after#1",
)


@pytest.mark.parametrize("point", POINTS)
async def test_what_a_hanging_worker_held_is_done_by_another_and_only_once(
    point: str, made: Databases, tmp_path: Path
) -> None:
    way = WAYS[2]
    url = await made.fresh(way.database, tmp_path)
    async with staged(way, url, tmp_path, hang_at=frozenset({point}), buries=False) as stage:
        workers = stage.fleet.children

        def hanging() -> list[str]:
            return [name for name, child in workers.items() if child.hangs]

        outcome = await stage.slack.person("rep").command("#leads", "/origami find 3 founders in Austin")
        assert outcome.ok
        await stage.until(hanging, f"a worker at {point}")
        [name] = hanging()
        # Its lease ends, as it would after a minute.
        stage.books.bury([child.owner or "" for other, child in workers.items() if other != name])
        channel = stage.slack.channel("#leads")

        def thread() -> list[str]:
            return [one.text for one in stage.slack.thread(channel.messages[0])] if channel.messages else []

        await stage.until(lambda: len(thread()) >= 2, "an opening and an answer by another worker")
        await stage.settled()
        log = tmp_path / f"{name}.log"
        written, reached = log.read_text(), len(stage.points.reached())
        workers[name].signal(signal.SIGCONT)
        await stage.until(
            lambda: log.read_text() != written or len(stage.points.reached()) > reached, "the worker awake"
        )
        await stage.fleet.stop(gently=True)
        assert len(channel.messages) == 1
        assert len(thread()) == 2, thread()
        assert stage.origami.count_admitted_runs() == 1
        assert stage.books.open_work() == []
