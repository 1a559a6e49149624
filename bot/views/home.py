"""The app's Home tab: what is a person's own, and for admins the connection and what was used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.views import ids, refusals
from bot.views.audit import audit_button
from bot.views.blocks import Block, actions, button, context, section
from bot.views.connect import connect_button, disconnect_button, forget_button
from bot.views.escape import https_link
from bot.views.lists import NOTHING, Look, Page, heading, overview_blocks, page_buttons
from bot.views.times import Reader, counted, number
from bot.views.usage import support
from bot.views.words import bold, name, person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.origami import Account, Credits
    from bot.views.forms import View
    from storage.lists import Overview, Usage


@dataclass(frozen=True, slots=True)
class Connection:
    """What Origami said of the account; ``asked`` is False until it has been asked."""

    asked: bool = True
    has_key: bool = True
    account: Account | None = None
    credits: Credits | None = None
    reason: dict[str, Any] | None = None
    """Why it did not say, as runs keep their reasons."""


@dataclass(frozen=True, slots=True)
class ForAdmins:
    """What only admins see."""

    connection: Connection
    usage: Usage
    own_key: bool = False
    """Whether the workspace brings its own Origami key, rather than the one in the bot's settings."""


def home(
    overview: Overview,
    look: Look,
    for_admins: ForAdmins | None = None,
    recurring: Sequence[Block] = (),
    support_url: str | None = None,
) -> View:
    """Show a person their Home tab (Slack: 100 blocks), with the blocks of their recurring briefs."""
    return {
        "type": "home",
        "blocks": [
            heading("Find leads"),
            *([section(NOTHING)] if overview.is_empty else []),
            *_doors(for_admins is not None),
            *overview_blocks(overview, look),
            *actions(page_buttons(overview, Page(offset=overview.offset), ids.SHOW_HOME)),
            *recurring,
            *(_admins_part(for_admins, look.reader) if for_admins else []),
            context(
                "Results are AI-generated: check them before you use them. "
                "`/origami runs` lists your runs anywhere, `/origami help` explains the rest."
                f"{support(support_url)}"
            ),
        ],
    }


def _doors(is_admin: bool) -> list[Block]:  # noqa: FBT001  (read where it is called)
    return actions(
        [
            button("Start a search", ids.START_BRIEF, "home", primary=True),
            button("Schedule a search", f"{ids.SCHEDULE}:new", "home"),
            button("My settings", ids.MY_SETTINGS, "home"),
            *([button("Workspace settings", f"{ids.SHARED_SETTINGS}:home", "workspace")] if is_admin else []),
        ]
    )


def _admins_part(shown: ForAdmins, reader: Reader) -> list[Block]:
    return [
        {"type": "divider"},
        heading("For admins"),
        section(_connected(shown.connection, shown.usage.at_origami, reader)),
        *(_key_buttons(shown.connection) if shown.own_key else []),
        section(_used(shown.usage, reader)),
        section(_feedback(shown.usage, reader)),
        *actions([audit_button()]),
    ]


def _key_buttons(connection: Connection) -> list[Block]:
    held = connection.has_key
    return actions([connect_button(replace=held), *([disconnect_button()] if held else []), forget_button()])


def _connected(connection: Connection, at_origami: int, reader: Reader) -> str:
    if not connection.asked:
        return "Asking Origami about the account…"
    reason = {"code": "NO_KEY"} if not connection.has_key else connection.reason
    if reason:
        refusal = refusals.words(reason, reader)
        way_out = https_link(refusal.link, refusal.link_label or "Open Origami") if refusal.link else ""
        told = " ".join(filter(None, [refusal.what, refusal.next_step, way_out]))
        return f"{bold('Connection:')} {told}"
    account, wallet = connection.account, connection.credits
    if account is None or wallet is None:
        return "Origami has been asked a lot just now. Open Home again in a minute to see the account."
    plan = name(account.plan.name or account.plan.id, otherwise="not named")
    limit = account.capabilities.concurrent_agents
    of = f" of {number(limit, reader)}" if limit is not None else ", without a limit"
    return "\n".join(
        [
            f"{bold('Connection:')} Origami accepts the key",
            f"{bold('Plan:')} {plan}",
            f"{bold('Slots in use by this app:')} {number(at_origami, reader)}{of}",
            f"{bold('Credits left:')} {number(wallet.balance, reader)}",
        ]
    )


def _used(usage: Usage, reader: Reader) -> str:
    lines = [
        f"• {person(rep.requester_id)}: {counted(rep.runs, 'run', reader)}, "
        f"{counted(rep.leads, 'lead', reader)} added"
        for rep in usage.reps
    ]
    return "\n".join([bold("Used this month"), *(lines or ["Nobody has started a run yet."])])


def _feedback(usage: Usage, reader: Reader) -> str:
    if not usage.good and not usage.bad:
        return f"{bold('Feedback this month:')} none yet"
    helpful, not_helpful = number(usage.good, reader), number(usage.bad, reader)
    return f"{bold('Feedback this month:')} {helpful} helpful, {not_helpful} not helpful"
