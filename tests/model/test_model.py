"""The model walks random lives of runs; MODEL_EXAMPLES=2000 lets it walk for long."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import RunsLife

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "8"))


@pytest.mark.parametrize("steps", [25, 50])
def test_no_order_of_events_breaks_a_promise(steps: int, sqlite_template: Path, tmp_path: Path) -> None:
    run_state_machine_as_test(
        cast("Any", lambda: RunsLife(sqlite_template, tmp_path)),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=steps,
            deadline=None,
            # Each example is a new walk: the usual one spends five of six on mutations of the one before.
            backend="hypothesis-urandom",
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
