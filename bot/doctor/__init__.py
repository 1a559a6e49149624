"""``origami-slack doctor``: looks at all that the bot needs, and says what to do about what is not well."""

from bot.doctor.examination import examine
from bot.doctor.lines import NAMES, Line, Verdict
from bot.doctor.report import as_json, passed, show

__all__ = ["NAMES", "Line", "Verdict", "as_json", "examine", "passed", "show"]
