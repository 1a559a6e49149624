"""Slack's limits as data: docs.slack.dev/reference/block-kit, slack_sdk.models and measured refusals."""

from typing import Final

PLAIN: Final = frozenset({"plain_text"})
PROSE: Final = frozenset({"plain_text", "mrkdwn"})

BLOCKS_PER_MESSAGE: Final = 50
BLOCKS_PER_VIEW: Final = 100
ATTACHMENTS_PER_MESSAGE: Final = 100
MARKDOWN_CHARACTERS: Final = 12_000
# Undocumented; refusals were measured near this (bolt-js issues 2509 and 2867).
BLOCK_TEXT_CHARACTERS: Final = 13_200
TABLE_CHARACTERS: Final = 10_000
DATA_TABLE_CHARACTERS: Final = 20_000
VIEW_BYTES: Final = 250_000
VIEW_PROPERTIES: Final = frozenset(
    {"type", "title", "blocks", "close", "submit", "submit_disabled", "private_metadata", "callback_id"}
    | {"clear_on_close", "notify_on_close", "external_id"}
)
# What Slack adds to a view; harmless when an app sends a view back.
VIEW_ADDITIONS: Final = frozenset(
    {"id", "team_id", "app_id", "app_installed_team_id", "bot_id", "hash", "state", "root_view_id"}
    | {"previous_view_id"}
)

SELECTS: Final = frozenset(
    f"{many}{source}_select"
    for many in ("", "multi_")
    for source in ("static", "external", "users", "conversations", "channels")
)
CHOOSERS: Final = SELECTS | {"checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker"}
TYPED_INPUTS: Final = frozenset(
    {"plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input"}
)
ACTION_ELEMENTS: Final = CHOOSERS | {"button", "overflow", "workflow_button"}
CHILDREN: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("section", "accessory"): ACTION_ELEMENTS | {"image"},
    ("actions", "elements"): ACTION_ELEMENTS,
    ("input", "element"): CHOOSERS | TYPED_INPUTS | {"file_input"},
    ("context", "elements"): PROSE | {"image"},
    ("context_actions", "elements"): frozenset({"feedback_buttons", "icon_button"}),
    ("card", "actions"): frozenset({"button"}),
    ("carousel", "elements"): frozenset({"card"}),
    ("plan", "tasks"): frozenset({"task_card"}),
    ("rich_text", "elements"): frozenset(
        {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
    ),
}

EVERYWHERE: Final = frozenset(
    {"section", "header", "divider", "context", "actions", "image", "rich_text", "input", "video"}
)
SURFACES: Final[dict[str, frozenset[str]]] = {
    "message": EVERYWHERE
    | {"markdown", "table", "data_table", "data_visualization", "plan", "task_card", "context_actions"}
    | {"card", "carousel", "container", "auth_provider", "file", "call"},
    "modal": EVERYWHERE | {"alert"},
    "home": EVERYWHERE | {"card", "carousel"},
}

# (kind, property): (most characters, text kinds allowed)
TEXTS: Final[dict[tuple[str, str], tuple[int, frozenset[str]]]] = {
    ("section", "text"): (3000, PROSE),
    ("section", "fields"): (2000, PROSE),
    ("header", "text"): (150, PLAIN),
    ("alert", "text"): (200, PROSE),
    ("image", "title"): (2000, PLAIN),
    ("video", "title"): (200, PLAIN),
    ("video", "description"): (200, PLAIN),
    ("input", "label"): (2000, PLAIN),
    ("input", "hint"): (2000, PLAIN),
    ("button", "text"): (75, PLAIN),
    ("workflow_button", "text"): (75, PLAIN),
    ("icon_button", "text"): (75, PLAIN),
    ("feedback_button", "text"): (75, PLAIN),
    ("option", "text"): (75, PROSE),
    ("option", "description"): (75, PROSE),
    ("option_group", "label"): (75, PLAIN),
    ("confirm", "title"): (100, PLAIN),
    ("confirm", "text"): (300, PROSE),
    ("confirm", "confirm"): (30, PLAIN),
    ("confirm", "deny"): (30, PLAIN),
    ("card", "title"): (150, PROSE),
    ("card", "subtitle"): (150, PROSE),
    ("card", "body"): (200, PROSE),
    ("container", "title"): (150, PLAIN),
    ("container", "subtitle"): (150, PROSE),
    ("modal", "title"): (24, PLAIN),
    ("modal", "submit"): (24, PLAIN),
    ("modal", "close"): (24, PLAIN),
} | {(kind, "placeholder"): (150, PLAIN) for kind in SELECTS | TYPED_INPUTS | CHOOSERS}

STRINGS: Final[dict[tuple[str, str], int]] = {
    ("button", "value"): 2000,
    ("button", "url"): 3000,
    ("button", "accessibility_label"): 75,
    ("button", "agent_prompt"): 4000,
    ("icon_button", "value"): 2000,
    ("icon_button", "accessibility_label"): 75,
    ("feedback_button", "value"): 2000,
    ("feedback_button", "accessibility_label"): 75,
    ("option", "value"): 150,
    ("option", "url"): 3000,
    ("image", "image_url"): 3000,
    ("image", "alt_text"): 2000,
    ("data_visualization", "title"): 50,
}
STRINGS_ANYWHERE: Final = {"action_id": 255, "block_id": 255, "callback_id": 255, "external_id": 255} | {
    "private_metadata": 3000
}

# (kind, property): (fewest, most)
LISTS: Final[dict[tuple[str, str], tuple[int, int]]] = {
    ("section", "fields"): (1, 10),
    ("actions", "elements"): (1, 25),
    ("context", "elements"): (1, 10),
    ("context_actions", "elements"): (1, 5),
    ("carousel", "elements"): (1, 10),
    ("container", "child_blocks"): (1, 10),
    ("card", "actions"): (1, 3),
    ("plan", "tasks"): (0, 50),
    ("table", "rows"): (1, 100),
    ("table", "column_settings"): (0, 20),
    ("data_table", "rows"): (2, 101),
    ("overflow", "options"): (1, 5),
    ("checkboxes", "options"): (1, 10),
    ("radio_buttons", "options"): (1, 10),
    ("option_group", "options"): (1, 100),
} | {
    (kind, name): (1, 100)
    for kind in ("static_select", "multi_static_select")
    for name in ("options", "option_groups")
}

REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "header": ("text",),
    "markdown": ("text",),
    "alert": ("text",),
    "image": ("alt_text",),
    "input": ("label", "element"),
    "actions": ("elements",),
    "context": ("elements",),
    "context_actions": ("elements",),
    "rich_text": ("elements",),
    "table": ("rows",),
    "data_table": ("rows", "caption"),
    "data_visualization": ("title", "chart"),
    "plan": ("title",),
    "task_card": ("task_id", "title", "status"),
    "carousel": ("elements",),
    "container": ("child_blocks",),
    "button": ("text",),
    "option": ("text",),
    "option_group": ("label", "options"),
    "confirm": ("title", "text", "confirm", "deny"),
    "feedback_buttons": ("positive_button", "negative_button"),
    "feedback_button": ("text",),
    "icon_button": ("icon", "text"),
    "overflow": ("options",),
    "checkboxes": ("options",),
    "radio_buttons": ("options",),
    "number_input": ("is_decimal_allowed",),
    "modal": ("title", "blocks"),
    "home": ("blocks",),
}

# Bounds that an input may set: (property, smallest, largest)
BOUNDS: Final = {
    "plain_text_input": (("min_length", 0, 3000), ("max_length", 1, 3000)),
    "file_input": (("max_files", 1, 10),),
    "data_table": (("page_size", 1, 100),),
}
