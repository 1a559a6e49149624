"""The briefs that the page's first view offers, each to show another side."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from bot.sandbox.local_origami import SCENARIOS
from bot.sandbox.switches import NO_CREDITS, NO_SLOTS

SWITCHED_SECONDS: Final = 15.0
"""How long an example's switch stays on: long enough to be seen, short enough not to puzzle later."""


@dataclass(frozen=True, slots=True)
class Example:
    """A brief to click; `switch` is on for a while from the click on."""

    title: str
    shows: str
    brief: str
    switch: str | None = None


def _scenario(title: str, shows: str, tag: str, brief: str) -> Example:
    """An example of one of the local Origami's scenarios; KeyError if there is no such one."""
    return Example(title, shows, f"{brief} [{SCENARIOS[tag].tag}]")


EXAMPLES: Final = (
    Example(
        "A clean result",
        "the answer with its table, and buttons for what comes next",
        "find 50 SaaS founders in Austin who raised seed",
    ),
    _scenario(
        "One question", "a question whose answers are buttons", "one question", "find dentists in Leeds"
    ),
    _scenario(
        "Three questions",
        "answers gathered from several people, and in one's own words",
        "three questions",
        "find biotech founders in Basel",
    ),
    _scenario(
        "A long run",
        "progress while Origami works, and Stop",
        "slow",
        "find 40 logistics managers in Rotterdam",
    ),
    _scenario(
        "The step limit",
        "a run that is cut short, and Continue",
        "step cap",
        "find 60 restaurant owners in Lisbon",
    ),
    _scenario(
        "An error", "a run that fails, in plain words with a next step", "errored", "find architects in Oslo"
    ),
    Example(
        "No credits",
        "an account that is empty for a moment: nothing starts, nothing is lost",
        "find HR leads in Dublin",
        NO_CREDITS,
    ),
    Example(
        "A busy slot",
        "colleagues who hold every slot for a moment: the run waits in line",
        "find roofers in Austin",
        NO_SLOTS,
    ),
    _scenario(
        "A big table", "a long answer, and 150 rows of which ten match", "big", "find 150 plumbers in Chicago"
    ),
    _scenario(
        "A table that fills",
        "a preview that is kept up to date until its cells are done",
        "filling",
        "find 12 bakers in Ghent",
    ),
    _scenario(
        "Every next step",
        "more leads with their price, a file to hand over, an export, a recurring brief",
        "each next action",
        "find 9 florists in Bergen",
    ),
    _scenario(
        "A scratch table", "two tables, of which one matters", "two tables", "find 8 cartographers in Delft"
    ),
)


def as_json() -> list[dict[str, Any]]:
    """The examples, for the page."""
    return [asdict(example) for example in EXAMPLES]
