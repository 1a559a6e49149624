"""The operator's commands: what goes on, a hand where it is needed, and copies of the database."""
