"""The page itself: for everyone, from the keyboard, on a phone, and with an inspector that sees all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.browser.rep import Rep

    SitDown = Callable[..., Awaitable[Rep]]
    Picture = Callable[[Rep, str], Awaitable[None]]
    FaultsOfAccess = Callable[[Rep], Awaitable[list[Any]]]

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_nothing_serious_anywhere(
    sit_down: SitDown, faults_of_access: FaultsOfAccess, *, dark: bool
) -> None:
    rep = await sit_down(dark=dark)
    assert await faults_of_access(rep) == []
    opening = await rep.ask(f"find {'owls' if dark else 'larks'} in Bergen [three questions]")
    await rep.open_thread(opening)
    await expect(rep.thread.get_by_role("button", name="Seed", exact=True)).to_be_visible()
    for tab in ("Runs", "Faults", "Traffic"):
        await rep.inspector.get_by_role("tab", name=tab).click()
        assert await faults_of_access(rep) == []
    await rep.thread.get_by_role("button", name="Answer in my own words").click()
    await expect(rep.modal).to_be_visible()
    assert await faults_of_access(rep) == []
    await rep.modal.get_by_role("button", name="Cancel").click()


async def test_everything_can_be_done_from_the_keyboard(sit_down: SitDown) -> None:
    rep = await sit_down()
    keyboard = rep.page.keyboard
    await rep.go("leads")
    await rep.page.get_by_role("combobox", name="Message #leads").focus()
    await keyboard.type("/o")
    await expect(rep.page.get_by_role("option", name=re.compile("origami"))).to_be_visible()
    await keyboard.press("Enter")
    await keyboard.type("find glass blowers in Murano [three questions]")
    await keyboard.press("Enter")
    opening = rep.message("glass blowers in Murano")
    await opening.get_by_role("button", name=re.compile("1 reply")).focus()
    await keyboard.press("Enter")
    await expect(rep.thread).to_be_focused()
    own_words = rep.thread.get_by_role("button", name="Answer in my own words")
    await own_words.focus()
    await keyboard.press("Enter")
    await expect(rep.modal).to_be_visible()
    await keyboard.press("Escape")
    await expect(rep.modal).to_have_count(0)
    await rep.thread.focus()
    await keyboard.press("Escape")
    await expect(rep.thread).to_have_count(0)


async def test_a_narrow_screen_shows_one_thing_at_a_time(
    sit_down: SitDown, picture: Picture, faults_of_access: FaultsOfAccess
) -> None:
    rep = await sit_down(width=390, height=844)
    await expect(rep.page.get_by_role("navigation", name="Workspace")).to_be_hidden()
    await rep.page.get_by_role("button", name="Channels").click()
    opening = await rep.ask("find lighthouse keepers in Brest")
    await rep.open_thread(opening)
    await expect(rep.reply("Best fit first")).to_be_visible()
    await expect(rep.channel).to_be_hidden()
    wide = await rep.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    await picture(rep, "narrow-light")
    assert await faults_of_access(rep) == []


async def test_unread_channels_stand_out_until_they_are_opened(sit_down: SitDown) -> None:
    rep, colleague = await sit_down(), await sit_down("colleague")
    await rep.ask("find bell founders in Ghent")
    place = colleague.page.get_by_role("navigation").get_by_role("button", name=re.compile("leads unread"))
    await expect(place).to_be_visible()
    await place.click()
    await expect(place).to_have_count(0)


async def test_an_outsider_sees_only_what_is_shared(sit_down: SitDown) -> None:
    outsider = await sit_down("outsider")
    places = outsider.page.get_by_role("navigation", name="Workspace").get_by_role("listitem")
    await expect(places.filter(has_text="partners")).to_be_visible()
    await expect(places.filter(has_text=re.compile("^leads"))).to_have_count(0)
