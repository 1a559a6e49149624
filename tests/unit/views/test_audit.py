"""Who did what, as admins read it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.sandbox.local_slack.validation import validate_view
from bot.views.audit import (
    ACTS,
    audit_modal,
    exported_modal,
    exporting_modal,
    not_exported_modal,
    read_page,
)
from bot.views.lists import Look
from bot.views.times import ANYBODY, Reader
from storage.audit import Act
from storage.records import AuditEntry
from tests.unit.views.golden_files import assert_golden
from tests.unit.views.rules import _assert_tame, _mrkdwn
from tests.unit.views.samples import COLLEAGUE, NOW, REQUESTER

LOOK = Look(Reader("en-GB", "Europe/London"), NOW, "https://northwind.slack.com/")


def an_act(action, number=1, *, actor=REQUESTER, channel="C0LEADS", ts="1784624400.000100", **details):
    entry = AuditEntry(workspace_id="w1", actor_id=actor, action=action, run_id="run-1", details=details)
    entry.id, entry.at = number, NOW - timedelta(hours=9 * number)
    return Act(entry, channel, ts if channel else None)


def views():
    acts = [
        an_act("show", 1),
        an_act("click", 2, actor=COLLEAGUE, choice="c1"),
        an_act("start", 3, channel="D0REP"),
        an_act("settings", 4, channel=None, scope="channel", subject="C0LEADS", who_may_stop="anyone"),
        an_act("leave", 5, actor="", channel=None),
        an_act("limits_<!here>*", 6, channel=None),
    ]
    yield "newest", audit_modal(acts, LOOK, is_newest=True, has_older=True)
    yield "last", audit_modal(acts[:1], LOOK, is_newest=False, has_older=False)
    yield "empty", audit_modal([], LOOK, is_newest=True, has_older=False)
    yield "exporting", exporting_modal()
    yield "exported", exported_modal(1_204, ANYBODY)
    yield "not_exported", not_exported_modal("file_uploads_disabled")
    yield "not_granted", not_exported_modal("missing_scope")


VIEWS = dict(views())


def assert_sound_modal(view):
    assert validate_view(view, "modal") == []
    for text in _mrkdwn(view["blocks"]):
        _assert_tame(text)


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_a_view_looks_as_it_did(name):
    assert_sound_modal(VIEWS[name])
    assert_golden(f"audit_{name}", VIEWS[name])


def test_a_full_page_of_every_act_is_sound():
    acts = [an_act(action, number) for number, action in enumerate(ACTS, 1)]
    assert_sound_modal(audit_modal(acts, LOOK, is_newest=False, has_older=True))


@pytest.mark.parametrize(
    ("value", "before"), [("", None), ("17", 17), ("-1", None), ("x", None), ("9" * 30, None)]
)
def test_a_page_begins_where_its_button_says(value, before):
    assert read_page(value) == before
