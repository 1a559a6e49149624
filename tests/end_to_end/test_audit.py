"""Admins see who did what, on Home, and take it with them as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.results import trail
from bot.sandbox.local_slack import Fault
from storage import audit
from storage.records import Workspace
from tests.end_to_end.test_home import reads, texts
from tests.spreadsheets import read_csv

if TYPE_CHECKING:
    import pytest

    from bot.sandbox.local_slack import Person
    from tests.end_to_end.conftest import Stage

BRIEF = "find dentists in Leeds"


async def modal_of(stage: Stage, person: Person, words: str) -> str:
    await stage.slack.until(lambda: (form := person.modal()) and words in texts(form.blocks), 15)
    form = person.modal()
    assert form is not None
    return texts(form.blocks)


async def opened(stage: Stage, who: str = "admin") -> Person:
    person = stage.slack.person(who)
    person.open_home()
    await reads(stage, person, "For admins")
    assert person.home is not None
    await person.click(person.home, "Who did what")
    await stage.slack.until(person.modal, 15)
    return person


async def test_every_act_is_there_and_in_the_file(stage: Stage) -> None:
    opening, asked = await stage.answer(f"{BRIEF} [one question]")
    rep, colleague = stage.slack.person("rep"), stage.slack.person("colleague")
    await colleague.click(asked, "Private only")
    answer = (await stage.replies(opening, 3))[2]
    await rep.click(answer, "Get CSV")
    running = await stage.ask(f"{BRIEF} [forever]")
    await rep.click(running, "Stop")
    await stage.replies(running)

    admin = await opened(stage)
    told = await modal_of(stage, admin, "started a run")
    for who, did in (
        (rep, "stopped a run"),
        (rep, "asked for a table as a file"),
        (colleague, "pressed a button"),
    ):
        assert f"<@{who.id}> *{did}* in <#C0LEADS0001>" in told

    form = admin.modal()
    assert form is not None
    await admin.click(form, "Export as CSV")
    await modal_of(stage, admin, "is in your conversation")
    [posted] = [message for message in admin.dm.messages if message.files]
    header, *rows = read_csv(posted.files[0].content or b"")
    assert header == list(trail.HEADER)
    assert [row[3] for row in rows] == [
        *("start", "click", "start", "export", "start", "stop", "audit_export")
    ]
    assert rows[0][1:3] == [rep.id, rep.user.real_name]
    assert rows[0][0].endswith("+00:00")


async def test_pages_and_what_could_compute(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "PAGE", 2)
    await stage.ask(f"{BRIEF} [forever]")
    assert stage.app is not None
    async with stage.app.context.db.write() as session:
        workspace = (await session.execute(Workspace.__table__.select())).mappings().one()
        for action in ("=1+1", "connect", "settings"):
            await audit.record(session, workspace["id"], "U0ANAREP001", action)
    admin = await opened(stage)
    await modal_of(stage, admin, "connected Origami")
    form = admin.modal()
    assert form is not None
    await admin.click(form, "Older")
    assert "connected Origami" not in await modal_of(stage, admin, "started a run")
    form = admin.modal()
    assert form is not None
    await admin.click(form, "Newest")
    await modal_of(stage, admin, "connected Origami")
    form = admin.modal()
    assert form is not None
    stage.slack.faults.add(Fault(kind="refuse", error="missing_scope", method="files.getUploadURLExternal"))
    await admin.click(form, "Export as CSV")
    await modal_of(stage, admin, "could not be sent")
    form = admin.modal()
    assert form is not None
    await admin.click(form, "Try again")
    await modal_of(stage, admin, "is in your conversation")
    [posted] = [message for message in admin.dm.messages if message.files]
    assert "'=1+1" in [row[3] for row in read_csv(posted.files[0].content or b"")]


async def test_only_admins_see_it_and_that_is_asked_anew(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    rep.open_home()
    assert "Who did what" not in await reads(stage, rep, "Nothing yet")
    admin = await opened(stage)
    form = admin.modal()
    assert form is not None
    await modal_of(stage, admin, "Nothing yet")
    admin.user.is_admin = admin.user.is_owner = False
    await stage.ask(f"{BRIEF} [forever]")
    assert admin.home is not None
    await admin.click(admin.home, "Who did what")
    await modal_of(stage, admin, "Only a Slack admin")
