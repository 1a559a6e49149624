"""Untrusted text is harmless, and still readable."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.views.escape import clip, https_link, is_https, mrkdwn, one_line, pieces, plain, quote
from tests.unit.views.strategies import TEXT

quick = settings(max_examples=100, deadline=None)


def unescaped(text):
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_the_three_characters_that_slack_reads_are_escaped():
    assert mrkdwn("R&D <!channel> <@U1>") == "R&amp;D &lt;!channel&gt; &lt;@U1&gt;"


def test_invisible_and_reversing_characters_are_taken_out():
    assert plain("a\u202eb\u200bc\x00d\x1be\ufefff\U000e0041g\ud800h") == "abcdefgh"


def test_line_ends_of_every_kind_become_line_feeds():
    assert plain("a\r\nb\rc\u2028d\te") == "a\nb\nc\nd\te"


def test_letters_and_emoji_of_the_world_stay():
    assert plain("Ærø 日本 עברית 👍🏽 é") == "Ærø 日本 עברית 👍🏽 é"


@quick
@given(TEXT)
def test_nothing_that_is_escaped_is_live_and_nothing_visible_is_lost(text):
    escaped = mrkdwn(text)
    assert "<" not in escaped
    assert ">" not in escaped
    assert unescaped(escaped) == plain(text)


def test_every_line_of_a_quote_is_quoted():
    assert quote("one\n>two & three\n") == ">one\n>&gt;two &amp; three"


def test_text_that_fits_is_not_cut():
    assert clip("18 leads", 8) == "18 leads"


def test_a_cut_ends_with_an_ellipsis_within_the_limit():
    assert clip("eighteen leads", 9) == "eighteen…"


def test_a_cut_never_falls_into_an_escape_or_a_link():
    assert clip("ab&amp;cd", 5) == "ab…"
    assert clip("ab <https://x.example|label> cd", 20) == "ab…"
    assert clip("a < b, and so on and on", 12) == "a < b, and…"


@quick
@given(TEXT, st.integers(1, 400))
def test_a_cut_stays_within_its_limit_and_whole(text, limit):
    cut = clip(mrkdwn(text), limit)
    assert len(cut) <= limit
    assert mrkdwn(text).startswith(cut.removesuffix("…"))
    assert not re.search(r"&\w*$", cut.removesuffix("…"))


@quick
@given(TEXT, st.integers(10, 400))
def test_pieces_fit_and_together_are_the_whole(text, limit):
    escaped = mrkdwn(text)
    made = pieces(escaped, limit)
    assert all(0 < len(piece) <= limit for piece in made)
    assert "".join("".join(made).split()) == "".join(escaped.split())


def test_pieces_break_at_line_ends_before_spaces():
    assert pieces("one two\nthree four", 12) == ["one two", "three four"]


def test_a_piece_never_breaks_a_link():
    link = "<https://x.example/a|a label>"
    assert pieces(f"some words {link}", 24) == ["some words", link[:24], link[24:]]
    assert pieces(f"some words {link}", 30) == ["some words", link]


def test_only_https_becomes_a_link():
    assert (
        https_link("https://origami.chat/t?a=1&b=2", "Leads") == "<https://origami.chat/t?a=1&amp;b=2|Leads>"
    )
    for url in (
        "http://x.example",
        "javascript:alert(1)",
        "//x.example",
        "https://",
        "",
        None,
        "https://x y",
    ):
        assert https_link(url, "Leads") == "Leads"


def test_a_label_cannot_end_its_link():
    assert (
        https_link("https://x.example", "a|b>\n<!channel>") == "<https://x.example|a¦b&gt; &lt;!channel&gt;>"
    )


@quick
@given(TEXT, TEXT)
def test_no_url_or_label_breaks_out_of_a_link(url, label):
    linked = https_link(f"https://x.example/{url}", label)
    assert linked.count("<") == linked.count(">") <= 1


def test_a_url_that_is_too_long_for_slack_is_no_link():
    assert is_https("https://x.example/" + "y" * 2_900)
    assert not is_https("https://x.example/" + "y" * 3_000)


def test_a_broken_address_is_no_link():
    assert not is_https("https://[::1")


def test_one_line_makes_one_line():
    assert one_line("  a\n\tb   c ") == "a b c"
