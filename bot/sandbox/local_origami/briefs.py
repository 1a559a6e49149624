"""Reading a brief the way a person would skim it: how many, of what, where."""

import random
import re
from dataclasses import dataclass
from functools import cached_property

from bot.sandbox.local_origami.inventions import (
    BUSINESS_COLUMNS,
    PEOPLE_COLUMNS,
    business,
    person,
    slug,
)
from bot.sandbox.local_origami.records import Table
from bot.sandbox.local_origami.script import (
    MAIN,
    AddLeads,
    ColumnSpec,
    CreateTable,
    Effect,
    LeadSpec,
)

MOST_LEADS = 18
"""A brief that asks for more gets this many: searches find less than was hoped for."""

_TAG = re.compile(r"\[([a-z ]{1,40})\]", re.IGNORECASE)
_SUBJECT = re.compile(
    r"\b(?:find|get|list|show)\s+(?:me\s+)?(?:(\d{1,4})\s+)?(?:more\s+)?([^,.;\[\]]{1,80}?)"
    r"(?:\s+in\s+([\w' -]{1,40}?))?(?=\s+(?:who|that|which|with)\b|[,.;\[]|\s*$)",
    re.IGNORECASE,
)
_SKIMMED = 500
_NOT_A_KIND = {"these", "them", "those", "leads", "more"}
_LOCAL = re.compile(
    r"clinic|dentist|dental|roofer|plumber|restaurant|shop|contractor|gym|salon", re.IGNORECASE
)


@dataclass(frozen=True)
class Brief:
    """What a prompt asks for, and what its agent has so far; the source of a script."""

    prompt: str
    rng: random.Random
    step_cap: int
    has_runs: bool = False
    answers_a_question: bool = False
    table: Table | None = None

    def tags(self) -> list[str]:
        """The words in [square brackets], lower case."""
        return [tag.strip().lower() for tag in _TAG.findall(self.prompt)]

    @cached_property
    def place(self) -> str:
        """Where the leads should be: what the brief says, else where the table's leads are, else Austin."""
        if self._subject is not None and self._subject[3]:
            return self._subject[3].strip().title()
        if self.table is not None and self.table.leads:
            values = self.table.leads[0].values
            return str(values.get("city") or values.get("address") or "Austin").rsplit(", ", 1)[-1]
        return "Austin"

    @cached_property
    def kind(self) -> str:
        """What the leads are, one word, such as "founders"."""
        words = self._subject[2].lower().split() if self._subject is not None else []
        return words[-1] if words and words[-1].isalpha() and words[-1] not in _NOT_A_KIND else "leads"

    @cached_property
    def wanted(self) -> int:
        """How many leads to find, 1 to MOST_LEADS."""
        number = self._subject[1] if self._subject is not None else None
        return max(1, min(int(number), MOST_LEADS)) if number else 12

    @cached_property
    def _subject(self) -> re.Match[str] | None:
        return _SUBJECT.search(_TAG.sub("", self.prompt)[:_SKIMMED].strip())

    @property
    def is_local(self) -> bool:
        """Whether the leads are businesses with a door, rather than people."""
        if self.table is not None:
            return self.table.column("business") is not None
        return _LOCAL.search(self.prompt) is not None

    @property
    def table_name(self) -> str:
        """The name of the table that the brief leads to."""
        if self.table is not None:
            return self.table.name
        seed = "Seed " if re.search(r"\bseed\b", self.prompt, re.IGNORECASE) else ""
        return f"{self.place} {seed}{self.kind.title()}"

    @property
    def table_slug(self) -> str:
        """What next actions call the table."""
        return slug(self.table_name)

    @property
    def columns(self) -> tuple[ColumnSpec, ...]:
        """The columns that suit the leads."""
        return BUSINESS_COLUMNS if self.is_local else PEOPLE_COLUMNS

    def values(self) -> dict[str, object]:
        """One more invented lead."""
        return business(self.rng, self.place, self.kind) if self.is_local else person(self.rng, self.place)

    def leads(self, count: int, *, fitting: int | None = None) -> tuple[LeadSpec, ...]:
        """Invented leads, of which the first `fitting` (default: all) belong to the saved view."""
        shown = count if fitting is None else fitting
        return tuple(LeadSpec(self.values(), fits=number < shown) for number in range(count))

    def work(self, leads: tuple[LeadSpec, ...], *, table: str = MAIN) -> tuple[Effect, ...]:
        """A table with leads: a new one unless the agent has one, then the leads in two portions."""
        half = (len(leads) + 1) // 2
        opening = (CreateTable(1, self.table_name, self.columns, table=table),) if self.table is None else ()
        portions = ((3, leads[:half]), (5, leads[half:]))
        return opening + tuple(AddLeads(at, portion, table=table) for at, portion in portions if portion)
