"""What Prometheus reads over HTTP after a run's whole life, and the health pages beside it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import sampling
from bot.app import Application, Role, running
from bot.sandbox.local_origami import Fault
from bot.sandbox.local_slack import Fault as SlackFault
from bot.settings import Settings
from tests.end_to_end.bot_process import servers
from tests.end_to_end.conftest import PACE, Stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BRIEF = "find 50 xylophone makers of Ouagadougou"


@dataclass
class Watched:
    """The product, with its figures."""

    stage: Stage
    app: Application

    async def get(self, page: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as http, http.get(f"{self.app.metrics_url}{page}") as answer:
            return answer.status, await answer.text()

    async def figures(self, *awaited: str) -> dict[str, float]:
        """Each sample by its name without our prefix, once those that are awaited are more than nothing."""
        async with asyncio.timeout(60):
            while True:
                found = await self._figures()
                if all(found.get(name) for name in awaited):
                    return found

    async def _figures(self) -> dict[str, float]:
        _, text = await self.get("/metrics")
        return {
            sample.name.removeprefix("origami_slack_")
            + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


def free_port() -> int:
    with socket.socket() as knock:
        knock.bind(("127.0.0.1", 0))
        return int(knock.getsockname()[1])


@contextlib.asynccontextmanager
async def watched(stage: Stage, role: Role = Role.RECEIVE | Role.WORK) -> AsyncIterator[Watched]:
    settings = Settings.load({**stage.environ, "METRICS_PORT": str(free_port())})
    async with running(settings, role, pace=PACE) as app:
        if stage.mode == "http":
            stage.slack.app.request_url = f"{app.url}/slack/events"
        yield Watched(stage, app)


@pytest.fixture
async def product(each_way: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    monkeypatch.setattr(sampling, "LOOP_SECONDS", 0.02)
    monkeypatch.setattr(sampling, "QUEUE_SECONDS", 0.1)
    async with servers(*each_way) as stage, watched(stage) as made:
        yield made


async def test_a_life_is_counted(product: Watched) -> None:
    stage = product.stage
    opening, _ = await stage.answer(f"{BRIEF} [one question]")
    await stage.shows(opening, "question")
    sent = [f"deliveries_total kind={kind}" for kind in ("opening outcome=updated", "answer outcome=posted")]
    found = await product.figures(*sent)
    assert found["ack_seconds_count kind=command outcome=acked"] == 1
    assert found["runs_accepted_total source=command"] == 1
    assert found["runs_finished_total status=needs_input"] == 1
    assert found["polls_total outcome=answered"] >= 1
    assert found["poll_lateness_seconds_count"] == found["polls_total outcome=answered"]
    assert found["origami_request_seconds_count method=POST outcome=ok"] == 1
    assert found["deliveries_total kind=opening outcome=posted"] == 1
    assert found["deliveries_total kind=answer outcome=posted"] == 1
    assert found["delivery_age_seconds_count kind=answer"] == 1
    assert found["process_start_time_seconds"] > 0


async def test_failures_are_counted_by_what_we_make_of_them(product: Watched) -> None:
    stage = product.stage
    stage.origami.faults.add(Fault(kind="error", status=503), on="GET /agents/*/runs/*", count=2)
    stage.slack.faults.add(SlackFault(kind="refuse", method="chat.postMessage", error="fatal_error"))
    await stage.answer(BRIEF)
    found = await product.figures("delivery_age_seconds_count kind=answer")
    assert found["polls_total outcome=Unavailable"] == 2
    assert found["origami_request_seconds_count method=GET outcome=Unavailable"] == 2
    assert found["delivery_failures_total decision=UncertainError kind=opening"] == 1


async def test_who_waits_for_a_slot_is_seen(product: Watched) -> None:
    stage = product.stage
    stage.origami.hold_slots(1_000)
    opening = await stage.ask(BRIEF)
    await stage.shows(opening, "line")
    found = await product.figures()
    assert found["starts_refused_total decision=NoFreeSlot"] >= 1
    assert found["slots"] > 0


async def test_what_passes_nobodys_hands_is_sampled(product: Watched) -> None:
    product.stage.origami.hold_slots(1_000)
    await product.stage.ask(BRIEF)
    connected = ["socket_mode_connected"] if product.stage.mode == "socket" else []
    found = await product.figures("loop_lag_seconds_count", "tick_claim_age_seconds tick=poll", *connected)
    assert found["tick_claim_age_seconds tick=poll"] < 60
    found = await product.figures("runs state=queued")
    assert found["runs state=running"] == 0
    assert found["deliveries_overdue_seconds"] < 60


async def test_nothing_of_a_team_or_a_person_is_a_label(product: Watched) -> None:
    await product.stage.answer(BRIEF)
    _, page = await product.get("/metrics")
    rep = product.stage.slack.person("rep").id
    team = product.stage.slack.world.users[rep].team_id
    assert [word for word in (rep, team, "Ouagadougou", "og_live", "xoxb") if word in page] == []


async def test_a_worker_has_health_pages_there(each_way: tuple[str, str]) -> None:
    async with servers(*each_way) as stage, watched(stage, Role.WORK) as worker:
        assert worker.app.url is None
        assert await worker.get("/healthz") == (200, '{"ok":true}')
        assert await worker.get("/readyz") == (200, '{"ok":true}')
        assert (await worker.get("/slack/events"))[0] == 404


async def test_the_public_port_shows_no_figures(product: Watched) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{product.app.url}/metrics") as answer:
        assert answer.status == 404


async def test_without_a_port_nothing_is_served(each_way: tuple[str, str]) -> None:
    async with servers(*each_way) as stage, running(stage.settings, pace=PACE) as app:
        assert app.metrics_url is None
