"""The words for ``/origami help``."""

from __future__ import annotations

from bot.views.blocks import context, section
from bot.views.escape import https_link
from bot.views.message import Message


def support(url: str | None) -> str:
    """Where people find help, as one more sentence; nothing where nobody has said so."""
    return f" {https_link(url, 'Help and contact')}" if url else ""


def usage(support_url: str | None = None) -> Message:
    """Explain the command: examples, what happens, how to stop, what questions are, where to find help."""
    return Message.of(
        [
            section(
                "*Ask Origami for leads in your own words.* Say who, where and how many:\n"
                "• `/origami find 50 SaaS founders in Austin who raised seed`\n"
                "• `/origami 25 private dental clinics in Leeds with phone and website`\n"
                "• `/origami heads of facilities at hospitals in Ohio with work e-mail`"
            ),
            section(
                "*What happens.* A message in this channel shows the progress. After 1 to 20 minutes you are "
                "mentioned in its thread with the answer, what changed, and a link to each table of leads."
            ),
            section(
                "*Questions and next steps* come as buttons in the thread. One click sends the answer and "
                "Origami goes on in the same thread; you can also answer in your own words."
            ),
            section("*Stop* on the message ends a run early. What was built until then is kept."),
            section(
                "`/origami runs` lists your runs, `/origami schedule` starts one every week, and "
                "`/origami settings` says how you are told of them."
            ),
            context(
                "Runs spend your team's Origami credits. "
                f"Results are AI-generated: check them before you use them.{support(support_url)}"
            ),
        ]
    )
