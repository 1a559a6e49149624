"""How long Slack waits for the ack of a command and of a click, ours with the row committed before it.

Against a bare Bolt app that keeps nothing and only acks, as it comes and with ``process_before_response``;
one after the other on the same core, the callers on another.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.benchmarks.bots import bot, environment
from tests.benchmarks.callers import OverSocket, over_http
from tests.benchmarks.loads import Heard, Load
from tests.benchmarks.machine import core_of_callers, keep_to
from tests.benchmarks.payloads import Payloads
from tests.benchmarks.report import Row, at_least, at_most, main
from tests.benchmarks.seeds import CHOICES, DATABASES, RUNNING, all_come_due, kept, seeded
from tests.benchmarks.vendors import vendors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.benchmarks.callers import Way
    from tests.benchmarks.seeds import Seeded
    from tests.benchmarks.vendors import Vendors

CALLERS = 50
WARM, ALONE, ROUNDS, ENDLESS = 50, 150, 4, 400
APART_SECONDS = 0.1
"""Between two instants: what the first one left to be done is under way when the next one comes."""
STEADY_SECONDS = 0.01
PEERS = {"default": "bare Bolt", "before": "bare Bolt, process_before_response"}
WAYS = ("http", "socket")
KINDS = ("command", "click")


@dataclass(slots=True)
class Bench:
    """What is found, case after case."""

    vendors: Vendors
    folder: Path
    rows: list[Row]
    process: psutil.Process = field(default_factory=psutil.Process)
    """What is measured just now."""

    @contextlib.asynccontextmanager
    async def hearing(self, what: str, way: str, url: str) -> AsyncIterator[Way]:
        """A bot that runs, and the way to it."""
        self.vendors.connected.clear()
        environ = environment(self.vendors, way, url)
        async with (
            bot(what, environ, self.folder / "bot.log") as (address, self.process),
            contextlib.AsyncExitStack() as stack,
        ):
            if way == "http":
                yield await stack.enter_async_context(over_http(address, CALLERS))
            else:
                await self.vendors.connected.wait()
                yield OverSocket(self.vendors)

    async def peer(self, what: str, way: str) -> None:
        """A bare Bolt app under the three loads."""
        async with self.hearing(what, way, "sqlite:///:memory:") as reached:
            payloads = self._payloads()
            for kind in KINDS:
                await self._three(
                    Load(reached, partial(payloads.make, kind)), f"{kind} over {way}", PEERS[what]
                )

    async def ours(self, way: str, database: str, seeds: Seeded) -> None:
        """Our bot under the three loads; every request must have been kept."""
        url = seeds.fresh(database)
        async with self.hearing("ours", way, url) as reached:
            payloads = self._payloads()
            for kind in KINDS:
                load = Load(reached, partial(payloads.make, kind))
                await self._three(load, f"{kind} over {way}", f"ours on {database}", aims=True)
            asked = payloads.made
        assert kept(url) == asked, f"{asked} requests, {kept(url)} kept"

    async def while_due(self, database: str, seeds: Seeded) -> None:
        """A command every 10 ms: while nothing else happens, and from when 1,000 runs come due."""
        url = seeds.fresh(database)
        async with self.hearing("ours", "http", url) as reached:
            payloads = self._payloads()
            load = Load(reached, partial(payloads.make, "command"))
            await load.one_by_one(WARM)
            most = 200
            for case in ("idle", f"{RUNNING:,} runs come due"):
                over = (lambda: False) if case == "idle" else (lambda: len(self.vendors.polled) >= RUNNING)
                if case != "idle":
                    all_come_due(url)
                    most = 1_500
                heard = await load.steadily(CALLERS, STEADY_SECONDS, over, most)
                self._note(
                    heard,
                    f"command over http, {case}",
                    f"ours on {database}",
                    {"p99": 100.0} if most > 200 else {},
                )
        self.vendors.polled.clear()

    async def _three(self, load: Load, case: str, subject: str, *, aims: bool = False) -> None:
        await load.one_by_one(WARM)
        alone = await load.one_by_one(ALONE)
        self._note(alone, f"{case}, one caller", subject, {"p50": 3.0, "p99": 15.0} if aims else {})
        instant = await load.at_one_instant(CALLERS, ROUNDS, APART_SECONDS)
        self._note(
            instant, f"{case}, {CALLERS} at one instant", subject, {"p50": 25.0, "p99": 50.0} if aims else {}
        )
        before = sum(self.process.cpu_times()[:2])
        endless = await load.without_pause(CALLERS, ENDLESS)
        spent = 1000 * (sum(self.process.cpu_times()[:2]) - before) / ENDLESS
        case = f"{case}, {CALLERS} without pause"
        self._note(endless, case, subject, {"p99": 100.0} if aims else {})
        aim = at_least(1_000, endless.a_second) if aims else {}
        self.rows.append(Row("ack", case, subject, "acks", endless.a_second, "a second", **aim))
        self.rows.append(Row("ack", case, subject, "processor time of an ack", spent, "ms"))
        sys.stderr.write(f"{case:50} {subject:40} cpu {spent:8.2f} ms\n")

    def _note(self, heard: Heard, case: str, subject: str, aims: dict[str, float]) -> None:
        assert not heard.refused, f"{case}, {subject}: {heard.refused} of {len(heard.waits)} were not acked"
        for name, share in (("p50", 0.50), ("p99", 0.99)):
            value = heard.at(share)
            aim = at_most(aims[name], value) if name in aims else {}
            self.rows.append(Row("ack", case, subject, name, value, "ms", **aim))
            sys.stderr.write(f"{case:50} {subject:40} {name} {value:8.2f} ms {heard.a_second:8.0f}/s\n")

    def _payloads(self) -> Payloads:
        return Payloads((f"choice-{number}" for number in range(CHOICES)), self.vendors.address)


async def measure() -> list[Row]:
    """Every case; about two minutes."""
    keep_to(core_of_callers())
    with tempfile.TemporaryDirectory(prefix="origami-bench-") as name:
        async with vendors() as both, seeded() as seeds:
            bench = Bench(both, Path(name), [])
            for way in WAYS:
                for what in PEERS:
                    await bench.peer(what, way)
                for database in DATABASES:
                    await bench.ours(way, database, seeds)
            for database in DATABASES:
                await bench.while_due(database, seeds)
    return bench.rows


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
