"""Slack's markup in plain words."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.runs.slack_text import mentions, plain_words, without_mention


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("find <https://acme.example/a|acme.example>", "find https://acme.example/a"),
        ("ask <mailto:a@b.example|a@b.example>", "ask a@b.example"),
        ("see <#C1|sales> and <#C2>", "see #sales and #C2"),
        ("like <@U1|ana> and <@U2>", "like @ana and @U2"),
        ("<!subteam^S1|@team> &amp; co &lt;3", "@team & co <3"),
    ],
)
def test_markup_becomes_what_a_person_meant(typed: str, plain: str) -> None:
    assert " ".join(plain_words(typed).split()) == " ".join(plain.split())


@given(st.text())
def test_what_slack_escapes_comes_back_as_it_was_typed(text: str) -> None:
    assert plain_words(html.escape(text, quote=False)) == text.strip() or "&" in text


@given(st.text(), st.text())
def test_our_mention_is_found_and_taken_out(before: str, after: str) -> None:
    before, after = (part.replace("<", "").replace(">", "") for part in (before, after))
    text = f"{before}<@UBOT> {after}"
    assert mentions(text) == ["UBOT"]
    assert "UBOT>" not in without_mention(text, "UBOT")
    assert without_mention(text, "UBOT").split() == (before + after.lstrip(" \t")).split()
