"""Details in the page: the numbers, the picture that the app has uploaded, and the transcript."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import TimeoutError as NotInTime
from playwright.async_api import expect

from tests.browser.conftest import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from tests.browser.rep import Rep
    from tests.browser.test_a_rep import Picture, SitDown

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def shown(rep: Rep, wanted: Locator) -> None:
    """Wait for a part of a run's details; while the minute's requests are spent, its reader asks again."""
    again = rep.modal.get_by_role("button", name="Ask again")
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while True:
            await expect(wanted.or_(again).first).to_be_visible()
            if await wanted.is_visible():
                return
            with contextlib.suppress(NotInTime):  # the answer to the last time may have come meanwhile
                await again.click(timeout=1_000)


async def test_a_rep_sees_what_a_run_cost_and_reads_what_was_said(
    sit_down: SitDown, picture: Picture
) -> None:
    rep = await sit_down()
    brief = "find 50 SaaS founders in Austin who raised seed [big]"
    await rep.open_thread(await rep.ask(brief))
    await rep.thread.get_by_role("button", name="Details").click()
    chart = rep.modal.get_by_role("img", name=re.compile("^Bar chart of the lead funnel"))
    await shown(rep, chart)
    await expect(chart).to_have_js_property("naturalWidth", 720)
    await picture(rep, "details-light")
    await rep.modal.get_by_role("button", name="Transcript").click()
    await shown(rep, rep.modal.get_by_text(brief).first)
    await rep.modal.get_by_role("button", name="Next page").click()
    await shown(rep, rep.modal.get_by_text("Page 2 of 2"))
