"""Killed at each kind of point, one process or one of many: nothing is lost, nothing comes twice.

``make chaos`` kills at every single point.
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

import pytest

from tests.crash.lives import LIVES
from tests.crash.stage import WAYS, Way
from tests.crash.sweep import Sweep, dealt, one_of_each_name

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crash.databases import Databases

KILLS_A_LIFE = 10
OWN = {
    "stop": ("stop", "cancel"),
    "export": ("export", "making", "/tables/", "files"),
    "occurrence": ("occurrences", "users.info"),
    "upload": ("take_up", "hand_over", "documents", "download", "files.info"),
    "shared": ("show.", "_hold", "conversations.info", "conversations.open"),
}
"""What of a shorter life the longest one has not."""
SHARED = [way for way in WAYS if way.workers > 1]
STEPS = {
    "question": (
        "accept.* commit",
        "submit._send commit",
        "POST /agents",
        "submit._admitted commit",
        "chat.postMessage",
        "chat.update",
        "claiming.claim commit",
        "standing._* commit",
        "GET /agents/[*]/runs/[*]",
        "finish.* commit",
        "answer.* commit",
        "GET /tables/[*]/rows",
        "found._* commit",
        "POST /agents/[*]/runs",
    ),
    "stop": ("stop.* commit", "POST /agents/[*]/cancel"),
    "export": (
        "exports.accept commit",
        "GET /tables/[*]",
        "GET /tables/[*]/rows",
        "files.getUploadURLExternal",
        "files._keep commit",
        "files.completeUploadExternal",
        "making._end commit",
    ),
    "occurrence": ("occurrences.claim commit", "users.info", "occurrences._fire commit"),
    "upload": (
        "take_up.take_up commit",
        "files.info",
        "download",
        "POST /workspaces/[*]/documents",
        "hand_over.* commit",
    ),
    "shared": ("conversations.info", "sender._hold commit", "conversations.open", "show.show commit"),
}
"""What must be among the points, or the kills would prove less than they say."""


async def planned(here: Sweep, life: str) -> list[str]:
    """One point of each kind; of the shorter lives only those that the longest one has not."""
    points = one_of_each_name(await here.points(life))
    return [point for point in points if life == "question" or any(word in point for word in OWN[life])]


async def kill_at(here: Sweep, life: str, points: list[str]) -> None:
    swept = await here.all(life, dealt(points, KILLS_A_LIFE))
    assert not swept.failures, "\n".join(swept.failures.values())
    assert not swept.tally.broken
    # A point that a shared life came to only because of its timing may be missed; most may not.
    assert len(swept.killed_at) >= 0.8 * len(points)


@pytest.mark.parametrize("life", LIVES)
async def test_one_process_killed_at_each_kind_of_point_keeps_every_promise(
    life: str, made: Databases, tmp_path: Path
) -> None:
    here = Sweep(WAYS[0], made, tmp_path)
    points = await planned(here, life)
    for step in STEPS[life]:
        assert fnmatch.filter(points, f"{step}:before#1"), f"{step} is not among {points}"
        assert fnmatch.filter(points, f"{step}:after#1"), f"{step} is not among {points}"
    await kill_at(here, life, points)


@pytest.mark.parametrize("way", SHARED, ids=lambda way: f"{way.workers} workers")
async def test_workers_killed_at_their_share_of_the_kinds_of_points_keep_every_promise(
    way: Way, made: Databases, tmp_path: Path
) -> None:
    here = Sweep(way, made, tmp_path)
    turn = SHARED.index(way)
    await kill_at(here, "question", (await planned(here, "question"))[turn :: len(SHARED)])
