"""What comes in from Slack: one module per surface. Parse, one call, answer."""

from handlers.registry import Desk, register

__all__ = ["Desk", "register"]
