"""The inspector: it sees all that goes to and fro, and holds still for whoever reads it."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import httpx
import orjson
import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.browser.rep import Rep
    from tests.browser.test_a_rep import Picture, SitDown

pytestmark = pytest.mark.asyncio(loop_scope="package")
SHOWN = 150
"""Entries of a kind that the inspector keeps."""


async def knock(rep: Rep, path: str, times: int = 1) -> None:
    """Ask Origami for something as often, with a key that it does not know."""
    async with httpx.AsyncClient(headers={"Authorization": "Bearer nobody"}) as http:
        async with http.stream("GET", f"{rep.address}sandbox/live") as live:
            first = await anext(live.aiter_lines())
        origami = orjson.loads(first.removeprefix("data: "))["set"]["about"]["origami"]
        for _ in range(times):
            assert (await http.get(f"{origami}/api/v2/{path}")).status_code == 401


async def test_the_inspector_shows_acks_calls_requests_records_and_refusals(
    sit_down: SitDown, picture: Picture
) -> None:
    rep = await sit_down()
    await rep.inspector.get_by_role("tab", name="Faults").click()
    limits = rep.inspector.get_by_role("switch", name=re.compile("Rate limits"))
    await limits.click()
    await expect(limits).to_be_checked()
    # Half of the calls are refused: a run that goes on makes more until one is.
    opening = await rep.ask("find saffron growers in Navelli [forever]")
    await rep.inspector.get_by_role("tab", name="Traffic").click()
    lines = rep.inspector.locator(".entry")
    await expect(
        lines.filter(has_text="/origami find saffron").filter(has_text=re.compile(r"ack \d+ ms"))
    ).to_be_visible()
    await expect(lines.filter(has_text="POST /agents").filter(has_text="202").first).to_be_visible()
    refused = rep.inspector.locator(".entry.bad").filter(has_text="ratelimited")
    await refused.first.locator("summary").click()
    await expect(rep.inspector.locator(".entry[open] pre")).to_contain_text('"ok": false')
    await picture(rep, "inspector-light")
    await rep.inspector.get_by_role("tab", name="Faults").click()
    await limits.click()
    await expect(limits).not_to_be_checked()
    await opening.get_by_role("button", name="Stop").click()
    await rep.inspector.get_by_role("tab", name="Runs").click()
    kept = rep.inspector.get_by_role("listitem").filter(has_text="saffron growers")
    await expect(kept.first).to_contain_text("finished: cancelled")


@contextlib.asynccontextmanager
async def silence(rep: Rep) -> AsyncIterator[None]:
    """Nothing is said but what the test says: the bot is dead meanwhile."""
    await rep.inspector.get_by_role("button", name="Kill the bot").click()
    await expect(rep.inspector).to_contain_text("The bot is dead")
    try:
        yield
    finally:
        await rep.inspector.get_by_role("button", name="Start it again").click()
        await expect(rep.inspector).to_contain_text("The bot is running")


async def test_what_is_read_holds_still_while_entries_come_and_go(sit_down: SitDown) -> None:
    rep = await sit_down()
    line = rep.inspector.locator(".entry").filter(has_text="GET /account").filter(has_text="401")
    times = line.locator(".times")
    async with silence(rep):
        await knock(rep, "account", times=3)
        await expect(times).to_contain_text("3")
        await line.locator("summary").click()
        await expect(line.locator("pre")).to_contain_text('"status": 401')
        await knock(rep, "account", times=SHOWN)
        await expect(times).to_contain_text(str(SHOWN))
        await expect(line.locator("pre")).to_be_visible()
        before = await line.bounding_box()
        await knock(rep, "agents")
        await expect(rep.inspector.locator(".entry").first).to_contain_text("GET /agents")
        assert await line.bounding_box() == before
