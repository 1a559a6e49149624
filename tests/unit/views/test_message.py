"""A message's text says what its blocks show."""

from bot.views.blocks import actions, button, context, link_button, menu, option, section, weight
from bot.views.message import TEXT_LIMIT, Message
from tests.unit.views.rules import assert_sound


def a_message():
    return Message.of(
        [
            section("<@U0REP> *18 leads*"),
            {"type": "header", "text": {"type": "plain_text", "text": "A & B"}},
            {"type": "divider"},
            *actions(
                [
                    link_button("Founders (18 leads)", "https://origami.chat/t?a=1&b=2"),
                    button("Stop", "stop", "r1"),
                ]
            ),
            *actions([menu("Choose", "choose_select", [option("Leeds", "1"), option("York", "2")])]),
            context("6 min"),
        ]
    )


def test_the_text_says_what_the_blocks_show_buttons_and_menus_included():
    assert a_message().text == (
        "<@U0REP> *18 leads*\nA &amp; B\n"
        "Open: <https://origami.chat/t?a=1&amp;b=2|Founders (18 leads)>\nButtons: Stop\n"
        "Choices: Leeds, York\n6 min"
    )


def test_the_plain_version_says_the_same_in_sections():
    plain = a_message().plain()
    assert plain.text == a_message().text
    assert [block["type"] for block in plain.blocks] == ["section"]
    assert plain.blocks[0]["text"]["text"] == plain.text
    assert_sound(plain)


def test_a_long_text_is_cut_where_slack_would_refuse_it_and_the_plain_version_says_more():
    message = Message.of([section("word " * 500) for _ in range(5)])
    assert len(message.text) <= TEXT_LIMIT
    assert message.text.endswith("…")
    assert weight(message.plain().blocks) > TEXT_LIMIT
    assert_sound(message)


def test_a_message_without_words_still_has_a_text():
    assert Message.of([{"type": "divider"}]).text == " "


def test_a_plain_message_needs_no_blocks():
    assert Message(text="words", blocks=()).plain().blocks[0]["text"]["text"] == "words"
