"""What Slack checks before it shows a message or a view, as pure functions."""

from bot.sandbox.local_slack.validation.payloads import validate_message, validate_view
from bot.sandbox.local_slack.validation.problem import Problem

__all__ = ["Problem", "validate_message", "validate_view"]
