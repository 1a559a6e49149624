"""The account behind a key. Plan ids are open: Origami's own pages disagree on them."""

from typing import Annotated

from pydantic import BeforeValidator

from bot.origami import _loose as loose
from bot.origami import _reading as reading


def _unless_denied(value: object) -> bool:
    return value is not False


def _balance(value: object) -> float:
    found = reading.number(value)
    if found is None:
        raise ValueError("no balance")
    return found


class Organization(loose.Loose):
    """Who owns the key."""

    id: loose.OptionalIdentifier = None
    name: loose.OptionalLine = None


class Plan(loose.Loose):
    """What the organisation pays for."""

    id: loose.Line = ""
    name: loose.Line = ""


class Capabilities(loose.Loose):
    """What the plan allows; `concurrent_agents` None means unlimited (or not said)."""

    can_use_api: Annotated[bool, BeforeValidator(_unless_denied)] = True
    can_run_scheduled_tasks: loose.Flag = False
    concurrent_agents: loose.OptionalCount = None


class Account(loose.Loose):
    """The organisation, its plan and what it may do."""

    organization: Annotated[Organization, loose.part(Organization)] = Organization()
    plan: Annotated[Plan, loose.part(Plan)] = Plan()
    capabilities: Annotated[Capabilities, loose.part(Capabilities)] = Capabilities()


class Credits(loose.Loose):
    """The wallet's balance, with fractions; shared by everything that uses the organisation."""

    balance: Annotated[float, BeforeValidator(_balance)]
    currency: loose.Line = "credits"
