"""Misbehaviour on demand: what is done, and what the client sees."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.sandbox.local_slack import Fault, LocalSlack
from tests.integration.local_slack.fake_app import FakeApp


async def post(slack: LocalSlack, session: ClientSession, seconds: float = 5) -> tuple[int, str]:
    body = {"token": slack.token(), "channel": "C0LEADS0001", "text": "x"}
    limit = ClientTimeout(total=seconds)
    async with session.post(f"{slack.url}chat.postMessage", json=body, timeout=limit) as answer:
        return answer.status, await answer.text()


def posted(slack: LocalSlack) -> int:
    return len(slack.channel("#leads").messages)


@pytest.mark.parametrize(
    ("fault", "status", "done"),
    [
        (Fault(kind="error_before", status=503), 503, 0),
        (Fault(kind="error_after", status=500), 500, 1),
        (Fault(kind="html", status=200), 200, 0),
        (Fault(kind="refuse", error="fatal_error"), 200, 0),
        (Fault(kind="ratelimited", seconds=7), 429, 0),
        (Fault(kind="delay", seconds=0.01), 200, 1),
    ],
)
async def test_a_fault_answers_as_told_before_or_after_the_work(
    slack: LocalSlack, session: ClientSession, fault: Fault, status: int, done: int
) -> None:
    slack.faults.add(fault)
    assert (await post(slack, session))[0] == status
    assert posted(slack) == done
    assert (await post(slack, session))[0] == 200, "it strikes once"


@pytest.mark.parametrize(("kind", "done"), [("reset_before", 0), ("reset_after", 1)])
async def test_a_reset_cuts_the_connection_before_or_after_the_work(
    slack: LocalSlack, session: ClientSession, kind: Any, done: int
) -> None:
    slack.faults.add(Fault(kind=kind, method="chat.postMessage"))
    with pytest.raises((ClientError, ConnectionError)):
        await post(slack, session)
    assert posted(slack) == done


async def test_a_lost_post_is_done_but_never_answered(slack: LocalSlack, session: ClientSession) -> None:
    slack.faults.add(Fault(kind="lost", method="chat.postMessage"))
    with pytest.raises(asyncio.TimeoutError):
        await post(slack, session, seconds=0.1)
    assert posted(slack) == 1


async def test_a_fault_strikes_its_method_after_skipping_and_as_often_as_told(
    slack: LocalSlack, session: ClientSession
) -> None:
    slack.faults.add(Fault(kind="error_before", method="chat.update"))
    slack.faults.add(Fault(kind="error_before", method="chat.postMessage", skip=1, times=2))
    assert [(await post(slack, session))[0] for _ in range(5)] == [200, 503, 503, 200, 200]
    slack.faults.add(Fault(kind="error_before", times=None))
    assert [(await post(slack, session))[0] for _ in range(3)] == [503] * 3
    slack.faults.clear()
    assert (await post(slack, session))[0] == 200


async def test_a_fault_with_a_probability_strikes_by_chance(
    slack: LocalSlack, session: ClientSession
) -> None:
    chances = iter([0.4, 0.6, 0.1])
    slack.core.faults._chance = lambda: next(chances)
    slack.faults.add(Fault(kind="error_before", times=None, probability=0.5))
    assert [(await post(slack, session))[0] for _ in range(3)] == [503, 200, 503]


async def test_a_lost_delivery_never_arrives_and_a_duplicate_arrives_twice(
    slack: LocalSlack, app: FakeApp
) -> None:
    slack.faults.add(Fault(kind="lost", method="delivery:slash_commands"))
    rep = slack.person("rep")
    assert (await rep.command("#leads", "/origami")).error == "operation_timeout"
    assert app.frames == []
    slack.faults.add(Fault(kind="duplicate", method="delivery:slash_commands"))
    assert (await rep.command("#leads", "/origami")).ok
    await slack.until(lambda: len(app.frames) == 2)
    first, second = app.frames
    assert first["payload"] == second["payload"]
    assert first["envelope_id"] != second["envelope_id"]


async def test_response_urls_and_uploads_can_fail_too(
    slack: LocalSlack, app: FakeApp, session: ClientSession
) -> None:
    slack.faults.add(Fault(kind="error_after", method="response_url", status=502))
    await slack.person("rep").command("#leads", "/origami")
    async with session.post(app.frames[0]["payload"]["response_url"], json={"text": "x"}) as answer:
        assert answer.status == 502
    assert len(slack.person("rep").ephemerals) == 1
    slack.faults.add(Fault(kind="error_before", method="upload", status=500))
    async with session.post(f"{slack.base}upload/F0", data=b"x") as answer:
        assert answer.status == 500
