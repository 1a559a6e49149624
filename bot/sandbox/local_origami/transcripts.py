"""Origami's JSON for the conversation behind a run."""

from bot.sandbox.local_origami.records import Run
from bot.sandbox.local_origami.refusals import Json

LONGEST = 20_000
"""Ours: Origami cuts long messages, and does not say where."""


def transcript_json(run: Run, text: str | None, *, asks: bool) -> tuple[list[Json], bool]:
    """TranscriptMessages, and whether they are not the whole; `text` is the run's last word.

    `asks` says whether it ends with the script's questions.
    """
    messages: list[Json] = [{"role": "user", "content": run.prompt}]
    if run.tables:
        messages += _plan(run)
    if text is not None:
        messages.append(_answer(run, text, asks=asks))
    return messages, any(message.get("truncated") for message in messages)


def _plan(run: Run) -> list[Json]:
    tables = [table.name for table in run.tables.values()][:5]
    call, steps = f"plan-{run.id}", ["Search", "Leave out duplicates", "Fill in the columns"]
    return [
        {
            "role": "assistant",
            "content": f"I search first, leave out duplicates, then fill {', '.join(tables)}.",
            "toolCalls": [{"id": call, "name": "present-plan", "input": {"steps": steps}}],
        },
        {"role": "tool", "toolCallId": call, "name": "present-plan", "result": "The plan was shown."},
    ]


def _answer(run: Run, text: str, *, asks: bool) -> Json:
    answer: Json = {"role": "assistant", "content": text[:LONGEST]}
    if len(text) > LONGEST:
        answer["truncated"] = True
    if asks:
        questions = {"questions": list(run.script.questions)}
        answer["toolCalls"] = [{"id": f"call-{run.id}", "name": "ask-questions", "input": questions}]
    return answer
