"""What Origami is sent to start a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.origami import agent_body, run_body
from bot.runs.attachments import container, for_origami
from bot.runs.reconcile import name_for

if TYPE_CHECKING:
    from storage.runs import Claim


def body_of(claim: Claim) -> bytes:
    """The body that starts the run: with its thread's agent, or with a new one."""
    run = claim.run
    if claim.thread.agent_id is None:
        return agent_body(
            run.prompt,
            name=name_for(run),
            workspace_id=container(run),
            model=run.model,
            focus_table_ids=run.focus_table_ids,
            attachments=for_origami(run),
        )
    return run_body(
        run.prompt, model=run.model, focus_table_ids=run.focus_table_ids, attachments=for_origami(run)
    )
