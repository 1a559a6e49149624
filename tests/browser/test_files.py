"""A rep hands files over: in the form of a next action, and beside a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import FilePayload, expect

if TYPE_CHECKING:
    from tests.browser.conftest import SitDown

pytestmark = pytest.mark.asyncio(loop_scope="package")
CUSTOMERS = FilePayload(name="customers.csv", mimeType="text/csv", buffer=b"Name\nAcme\n")


async def test_a_list_goes_to_the_agent_from_a_form_and_from_a_message(sit_down: SitDown) -> None:
    rep = await sit_down()
    await rep.set_speed(60)
    opening = await rep.ask("find 5 founders in Austin [each next action]")
    await rep.open_thread(opening)
    await rep.thread.get_by_role("button", name=re.compile("^Upload your customer list")).click()
    await rep.modal.get_by_label("File, up to 10 MB").set_input_files(CUSTOMERS)
    await rep.modal.get_by_role("button", name="Send").click()
    await expect(rep.modal).to_have_count(0)
    await expect(rep.thread.locator("li.message").filter(has_text="With customers.csv")).to_have_count(1)
    await rep.thread.get_by_label("Attach files").set_input_files(CUSTOMERS)
    await rep.thread.get_by_role("button", name="Send").click()
    await expect(rep.thread.locator(".file")).to_contain_text("customers.csv")
    await expect(rep.thread.locator("li.message").filter(has_text="With customers.csv")).to_have_count(2)
