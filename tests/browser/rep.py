"""A person in front of the page: what they do and see, in the page's own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

NAMES = {"rep": "Ana Kovač", "colleague": "Ben Okafor", "admin": "Clara Lindqvist", "outsider": "Dov Mizrahi"}


class Rep:
    """One person at one page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.channel = page.get_by_role("main")
        self.thread = page.get_by_role("complementary", name="Thread")
        self.inspector = page.get_by_role("complementary", name="Inspector")
        self.modal = page.get_by_role("dialog")

    async def become(self, who: str) -> None:
        """Switch to another person; the page opens as the rep."""
        await expect(self.channel).to_be_visible()
        if who != "rep":
            choice = self.page.get_by_role("radio", name=NAMES[who])
            await choice.click(force=True)
            await expect(choice).to_be_checked()

    async def close_form(self) -> None:
        """Close what is open: a person's form outlives the page, and the next test meets it."""
        if not self.page.is_closed() and await self.modal.count():
            await self.page.keyboard.press("Escape")
            await expect(self.modal).to_have_count(0)

    async def inspect(self, *, on: bool) -> None:
        """Open or close the inspector."""
        switch = self.page.get_by_role("button", name="Inspector", exact=True)
        if (await switch.get_attribute("aria-pressed") == "true") != on:
            await switch.click()

    async def set_speed(self, speed: int) -> None:
        """Choose the speed of Origami's time; leaves the inspector as it was found."""
        answer = await self.page.request.post(f"{self.address}sandbox/speed", data={"speed": speed})
        assert answer.ok

    async def go(self, place: str) -> None:
        """Open a channel, the DM with the app, or the first view."""
        name = re.compile(rf"^{re.escape(place)}\b")
        await self.page.get_by_role("navigation", name="Workspace").get_by_role("button", name=name).click()

    async def type(self, line: str, *, into: str = "#leads") -> None:
        """Type a line and press Enter."""
        field = self.page.get_by_role("combobox", name=f"Message {into}")
        await field.fill(line)
        await field.press("Enter")

    async def ask(self, brief: str, *, channel: str = "leads") -> Locator:
        """Go to the channel and type a brief; the opening message, once it stands there."""
        await self.go(channel)
        await self.type(f"/origami {brief}", into=f"#{channel}")
        opening = self.message(brief)
        await expect(opening).to_be_visible()
        return opening

    async def say_in_thread(self, line: str) -> None:
        """Reply in the open thread."""
        field = self.thread.get_by_role("combobox", name="Reply…")
        await field.fill(line)
        await field.press("Enter")

    def message(self, words: str) -> Locator:
        """The message of the channel that shows these words."""
        return self.channel.get_by_role("listitem").filter(has_text=words).first

    def reply(self, words: str | re.Pattern[str]) -> Locator:
        """The last reply in the open thread that shows these words."""
        return self.thread.locator("li.message").filter(has_text=words).last

    async def open_thread(self, opening: Locator) -> None:
        """Open the thread below a message, once there are replies."""
        await opening.get_by_role("button", name=re.compile(r"\d repl(y|ies)")).click()
        await expect(self.thread).to_be_visible()
