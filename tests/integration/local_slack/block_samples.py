"""Payloads that Slack accepts, and payloads that it refuses with where the mistake is."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn("hello"), **more}


def button(text: str = "Go", **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": "go", **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def option(text: str = "One", value: str = "1") -> Json:
    return {"text": plain(text), "value": value}


def select(*options: Json, **more: Any) -> Json:
    return {"type": "static_select", "action_id": "pick", "options": list(options) or [option()], **more}


def cell(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def table(*rows: list[Json]) -> Json:
    return {"type": "table", "rows": list(rows)}


def data_table(*rows: list[Json], **more: Any) -> Json:
    return {"type": "data_table", "caption": "Leads", "rows": list(rows), **more}


def text_input(**more: Any) -> Json:
    return {
        "type": "input",
        "label": plain("Why"),
        "element": {"type": "plain_text_input", "action_id": "why", **more},
    }


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("T"), "submit": plain("Send"), "blocks": list(blocks), **more}


def rich(text: str) -> Json:
    part = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [part]}


CONFIRM = {"title": plain("Sure?"), "text": plain("It costs"), "confirm": plain("Yes"), "deny": plain("No")}
FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "feedback",
    "positive_button": {"text": plain("Good"), "value": "good"},
    "negative_button": {"text": plain("Bad"), "value": "bad"},
}
TASK = {"type": "task_card", "task_id": "1", "title": "Search", "status": "in_progress", "details": rich("x")}
CHART = {
    "type": "data_visualization",
    "title": "Leads",
    "chart": {"type": "pie", "segments": [{"label": "a", "value": 1}]},
}

GOOD = {
    "section": [section()],
    "section with fields and accessory": [
        {"type": "section", "fields": [mrkdwn("a"), plain("b")], "accessory": button()}
    ],
    "expanded section": [section(expand=True)],
    "header, divider, context": [
        {"type": "header", "text": plain("H")},
        {"type": "divider"},
        {"type": "context", "elements": [mrkdwn("c")]},
    ],
    "buttons": [
        actions(button(style="primary", confirm=CONFIRM), button(action_id="b", url="https://x.com"))
    ],
    "button for some people": [actions(button(visible_to_user_ids=["U1"]))],
    "selects": [actions(select(initial_option=option()), {"type": "users_select", "action_id": "u"})],
    "overflow": [section(accessory={"type": "overflow", "action_id": "o", "options": [option()]})],
    "option groups": [
        actions(
            {
                "type": "static_select",
                "action_id": "g",
                "option_groups": [{"label": plain("L"), "options": [option()]}],
            }
        )
    ],
    "markdown": [{"type": "markdown", "text": "# Hi\n\n**there**"}],
    "table": [
        table([cell("Name"), cell("Title")], [cell("Ana"), {"type": "raw_number", "value": 1, "text": "1"}])
    ],
    "table of rich text": [table([cell("Name")], [rich("Ana")])],
    "data table": [data_table([cell("Name")], [cell("Ana")], page_size=10)],
    "chart": [CHART],
    "plan": [{"type": "plan", "title": "Working", "tasks": [TASK]}],
    "task": [TASK],
    "feedback": [{"type": "context_actions", "elements": [FEEDBACK]}],
    "card": [{"type": "card", "title": mrkdwn("C"), "body": mrkdwn("b"), "actions": [button()]}],
    "container": [{"type": "container", "title": plain("C"), "child_blocks": [section()]}],
    "rich text": [rich("hello")],
    "image": [{"type": "image", "image_url": "https://x.com/a.png", "alt_text": "a"}],
    "input in a message": [text_input()],
    "checkboxes": [actions({"type": "checkboxes", "action_id": "c", "options": [option()]})],
}

BAD = {
    "a time picker's odd time": (
        [actions({"type": "timepicker", "action_id": "at", "initial_time": "9:00"})],
        "/blocks/0/elements/0/initial_time",
    ),
    "51 blocks": ([{"type": "divider"}] * 51, "/blocks"),
    "unknown block": ([{"type": "marquee"}], "/blocks/0/type"),
    "not an object": (["hello"], "/blocks/0"),
    "not a list": ({"type": "divider"}, "/blocks"),
    "section without text": ([{"type": "section"}], "/blocks/0"),
    "long section": ([section(text=mrkdwn("x" * 3001))], "/blocks/0/text/text"),
    "empty text": ([section(text=mrkdwn(""))], "/blocks/0/text/text"),
    "text as a string": ([section(text="hello")], "/blocks/0/text"),
    "long field": ([{"type": "section", "fields": [mrkdwn("x" * 2001)]}], "/blocks/0/fields/0/text"),
    "11 fields": ([{"type": "section", "fields": [mrkdwn("x")] * 11}], "/blocks/0/fields"),
    "mrkdwn header": ([{"type": "header", "text": mrkdwn("h")}], "/blocks/0/text"),
    "long header": ([{"type": "header", "text": plain("h" * 151)}], "/blocks/0/text/text"),
    "long button": ([actions(button("x" * 76))], "/blocks/0/elements/0/text/text"),
    "long button value": ([actions(button(value="x" * 2001))], "/blocks/0/elements/0/value"),
    "javascript link": ([actions(button(url="javascript:alert(1)"))], "/blocks/0/elements/0/url"),
    "unknown button style": ([actions(button(style="loud"))], "/blocks/0/elements/0/style"),
    "unknown property": ([section(colour="red")], "/blocks/0/colour"),
    "unknown nested property": ([actions(button(colour="red"))], "/blocks/0/elements/0/colour"),
    "26 buttons": ([actions(*[button(action_id=str(i)) for i in range(26)])], "/blocks/0/elements"),
    "no buttons": ([actions()], "/blocks/0/elements"),
    "11 context elements": ([{"type": "context", "elements": [mrkdwn("x")] * 11}], "/blocks/0/elements"),
    "image button in context": ([{"type": "context", "elements": [button()]}], "/blocks/0/elements/0"),
    "same action id twice": ([actions(button(), button())], "/blocks/0"),
    "same block id twice": ([section(block_id="b"), section(block_id="b")], "/blocks"),
    "long block id": ([section(block_id="b" * 256)], "/blocks/0/block_id"),
    "confirm without deny": (
        [actions(button(confirm={k: v for k, v in CONFIRM.items() if k != "deny"}))],
        "/blocks/0/elements/0/confirm",
    ),
    "long confirm": (
        [actions(button(confirm={**CONFIRM, "text": plain("x" * 301)}))],
        "/blocks/0/elements/0/confirm/text/text",
    ),
    "foreign initial option": ([actions(select(initial_option=option("Two", "2")))], "/blocks/0/elements/0"),
    "long option label": ([actions(select(option("x" * 76)))], "/blocks/0/elements/0/options/0/text/text"),
    "long option value": ([actions(select(option("a", "x" * 151)))], "/blocks/0/elements/0/options/0/value"),
    "101 options": ([actions(select(*[option(str(i)) for i in range(101)]))], "/blocks/0/elements/0/options"),
    "6 overflow options": (
        [actions({"type": "overflow", "action_id": "o", "options": [option(str(i)) for i in range(6)]})],
        "/blocks/0/elements/0/options",
    ),
    "two tables": ([table([cell("a")]), data_table([cell("a")], [cell("b")])], "/1"),
    "101 rows": ([table(*[[cell("a")]] * 101)], "/blocks/0/rows"),
    "21 columns": ([table([cell("a")] * 21)], "/blocks/0/rows/0"),
    "empty cell": ([table([cell("a")], [cell("")])], "/blocks/0/rows/1/0/text"),
    "unknown cell": ([table([{"type": "emoji"}])], "/blocks/0/rows/0/0"),
    "10,001 characters of table": ([table(*[[cell("x" * 1000)]] * 10, [cell("x")])], "/0"),
    "data table without data": ([data_table([cell("a")])], "/blocks/0/rows"),
    "ragged data table": ([data_table([cell("a")], [cell("b"), cell("c")])], "/blocks/0/rows"),
    "data table without caption": (
        [{"type": "data_table", "rows": [[cell("a")], [cell("b")]]}],
        "/blocks/0",
    ),
    "large pages": ([data_table([cell("a")], [cell("b")], page_size=101)], "/blocks/0/page_size"),
    "chart of nothing": ([{**CHART, "chart": {"type": "donut"}}], "/blocks/0/chart"),
    "alert in a message": ([{"type": "alert", "text": mrkdwn("a")}], "/blocks/0/type"),
    "unknown task status": ([{**TASK, "status": "done"}], "/blocks/0/status"),
    "file input in a message": (
        [{"type": "input", "label": plain("F"), "element": {"type": "file_input", "action_id": "f"}}],
        "/blocks/0/element",
    ),
    "min above max": ([text_input(min_length=5, max_length=2)], "/blocks/0/element/min_length"),
    "max_length above 3000": ([text_input(max_length=3001)], "/blocks/0/element/max_length"),
    "bad date": (
        [actions({"type": "datepicker", "action_id": "d", "initial_date": "tomorrow"})],
        "/blocks/0",
    ),
}
