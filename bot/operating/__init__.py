"""The operator's commands: what goes on, a hand where it is needed, and copies of the database."""

from bot.operating.bars import steps
from bot.operating.copies import backup, recheck, restore
from bot.operating.runs import app as runs
from bot.operating.workspaces import app as workspaces

__all__ = ["backup", "recheck", "restore", "runs", "steps", "workspaces"]
