"""What Origami says of the key: its plan, slots and credits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot import origami
from bot.doctor.lines import Line, fail, ok, skip, warn
from bot.origami import Origami, http_client

if TYPE_CHECKING:
    import httpx

    from bot.doctor.clock import Clocks
    from bot.settings import Settings
    from storage.lengths import Lengths

CALL_SECONDS = 10.0
_SETTINGS = "Origami's settings"


async def origami_lines(settings: Settings, clocks: Clocks) -> tuple[list[Line], origami.Account | None]:
    """``origami.key``, ``.plan`` and ``.credits``, and the account where there is one."""
    if settings.origami_api_key is None:
        why = "Each workspace has its own." if settings.uses_oauth else "ORIGAMI_API_KEY is not set."
        return [skip(f"origami.{what}", why) for what in ("key", "plan", "credits")], None

    def note(response: httpx.Response) -> None:
        clocks.note("Origami", response.headers.get("Date"))

    http = http_client(timeout_seconds=CALL_SECONDS, heard=note)
    key = settings.origami_api_key.get_secret_value()
    client = Origami(http, base_url=settings.origami_base_url, key=key, total_seconds=CALL_SECONDS)
    try:
        account, wallet = await asyncio.gather(client.account(), client.credits(), return_exceptions=True)
    finally:
        await http.aclose()
    if isinstance(account, origami.SubscriptionRequired):
        return [ok("origami.key", "Origami knows it."), _no_api("this plan")], None
    if isinstance(account, BaseException):
        return [_refused(account)], None
    owner = account.organization.name or account.organization.id or "an organisation"
    return [ok("origami.key", f"It belongs to {owner}."), _plan(account), _credits(wallet)], account


def _refused(error: BaseException) -> Line:
    name = "origami.key"
    match error:
        case origami.KeyRefused():
            to_do = f"Make a new key in {_SETTINGS} and put it into ORIGAMI_API_KEY."
            return fail(name, "Origami refuses it.", to_do)
        case origami.Throttled():
            return warn(name, "This minute's requests are spent.", "Run the doctor again in a minute.")
        case origami.Unavailable():
            to_do = "Check ORIGAMI_BASE_URL and that this machine may reach it over HTTPS; try again."
            return fail(name, f"Origami does not answer ({error.status or 'no connection'}).", to_do)
        case _:
            return fail(
                name, f"Origami refuses the request ({type(error).__name__}).", "Look at its settings."
            )


def _plan(account: origami.Account) -> Line:
    plan = account.plan.name or account.plan.id or "unknown"
    if not account.capabilities.can_use_api:
        return _no_api(f"the plan {plan}")
    return ok("origami.plan", f"{plan}, with API access.")


def _no_api(plan: str) -> Line:
    return fail(
        "origami.plan", f"No API access with {plan}.", f"Choose a plan with API access in {_SETTINGS}."
    )


def _credits(wallet: origami.Credits | BaseException) -> Line:
    if isinstance(wallet, BaseException):
        return warn("origami.credits", f"Not told ({type(wallet).__name__}).", "Run the doctor again.")
    if wallet.balance <= 0:
        return fail("origami.credits", "None left.", f"Top up in {_SETTINGS}.")
    return ok("origami.credits", f"{wallet.balance:,.2f}.")


def slots_line(account: origami.Account | None, waiting: Lengths | None) -> Line:
    """``origami.slots``: how many runs of ours there are, of how many that Origami allows."""
    if account is None:
        return skip("origami.slots", "Origami did not tell.")
    most = account.capabilities.concurrent_agents
    running, in_line = (waiting.runs["running"], waiting.in_line) if waiting else (0, 0)
    allowed = (
        f"{running} of {most} used by this bot" if most is not None else f"{running} used, no limit told"
    )
    if in_line or (most is not None and running >= most):
        to_do = (
            "Wait, stop a run (people in the Origami app hold slots too), or choose a plan with more of them."
        )
        return warn("origami.slots", f"{allowed}; {in_line} wait in line.", to_do)
    return ok("origami.slots", f"{allowed}.")
