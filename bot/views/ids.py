"""The ids by which Slack tells us what was clicked or filled in."""

from __future__ import annotations

STOP = "stop"
"""Button; its value is our run id."""
CHOOSE = "choose"
"""Button ``choose:<choice id>``; its value is the choice id."""
CHOOSE_SELECT = "choose_select"
"""Menu; the value of an option is the choice id."""
OWN_WORDS = "own_words"
"""Button that opens the answer modal; its value is our run id."""
OPEN_TABLE = "open_table"
"""URL button ``open_table:<n>``: Slack reports its clicks too, and they need an ack."""
OPEN_LINK = "open_link"
"""Any other URL button."""

TABLES = "tables"
"""Menu of the workspace's tables, filled as one types."""

SHOW_RUNS = "show_runs"
"""Button ``show_runs:<name>`` under a list; its value is a page of it (see ``page``)."""
SHOW_HOME = "show_home"
"""The same on Home."""
START_BRIEF = "start_brief"
"""Button on Home that opens the brief form."""
MY_SETTINGS = "my_settings"
SHARED_SETTINGS = "shared_settings"
"""Button ``shared_settings:<scope>``; its value is ``channel:<id>`` or ``workspace``."""
ROLES = "roles"
"""Button in the workspace's settings that opens the form of who may use Origami."""
FEEDBACK = "feedback"
"""Feedback buttons; the value is ``<verdict>:<our run id>``."""

EXPORT = "export"
"""Button ``export:<csv|xlsx>``; its value is our run id."""
DETAILS = "details"
"""Button that opens a run's economics and transcript; its value is our run id."""
DETAILS_PAGE = "details_page"
"""Button ``details_page:<name>`` in that modal; its value is a page of it (see ``views.details.Page``)."""
TAKE_UP = "take_up"
"""Button ``take_up:<choice id>`` of a next action that first asks for something; its value is the same id."""
SCHEDULE = "schedule"
"""Button ``schedule:<what>`` that opens or changes a recurring brief; its value is the brief's id, for
``from_run`` our run id, and for the pages of their list a page."""
SHOW_HERE = "show_here"
"""Button that lets everybody in a shared channel see a run's answer; its value is our run id."""
TIME_ZONES = "time_zones"
"""Menu of all time zones, filled as one types."""

AUDIT = "audit"
"""Button ``audit:<name>`` that shows who did what; its value is the id of an entry: those before it."""
AUDIT_EXPORT = "audit_export"
"""Button that puts all of it into a file."""

CONNECT = "connect"
"""Button ``connect`` or ``connect:again`` that opens the form for the workspace's Origami key."""
DISCONNECT = "disconnect"
FORGET = "forget"
"""Button that deletes all that is kept of the workspace."""

BRIEF_MODAL = "brief_modal"
ANSWER_MODAL = "answer_modal"
TAKE_UP_MODAL = "take_up_modal"
SETTINGS_MODAL = "settings_modal"
SHARED_SETTINGS_MODAL = "shared_settings_modal"
ROLES_MODAL = "roles_modal"
AUDIT_MODAL = "audit_modal"
CONNECT_MODAL = "connect_modal"
DETAILS_MODAL = "details_modal"
SCHEDULE_MODAL = "schedule_modal"


def choose(choice_id: str) -> str:
    """Name the action of one choice's button."""
    return f"{CHOOSE}:{choice_id}"


def take_up(choice_id: str) -> str:
    """Name the action of one choice that asks for something first."""
    return f"{TAKE_UP}:{choice_id}"


def open_table(number: int) -> str:
    """Name the action of one table's button."""
    return f"{OPEN_TABLE}:{number}"
