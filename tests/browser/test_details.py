"""Details in the page: the numbers, the picture that the app has uploaded, and the transcript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from tests.browser.test_a_rep import Picture, SitDown

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_rep_sees_what_a_run_cost_and_reads_what_was_said(
    sit_down: SitDown, picture: Picture
) -> None:
    rep = await sit_down()
    brief = "find 50 SaaS founders in Austin who raised seed [big]"
    await rep.open_thread(await rep.ask(brief))
    await rep.thread.get_by_role("button", name="Details").click()
    chart = rep.modal.get_by_role("img", name=re.compile("^Bar chart of the lead funnel"))
    await expect(chart).to_be_visible()
    await expect(chart).to_have_js_property("naturalWidth", 720)
    await picture(rep, "details-light")
    await rep.modal.get_by_role("button", name="Transcript").click()
    await expect(rep.modal).to_contain_text(brief)
    await rep.modal.get_by_role("button", name="Next page").click()
    await expect(rep.modal).to_contain_text("Page 2 of 2")
