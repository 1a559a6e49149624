"""How long the largest result takes from Origami's JSON to Slack's: meanwhile nothing else runs."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import orjson

from bot import views
from bot.origami import Run as Result
from tests.benchmarks.machine import core_of_bots, keep_to
from tests.benchmarks.report import Row, at_most, main
from tests.unit.views.samples import (
    a_finished_run,
    a_question,
    a_result,
    a_table,
    a_thread,
    an_action,
    choices_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = 9
PARAGRAPH = (
    "## Part {0}\n\nI found **{0} founders** and left [those](https://example.com/{0}) who `raised`:\n\n"
    "- one with a _work email_\n- two without, see https://example.com/people/{0}\n\n"
    "| name | city | raised |\n|---|---|---|\n| Ana | Austin | 2024 |\n| Bo | Dallas | 2025 |\n\n"
)
PARAGRAPHS, TABLES, ACTIONS, QUESTIONS, ANSWERS = 1_000, 100, 1_000, 20, 20


def largest() -> bytes:
    """More of everything than Origami has ever been seen to send: what we keep of it is bounded."""
    result = a_result(
        "needs_input",
        text="".join(PARAGRAPH.format(number) for number in range(PARAGRAPHS)),
        tables=[a_table(f"Table {number}", number, f"t{number}") for number in range(TABLES)],
        actions=[an_action(leadCount=number) for number in range(ACTIONS)],
        questions=[
            a_question(f"Question {number}?", *(f"Answer {answer}" for answer in range(ANSWERS)))
            for number in range(QUESTIONS)
        ],
        next_actions=[{"label": f"Find more of {number}"} for number in range(ANSWERS)],
    )
    return orjson.dumps(result.model_dump(mode="json", by_alias=True))


async def measure() -> list[Row]:
    """Reading and rendering, each by itself."""
    keep_to(core_of_bots())
    raw = largest()

    def read() -> Result:
        return Result.read(orjson.loads(raw)).bounded()

    result, run = read(), a_finished_run("needs_input")
    offered = choices_of(run, result)

    def render() -> bytes:
        messages = views.answer(run, thread=a_thread(), result=result, choices=offered)
        return orjson.dumps([[message.text, list(message.blocks)] for message in messages])

    case = f"{len(raw) / 2**20:.1f} MB of JSON"
    rows = []
    for what, work in (("read and bounded", read), ("rendered", render)):
        took = _middle(work)
        rows.append(Row("render", case, f"ours, {what}", "p50", took, "ms", **at_most(100, took)))
    return rows


def _middle(work: Callable[[], Any]) -> float:
    found = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - began))
    return sorted(found)[TIMES // 2]


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
