"""Origami's API v2 on this machine, for the sandbox and the tests: real sockets, invented leads.

It stands in for a vendor, so it shares no code with the product.
"""

from bot.sandbox.local_origami.faults import Fault, Faults, Rule, rate_limited
from bot.sandbox.local_origami.request_log import RequestRecord
from bot.sandbox.local_origami.scenarios import SCENARIOS, Scenario
from bot.sandbox.local_origami.server import LocalOrigami, serve
from bot.sandbox.local_origami.settings import DEFAULT_KEY, LocalOrigamiSettings

__all__ = [
    "DEFAULT_KEY",
    "SCENARIOS",
    "Fault",
    "Faults",
    "LocalOrigami",
    "LocalOrigamiSettings",
    "RequestRecord",
    "Rule",
    "Scenario",
    "rate_limited",
    "serve",
]
