"""Text and results as nobody would want them."""

from hypothesis import strategies as st

from tests.unit.views.samples import a_question, a_result, a_table, an_action

HOSTILE = st.sampled_from(
    [
        "<!channel>",
        "<!here|here>",
        "@everyone",
        "<@U0VICTIM>",
        "<#C0SECRET|x>",
        "<!subteam^S1>",
        "<!date^1^{date}|x>",
        "&lt;!channel&gt;",
        "<https://evil.example|safe>",
        "<javascript:alert(1)|x>",
        "[x](javascript:alert(1))",
        "[x](!channel)",
        "[x](http://plain.example)",
        "![x](https://img.example/x.png)",
        "https://a.example/<!channel>",
        "\u202egnirts\u202c",
        "\u200b\ufeff\x00\x1b[0m",
        "\U000e0041",
        "| a | b |\n|---|---|\n| 1 |  |\n",
        "# head\n",
        "> quote\n",
        "- item\n",
        "1. item\n",
        "```\ncode <!channel>\n```\n",
        "*_~`",
        "&amp;&",
        "&" * 50,
        "<" * 50,
        "x" * 4_000,
        "word " * 900,
        "\n\n",
        "😀" * 100,
    ]
)
TEXT = st.lists(st.one_of(HOSTILE, st.text(max_size=30)), max_size=8).map("".join)
NAME = st.one_of(HOSTILE, st.text(max_size=40))
URL = st.one_of(
    st.sampled_from(
        ["https://origami.chat/t?a=1&b=2", "javascript:alert(1)", "http://x.example", "", "https://"]
    ),
    st.text(max_size=30).map("https://x.example/".__add__),
    st.just("https://x.example/" + "y" * 4_000),
)
STATUS = st.sampled_from(
    [
        "completed",
        "needs_input",
        "incomplete",
        "step_cap_hit",
        "cancelled",
        "errored",
        "timed_out",
        "running",
        "new <!",
    ]
)
KIND = st.one_of(
    st.sampled_from(["leads_added", "table_created", "column_added", "leads_deleted", "columns_updated"]),
    NAME,
)
IDS = st.sampled_from(["t1", "t2", "t3", "t4", "t5", "t6", "t7"])

TABLES = st.lists(
    st.builds(lambda i, n, c, u: a_table(n, c, i, url=u), IDS, NAME, st.integers(0, 10**9), URL), max_size=8
)
ACTIONS = st.lists(
    st.builds(
        lambda k, i, n, c: an_action(k, i, tableName=n, columnName=n, leadCount=c),
        KIND,
        IDS,
        NAME,
        st.integers(),
    ),
    max_size=8,
)
QUESTIONS = st.lists(st.builds(lambda q, a: a_question(q, *a), TEXT, st.lists(NAME, max_size=8)), max_size=12)
NEXT_ACTIONS = st.lists(st.builds(lambda n: {"label": n}, NAME), max_size=12)
RESULTS = st.builds(
    lambda status, text, actions, tables, questions, next_actions: a_result(
        status, text=text, actions=actions, tables=tables, questions=questions, next_actions=next_actions
    ),
    STATUS,
    st.none() | TEXT,
    ACTIONS,
    TABLES,
    QUESTIONS,
    NEXT_ACTIONS,
)
