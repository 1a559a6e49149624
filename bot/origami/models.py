"""Agents, their runs, and the account.

Every record tolerates unknown fields and values, missing ones and nulls: the spec moves (v2 is a beta).
A broken item of a list is dropped and the others stay; what lacks its own id is a MalformedAnswer.
"""

from typing import Annotated, Self

from bot.origami import _loose as loose
from bot.origami import _reading as reading
from bot.origami._bounds import Bounds
from bot.origami._parts import LeftOut, Request, Response, Steps, Todo

TERMINAL = frozenset(
    {"completed", "needs_input", "incomplete", "step_cap_hit", "cancelled", "errored", "timed_out"}
)
"""The known statuses of a run that is over; `running` is the only known one of a run that is not."""


class RunSummary(loose.Loose):
    """A run as lists show it; `prompt` is cut to 200 characters by Origami."""

    id: loose.Identifier
    status: loose.Status
    agent_id: loose.OptionalIdentifier = None
    prompt: loose.Text = ""
    model: loose.OptionalLine = None
    steps: Annotated[Steps, loose.part(Steps)] = Steps()
    started_at: loose.Moment = None
    completed_at: loose.Moment = None

    def is_over(self, retry_after: float | None) -> bool:
        """Whether the run has ended: its status decides.

        `retry_after` is the poll's header in seconds; it decides only for a status that nobody knows yet,
        because Origami sends it on runs that go on.
        """
        if self.status == "running":
            return False
        return self.status in TERMINAL or retry_after is None


class Run(RunSummary):
    """A run; `response` is None while it runs, or what there is so far."""

    workspace_id: loose.OptionalIdentifier = None
    request: Annotated[Request, loose.part(Request)] = Request()
    response: Annotated[Response | None, loose.part_or_none(Response)] = None
    todo: Annotated[Todo, loose.part(Todo)] = Todo()
    left_out: Annotated[LeftOut, loose.part(LeftOut)] = LeftOut()

    @classmethod
    def going_on(cls, value: object) -> "Run | None":
        """A run that is `running`, with its id and steps only; None for any other. Most polls find one."""
        found = reading.mapping(value)
        identifier, steps = found.get("id"), reading.mapping(found.get("steps"))
        if found.get("status") != "running" or not identifier or not isinstance(identifier, str):
            return None
        completed, most = (reading.count_or_none(steps.get(name)) or 0 for name in ("completed", "max"))
        so_far = Steps.model_construct(completed=completed, max=most)
        # A copy is a third of what making one costs, which copies each default.
        return _GOING_ON.model_copy(update={"id": identifier, "steps": so_far})

    @property
    def full_prompt(self) -> str:
        """The prompt uncut, where Origami gives it."""
        return self.request.prompt or self.prompt

    def bounded(self) -> Self:
        """The run cut to what is worth keeping (about 2 MB at the very most); `left_out` counts the rest."""
        bounds = Bounds(self.left_out)
        update = {
            "prompt": bounds.prompt(self.prompt),
            "request": bounds.request(self.request),
            "response": self.response and bounds.response(self.response),
            "todo": bounds.todo(self.todo),
        }
        return self.model_copy(update={**update, "left_out": bounds.left_out()})


_GOING_ON = Run.model_validate({"id": "unknown", "status": "running"})


class Container(loose.Loose):
    """Where an agent's tables and documents are; Origami calls it a workspace or a session."""

    id: loose.Identifier


class Agent(loose.Loose):
    """An agent and its last run; `created_at` is aware UTC."""

    id: loose.Identifier
    name: loose.Line = ""
    workspace_id: loose.OptionalIdentifier = None
    created_at: loose.Moment = None
    api_key_owned: loose.Flag = False
    last_run: Annotated[RunSummary | None, loose.part_or_none(RunSummary)] = None
