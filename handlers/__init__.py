"""What comes in from Slack: one module per surface. Parse, one call, answer."""

from handlers.registry import Desk, register
from handlers.viewers import Viewers

__all__ = ["Desk", "Viewers", "register"]
