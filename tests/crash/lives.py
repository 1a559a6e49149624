"""What a rep does between typing a brief and reading the last answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tests.crash.stage import Stage

    Life = Callable[[Stage], Awaitable[None]]


async def question(stage: Stage) -> None:
    """A brief, a question, a click, the follow-up's answer."""
    brief = await stage.type("find 3 dentists in Leeds [one question]")
    asked = await stage.ending(brief)
    brief.clicked = True
    await stage.click(brief, asked, "Private only")
    await stage.ending(brief, 2)


async def stop(stage: Stage) -> None:
    """A brief that would run for ever, and Stop."""
    brief = await stage.type("find 3 founders in Austin [forever]")
    assert brief.opening is not None
    await stage.shows(brief.opening, "Working")
    await stage.click(brief, brief.opening, "Stop")
    await stage.ending(brief)


async def export(stage: Stage) -> None:
    """A brief, and its table as a file."""
    brief = await stage.type("find 3 founders in Austin [clean]")
    answer = await stage.ending(brief)
    brief.wants_file = True
    await stage.click(brief, answer, "Get CSV", taken=stage.books.wants_file)
    await stage.file(brief)


async def occurrence(stage: Stage) -> None:
    """A recurring brief that is due, and was before."""
    await stage.ending(await stage.recurring("find 3 roofers in Ohio"))


async def upload(stage: Stage) -> None:
    """A brief, a file for its next action, the follow-up's answer."""
    brief = await stage.type("find 3 founders in Austin [each next action]")
    ended = await stage.ending(brief)
    brief.clicked = True
    form = {"File, up to 10 MB": {"customers.csv": b"Name\nAcme\n"}}
    await stage.hand_in(brief, ended, "Upload your customer list to leave them out", form)
    await stage.ending(brief, 2)


async def shared(stage: Stage) -> None:
    """A brief where other companies read along, its answer for its requester alone, then for everybody."""
    brief = await stage.type("find 3 founders in Austin [clean]", where="#partners")
    asked = await stage.ending(brief)
    await stage.told_directly(brief)
    await stage.click(brief, asked, "Show it here")
    await stage.ending(brief, 2)


LIVES: Mapping[str, Life] = {
    "question": question,
    "stop": stop,
    "export": export,
    "occurrence": occurrence,
    "upload": upload,
    "shared": shared,
}
