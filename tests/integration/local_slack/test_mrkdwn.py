"""How Slack stores text."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.local_slack.mrkdwn import CONTROL, posted_text, rich_text, typed_text

PIECES = st.sampled_from(
    [
        "<@U123>",
        "<!here>",
        "<#C12|leads>",
        "<https://x.com|x>",
        "https://x.com/a?b=c&d",
        "&",
        "<",
        ">",
        "&amp;",
        "|",
    ]
) | st.text(max_size=8)


@pytest.mark.parametrize(
    ("posted", "stored"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("already &lt;b&gt; &amp; fine", "already &lt;b&gt; &amp; fine"),
        ("hi <@U0ABC> in <#C0ABC|leads>", "hi <@U0ABC> in <#C0ABC|leads>"),
        (
            "<!channel> <!subteam^S123> <!date^1^{date}|then>",
            "<!channel> <!subteam^S123> <!date^1^{date}|then>",
        ),
        ("<https://x.com|x> and <b>", "<https://x.com|x> and &lt;b&gt;"),
        ("see https://x.com/a.", "see <https://x.com/a>."),
    ],
)
def test_what_an_app_posts_keeps_references_and_escapes_the_rest(posted: str, stored: str) -> None:
    assert posted_text(posted) == stored


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_outside_of_references_no_bracket_or_bare_ampersand_survives(text: str) -> None:
    rest = re.sub(r"<https?://[^<>]*>", "", CONTROL.sub("", posted_text(text)))
    assert "<" not in rest
    assert ">" not in rest
    assert not re.search(r"&(?!amp;|lt;|gt;)", rest)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_stored_text_is_stored_unchanged(text: str) -> None:
    once = posted_text(text)
    assert posted_text(once) == once


def test_text_above_40_000_characters_is_cut_off() -> None:
    assert len(posted_text("x" * 40_001)) == 40_000


def names(name: str) -> str | None:
    return {"ana": "U0ANA", "leads": "C0LEADS"}.get(name)


def test_what_a_person_types_cannot_smuggle_a_reference() -> None:
    assert typed_text("<!channel> & <@U0ANA>", names, names) == "&lt;!channel&gt; &amp; &lt;@U0ANA&gt;"


def test_known_names_become_references_and_others_stay() -> None:
    assert typed_text("@ana and @zoe in #leads", names, names) == "<@U0ANA> and @zoe in <#C0LEADS|leads>"
    assert typed_text("@ana", names, names, labels=True) == "<@U0ANA|ana>"


def test_a_persons_message_carries_rich_text_with_its_mentions() -> None:
    (block,) = rich_text("hi <@U0ANA> &amp; co", "b")
    assert block["elements"][0]["elements"] == [
        {"type": "text", "text": "hi "},
        {"type": "user", "user_id": "U0ANA"},
        {"type": "text", "text": " & co"},
    ]
