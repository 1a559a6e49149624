"""How the requests of a minute are shared out.

Origami allows 100 a minute per organisation, counted over every key and every program that uses them. We
spend at most 80, so that the customer's other programs live. Each priority stops at its own ceiling of what
has been spent in all, so the gap up to the next ceiling is a reserve that only the more urgent can touch:

    START 80   a rep is waiting: 15 a minute are theirs even when everything else is at its limit
    POLL  65   5 above READ, so that exports cannot delay the news that a run is over
    READ  60   previews and exports: polls keep to 45, so at least 15 a minute get through
    WATCH 50   tables that still fill: can wait, and yet get 5 a minute beside a full load of polls
"""

from enum import IntEnum

POLLS_A_MINUTE = 45
DEFAULT_POLL_SECONDS = 15.0


class Priority(IntEnum):
    """What a request is for; the lower number goes first."""

    START = 0
    POLL = 1
    READ = 2
    WATCH = 3


_CEILINGS = {Priority.START: 80, Priority.POLL: 65, Priority.READ: 60, Priority.WATCH: 50}


def ceiling(priority: Priority) -> int:
    """The requests, of any priority, that may have been spent in a minute before this one must wait."""
    return _CEILINGS[priority]


def poll_interval(
    open_runs: int, retry_after: float | None, *, polls_a_minute: float = POLLS_A_MINUTE
) -> float:
    """The seconds until a run's next poll: what Origami asks for (15 if it does not say), or longer when the
    open runs of the organisation together would exceed their share (from 12 runs on at 15 seconds).
    """
    asked = DEFAULT_POLL_SECONDS if retry_after is None else retry_after
    return max(asked, max(open_runs, 1) * 60.0 / polls_a_minute)
