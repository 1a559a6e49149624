"""Origami's prose: untrusted Markdown becomes blocks that Slack takes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.views import prose
from bot.views.blocks import weight
from bot.views.disarm import disarm
from bot.views.message import Message
from bot.views.pages import PAGE_BLOCKS, PAGE_LIMIT, PIECE_LIMIT
from bot.views.prose import PAGES_LIMIT, gist, prose_blocks
from tests.unit.views.golden_files import assert_golden
from tests.unit.views.rules import assert_sound, shown
from tests.unit.views.strategies import TEXT

quick = settings(max_examples=100, deadline=None)
WORDS = st.lists(st.text("abcdefghij", min_size=1, max_size=12), min_size=1, max_size=40)

SAMPLE = """\
# Seed founders in Austin

I found **18 founders**; see [the list](https://origami.chat/t?a=1&b=2) or [their site](http://plain.example).
Mail [Ada](mailto:ada@example.com), not [this](javascript:alert(1)) or [that](!channel).

- 14 have a work email
- 4 do not
  - 2 of them have a *phone*

3. third
4. fourth

| Name | Site |
|---|---|
| Ada | [ada.example](https://ada.example) |
| Bob |  |

> quoted, with `code <!channel>` and <!here> and <@U0VICTIM>

![chart](https://img.example/chart.png)

```python
print("<!channel>")
```

***
:tada: #ffffff 10:30:45
"""


def only_page(markdown):
    (page,) = prose_blocks(markdown)
    return page


def test_a_rich_answer_looks_as_it_did():
    pages = prose_blocks(SAMPLE)
    for page in pages:
        assert_sound(Message.of(page))
    assert_golden("prose", {"pages": pages, "gist": gist(SAMPLE)})


@quick
@given(TEXT)
def test_whatever_comes_every_page_is_sound(markdown):
    pages = prose_blocks(markdown)
    assert len(pages) <= PAGES_LIMIT
    for page in pages:
        assert weight(page) <= PAGE_LIMIT + 100
        assert len(page) <= PAGE_BLOCKS + 1
        assert_sound(Message.of(page))


@quick
@given(WORDS)
def test_each_word_of_a_short_answer_is_found_in_the_blocks_and_in_the_text(words):
    markdown = " ".join(words)
    assert shown(only_page(markdown)).split() == words
    assert gist(markdown).split() == words


@quick
@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=30))
def test_paragraphs_and_lists_keep_all_their_words_in_order(parts):
    paragraphs = "\n\n".join(parts)
    items = "\n".join(f"- {part}" for part in parts)
    for markdown in (paragraphs, items):
        said = " ".join(shown(page) for page in prose_blocks(markdown))
        assert said.split() == " ".join(parts).split()


@pytest.mark.parametrize(
    "markdown",
    [
        "word " * 7_000,
        "- some item\n" * 2_500,
        "7. some item\n" * 2_500,
        "```\n" + "some code\n" * 2_500 + "```",
    ],
    ids=["paragraph", "bullets", "numbers", "code"],
)
def test_a_long_answer_is_split_and_loses_nothing(markdown):
    pages = prose_blocks(markdown)
    assert 1 < len(pages) <= PAGES_LIMIT
    for page in pages:
        assert all(weight(block) <= PIECE_LIMIT for block in page)
        assert_sound(Message.of(page))
    word = next(word for word in ("word", "item", "code") if word in markdown)
    assert sum(shown(page).count(word) for page in pages) == markdown.count(word)


def test_a_numbered_list_goes_on_counting_on_the_next_page():
    pages = prose_blocks("3. some item\n" * 1_000)
    lists = [element for page in pages for block in page for element in block["elements"]]
    counted = 2
    for element in lists:
        assert element["offset"] == counted
        counted += len(element["elements"])
    assert counted == 1_002


def test_what_is_too_long_to_show_is_said_to_be():
    pages = prose_blocks("word " * 50_000)
    assert len(pages) == PAGES_LIMIT
    assert "too long to show" in shown(pages[-1])
    assert "too long to show" not in shown(pages[0])


@pytest.mark.parametrize(
    "part", [SAMPLE, "word " * 300 + "\n\n", "- one\n\n- two\n\n", f"```\n{'code ' * 900}\n\n"]
)
def test_the_beginning_of_a_long_answer_looks_the_same_whether_the_rest_was_read_or_not(monkeypatch, part):
    long = part * (prose.MARKDOWN_LIMIT // len(part))
    begun = prose_blocks(long)
    monkeypatch.setattr(prose, "BEGINNING", prose.MARKDOWN_LIMIT)
    assert prose_blocks(long) == begun


def test_no_more_of_an_answer_is_converted_than_can_be_shown(monkeypatch):
    read = []
    monkeypatch.setattr(prose, "markdown_to_blocks", lambda source, options: read.append(source) or [])
    monkeypatch.setattr(prose, "sections", lambda source: [{"type": "divider"}] * (PAGE_BLOCKS * 7))
    prose_blocks("word\n\n" * 9_000)
    assert [len(source) <= prose.BEGINNING for source in read] == [True]


def test_a_heading_stays_with_what_it_heads():
    filler = "x" * 2_990
    pages = prose_blocks(f"{filler}\n\n{filler}\n\n{filler}\n\n## What I found\n\n{filler}")
    assert [page[0]["type"] for page in pages] == ["rich_text", "header"]


def test_paragraphs_are_blocks_of_their_own_and_a_list_stays_with_its_lead():
    blocks = only_page("One.\n\nTwo:\n\n- a\n  - b")
    assert [[element["type"] for element in block["elements"]] for block in blocks] == [
        ["rich_text_section"],
        ["rich_text_section", "rich_text_list", "rich_text_list"],
    ]


def test_a_second_table_goes_into_the_next_message():
    table = "| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    assert [[block["type"] for block in page] for page in prose_blocks(table * 2)] == [["table"], ["table"]]


def test_a_long_table_is_split_under_its_header():
    rows = "".join(f"| {number} | name |\n" for number in range(250))
    pages = prose_blocks(f"| no | name |\n|---|---|\n{rows}")
    tables = [block["rows"] for page in pages for block in page]
    assert [len(table) for table in tables] == [100, 100, 53]
    assert {table[0][0]["text"] for table in tables} == {"no"}


def test_a_wide_table_is_cut_and_says_so():
    table, note = only_page("|a" * 25 + "|\n" + "|-" * 25 + "|\n" + "|1" * 25 + "|\n")
    assert {len(row) for row in table["rows"]} == {20}
    assert "5 more columns" in note["elements"][0]["text"]


def test_a_huge_cell_is_cut():
    table = only_page(f"| a | b |\n|---|---|\n| {'x' * 9_000} | [{'y' * 9_000}](https://x.example) |\n")[0]
    assert weight(table) < 9_000
    assert_sound(Message.of([table]))


def test_a_link_that_is_not_https_stays_as_words():
    said = shown(only_page("[Acme](http://acme.example) [call](tel:123) [odd](/rel)"))
    assert said == "Acme (http://acme.example) call odd"


def test_an_image_becomes_a_link_with_its_description():
    (block,) = only_page("![our chart](https://img.example/c.png)")
    assert block["elements"][0]["elements"] == [
        {"type": "link", "url": "https://img.example/c.png", "text": "our chart"},
        {"type": "text", "text": " (img.example)"},
    ]


@pytest.mark.parametrize("label", ["your bank", "https://bank.example", "bank.example/login"])
def test_a_link_says_which_host_it_leads_to_whatever_its_label_pretends(label):
    (block,) = only_page(f"[{label}](https://bank.example@thief.example/login)")
    link, host = block["elements"][0]["elements"]
    assert (link["text"], host["text"]) == (label, " (thief.example)")


def test_a_link_whose_label_shows_the_host_says_it_once():
    (block,) = only_page("[Ada.example](https://ada.example/about)")
    assert [part["text"] for part in block["elements"][0]["elements"]] == ["Ada.example"]


def test_a_mail_address_is_text():
    (block,) = only_page("Ask [Ada](mailto:ada@a.example) or mailto:bob@b.example")
    assert {part["type"] for part in block["elements"][0]["elements"]} == {"text"}
    assert "Ada (ada@a.example)" in shown(block)


def test_a_mention_becomes_words():
    said = shown(only_page("ping <!channel>, <@U0VICTIM> and @here in `<!everyone>`"))
    assert said == "ping @channel, @U0VICTIM and @here in  ‹!everyone>"  # noqa: RUF001
    assert "<!" not in said


def test_a_deep_list_is_indented_no_further_than_slack_allows():
    nested = {"type": "rich_text_list", "style": "bullet", "indent": 12, "elements": []}
    nested["elements"] = [{"type": "rich_text_section", "elements": [{"type": "text", "text": "item"}]}]
    (block,) = disarm([{"type": "rich_text", "elements": [nested]}])
    assert block["elements"][0]["indent"] == 8


def test_what_is_nested_deeper_than_the_converter_reads_is_not_lost():
    lines = [f"{'  ' * depth}- item{depth}" for depth in range(15)]
    assert shown(only_page("\n".join(lines))) == "\n".join(lines)


def test_blank_prose_makes_no_message():
    assert prose_blocks(" \n\u200b\n") == []
    assert gist("") == ""


def test_when_the_converter_fails_the_words_still_arrive(monkeypatch):
    def broken(*_):
        raise RecursionError

    monkeypatch.setattr(prose, "markdown_to_blocks", broken)
    page = only_page("**18** leads <!channel>\n" + "more words " * 600)
    assert shown(page).startswith("**18** leads &lt;!channel&gt;")
    assert shown(page).count("more") == 600
    assert_sound(Message.of(page))


def test_a_block_that_the_converter_is_not_known_to_make_is_shown_as_text(monkeypatch):
    monkeypatch.setattr(
        prose, "markdown_to_blocks", lambda *_: [{"type": "video", "video_url": "https://x.example"}]
    )
    assert [block["type"] for block in only_page("words")] == ["section"]


@pytest.mark.parametrize(
    "element",
    [
        {"type": "rich_text_new", "elements": []},
        {"type": "rich_text_section", "elements": [{"type": "canvas"}]},
    ],
)
def test_an_element_that_the_converter_is_not_known_to_make_is_shown_as_text(monkeypatch, element):
    monkeypatch.setattr(
        prose, "markdown_to_blocks", lambda *_: [{"type": "rich_text", "elements": [element]}]
    )
    assert [block["type"] for block in only_page("words")] == ["section"]
