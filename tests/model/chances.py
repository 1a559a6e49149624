"""What the model's events may be about: the strategies that they are drawn from."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.model.faults import AFTER_THE_WORK, ORIGAMI_FAULTS, SLACK_FAULTS, Fault
from tests.model.stage import Go

CHANNELS = ("C1", "C2")
REPS = ("U1", "U2")
PROMPTS = ("Find 50 SaaS founders in Austin", "Continue", "Find\nleads " + "x" * 300, "go")
COLLEAGUES_PROMPTS = ("Continue", "Find", "Who are they?", "g")
REPLIES = ("go", "Find more", "stop", "The first")
STATUSES = (
    "completed",
    "needs_input",
    "incomplete",
    "step_cap_hit",
    "cancelled",
    "errored",
    "timed_out",
    "put_on_ice",
)
WAITS = (0.5, 2.0, 16.0, 31.0, 61.0, 301.0, 3700.0)
ARRIVALS = st.sampled_from((Go.LOST, Go.LANDED))

questions = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(("single-choice", "confirm")),
            "question": st.sampled_from(("Which city?", "How many?")),
            "suggestedAnswers": st.lists(st.sampled_from(("Austin", "Boston")), max_size=2),
        }
    ),
    max_size=2,
)
next_actions = st.lists(
    st.sampled_from(({"label": "Find more", "type": "find_more_leads"}, "Clean up")), max_size=2
)
texts = st.sampled_from((None, "Done.", "\n\n".join(f"Paragraph {n}. " + "word " * 300 for n in range(14))))


def faults(of: dict[str, tuple[str, ...]]) -> st.SearchStrategy[dict[str, Fault]]:
    """Faults of some kinds of calls, each for the next one to three of them."""

    def one(kind: str) -> st.SearchStrategy[tuple[str, Fault]]:
        return st.builds(
            lambda name, done, times: (
                kind,
                Fault(name, name == "garbled" or (done and name in AFTER_THE_WORK), times),
            ),
            st.sampled_from(of[kind]),
            st.booleans(),
            st.integers(1, 3),
        )

    return st.lists(st.sampled_from(sorted(of)).flatmap(one), max_size=3).map(dict)


origami_faults = faults(ORIGAMI_FAULTS)
slack_faults = faults(SLACK_FAULTS)
results = st.builds(
    lambda text, asked, offered: {
        "response": {"text": text},
        "todo": {"pendingQuestions": asked, "nextActions": offered},
    },
    texts,
    questions,
    next_actions,
)
