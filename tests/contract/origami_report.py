from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Report:
    """The checks by name, and what disagreed."""

    lines: list[str] = field(default_factory=list)
    failures: int = 0

    def check(self, name: str, problems: Sequence[str], *, odd_because: str | None = None) -> None:
        """Note a check; one that is odd on purpose must disagree, or the exception is out of date."""
        if odd_because is not None:
            self._note(name, [] if problems else ["agrees, although listed as odd"], f"odd: {odd_because}")
        else:
            self._note(name, problems, "")

    def _note(self, name: str, problems: Sequence[str], remark: str) -> None:
        self.failures += bool(problems)
        self.lines.append(f"{'FAIL' if problems else 'ok  '} {name}" + (f" ({remark})" if remark else ""))
        self.lines.extend(f"       {problem}" for problem in problems[:10])
