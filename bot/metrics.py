"""What Prometheus is told: every instrument, on a registry of its own for each running application.

Labels are few and known beforehand: never a team, a person, or a word that came from outside.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import Self

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    generate_latest,
)

PREFIX = "origami_slack"
OTHER = "other"
STATUSES = frozenset(
    {
        "completed",
        "needs_input",
        "paused",
        "incomplete",
        "step_cap_hit",
        "timed_out",
        "errored",
        "cancelled",
        "rejected",
        "lost",
    }
)
"""How a run can end; a status that Origami invents counts as ``other``."""

ACK_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
"""Slack waits 3 seconds."""
CALL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
LATE_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
LAG_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Every instrument; ``docs/metrics.md`` says what each is for."""

    registry: CollectorRegistry
    acks: Histogram
    polls: Counter
    poll_lateness: Histogram
    origami_requests: Histogram
    starts_refused: Counter
    slots: Gauge
    runs_accepted: Counter
    runs_finished: Counter
    runs: Gauge
    deliveries: Counter
    delivery_age: Histogram
    delivery_failures: Counter
    deliveries_owed: Gauge
    deliveries_overdue: Gauge
    budget_denied: Counter
    updates_denied: Counter
    item_failures: Counter
    claim_age: Gauge
    loop_lag: Histogram
    socket_mode: Gauge

    @classmethod
    def create(cls) -> Self:
        """Instruments on a fresh registry, with the build's name and the process's own figures."""
        kept = CollectorRegistry()
        ProcessCollector(registry=kept)
        GCCollector(registry=kept)
        build = Gauge(
            f"{PREFIX}_build_info", "1; its labels are versions.", ("version", "python"), registry=kept
        )
        build.labels(version("origami-slack"), platform.python_version()).set(1)

        def counter(name: str, words: str, *labels: str) -> Counter:
            return Counter(f"{PREFIX}_{name}", words, labels, registry=kept)

        def gauge(name: str, words: str, *labels: str) -> Gauge:
            return Gauge(f"{PREFIX}_{name}", words, labels, registry=kept)

        def histogram(name: str, words: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"{PREFIX}_{name}", words, labels, buckets=buckets, registry=kept)

        return cls(
            registry=kept,
            acks=histogram("ack_seconds", "From hearing Slack to its ack.", ACK_SECONDS, "kind", "outcome"),
            polls=counter("polls", "Polls of running runs.", "outcome"),
            poll_lateness=histogram(
                "poll_lateness_seconds", "From a poll's due time to the poll.", LATE_SECONDS
            ),
            origami_requests=histogram(
                "origami_request_seconds", "Requests to Origami.", CALL_SECONDS, "method", "outcome"
            ),
            starts_refused=counter("starts_refused", "Starts that Origami did not admit.", "decision"),
            slots=gauge("slots", "Origami's slots, as its last refusal for want of one told."),
            runs_accepted=counter("runs_accepted", "Runs accepted.", "source"),
            runs_finished=counter("runs_finished", "Runs that ended.", "status"),
            runs=gauge("runs", "Runs that have not ended.", "state"),
            deliveries=counter("deliveries", "Messages that left our hands.", "kind", "outcome"),
            delivery_age=histogram(
                "delivery_age_seconds", "From owing a message to its standing in Slack.", LATE_SECONDS, "kind"
            ),
            delivery_failures=counter(
                "delivery_failures", "Tries that Slack did not take.", "kind", "decision"
            ),
            deliveries_owed=gauge("deliveries_owed", "Messages owed, new ones and updates."),
            deliveries_overdue=gauge(
                "deliveries_overdue_seconds", "How long the message that waits longest is overdue."
            ),
            budget_denied=counter(
                "budget_denied", "Requests put off because the minute's are spent.", "priority"
            ),
            updates_denied=counter(
                "slack_updates_denied", "Updates put off because the minute's chat.updates are spent."
            ),
            item_failures=counter("tick_item_failures", "Items whose work raised.", "tick"),
            claim_age=gauge("tick_claim_age_seconds", "Since a tick last reached the database.", "tick"),
            loop_lag=histogram("loop_lag_seconds", "How late the event loop woke.", LAG_SECONDS),
            socket_mode=gauge("socket_mode_connected", "1 while Slack is heard over Socket Mode."),
        )

    def page(self) -> bytes:
        """Everything, in Prometheus's text format."""
        return generate_latest(self.registry)


def status_label(status: str) -> str:
    """A run's status as a label."""
    return status if status in STATUSES else OTHER
