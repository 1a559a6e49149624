"""What Slack and Origami counted, against what was promised: every number should be 0."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Self

from tests.crash.stage import direct_answers, endings, follow_ups, openings, previews, shared_files
from tests.end_to_end.conftest import shown

if TYPE_CHECKING:
    from bot.sandbox.local_origami.records import Agent
    from bot.sandbox.local_slack import Message
    from tests.crash.stage import Brief, Stage

CHOSE = "> chose "
"""Below a question that is answered: who chose what."""


@dataclass(slots=True)
class Tally:
    """Broken promises, counted."""

    lost_runs: int = 0
    """Acked briefs that Origami never saw; won clicks without a follow-up."""
    doubled_runs: int = 0
    """Runs at Origami beyond one a brief and one a won click: each is paid twice."""
    lost_openings: int = 0
    doubled_openings: int = 0
    lost_endings: int = 0
    """Runs without a completion message that mentions the requester."""
    doubled_endings: int = 0
    lost_files: int = 0
    doubled_files: int = 0
    lost_previews: int = 0
    """Runs that added leads without a message that shows the first of them."""
    doubled_previews: int = 0
    two_winners: int = 0
    """Questions with more than one chosen answer."""
    strays: int = 0
    """Runs at Origami, or threads in Slack, that nobody asked for."""

    stories: list[str] = field(default_factory=list)
    """What is known of each brief that was wronged."""

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def broken(self) -> dict[str, int]:
        """What is not 0, by name."""
        return {name: count for name, count in self.as_row().items() if count}

    def as_row(self) -> dict[str, int]:
        """Every number, by what it counts."""
        names = [one.name for one in fields(self) if one.type == "int"]
        return {name.replace("_", " "): getattr(self, name) for name in names}

    @classmethod
    def of(cls, stage: Stage) -> Self:
        """Count at Slack and at Origami, with no look at our own database."""
        tally = cls()
        for brief in stage.briefs:
            tally._count(stage, brief)
        marks = [brief.mark for brief in stage.briefs]
        agents = {id(run.agent): run for run in reversed(stage.origami.runs)}
        first_runs = [run for run in agents.values() if run.agent.runs[0] is run]
        tally.strays += sum(not any(mark in run.prompt for mark in marks) for run in first_runs)
        channels = {brief.channel for brief in stage.briefs}
        standing = [message for name in channels for message in stage.slack.channel(name).messages]
        tally.strays += sum(not any(mark in shown(message) for mark in marks) for message in standing)
        return tally

    def _count(self, stage: Stage, brief: Brief) -> None:
        found = openings(stage.slack, brief)
        first = [run for run in stage.origami.runs if run is run.agent.runs[0]]
        agents = [run.agent for run in first if brief.mark in run.prompt]
        if not found and not agents:
            self.lost_runs += brief.acked
            return
        before = self.broken
        self._compare("runs", len(agents), 1)
        self._compare("openings", len(found), 1)
        if found and agents:
            self._count_thread(stage, brief, found[0], agents[0])
        if self.broken != before:
            self.stories.append(story(stage, brief))

    def _count_thread(self, stage: Stage, brief: Brief, opening: Message, agent: Agent) -> None:
        chosen = [message for message in endings(stage.slack, opening) if CHOSE in message.text]
        clicks = 1 if brief.clicked or chosen else 0
        self.two_winners += sum(max(0, message.text.count(CHOSE) - 1) for message in chosen)
        self._compare("runs", len(agent.runs) - 1, clicks)
        self._compare("openings", len(follow_ups(stage.slack, opening)), clicks)
        told = [message for message in endings(stage.slack, opening) if "<@" in message.text.split("\n")[0]]
        self._compare("endings", len(told), 1 + clicks)
        direct = 1 if stage.slack.channel(brief.channel).shared_with else 0
        self._compare("endings", len(direct_answers(stage.slack, brief)), direct)
        self._compare("files", len(shared_files(stage.slack, opening)), int(brief.wants_file))
        gained = sum(any("leadCount" in action for action in run.actions) for run in agent.runs)
        self._compare("previews", len(previews(stage.slack, opening)), gained)

    def _compare(self, what: str, counted: int, promised: int) -> None:
        setattr(self, f"lost_{what}", getattr(self, f"lost_{what}") + max(0, promised - counted))
        setattr(self, f"doubled_{what}", getattr(self, f"doubled_{what}") + max(0, counted - promised))


def story(stage: Stage, brief: Brief) -> str:
    """Everything that Slack and Origami know of a brief."""
    runs = [
        f"  Origami {run.started:.2f} {run.agent.id} {run.id} {run.status} {run.prompt!r}"
        for run in stage.origami.runs
        if brief.mark in run.agent.runs[0].prompt
    ]
    messages = [
        f"  Slack {message.ts} {message.text[:120]!r} {message.metadata}"
        for opening in openings(stage.slack, brief)
        for message in stage.slack.thread(opening)
    ]
    return "\n".join([f"{brief.mark}: acked {brief.acked}, clicked {brief.clicked}", *runs, *messages])
