"""Which workspace a request is about."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.place import workspace_in


@pytest.mark.parametrize(
    ("body", "told", "found"),
    [
        ({}, "T1", "T1"),
        ({"view": {"team_id": "T2", "app_installed_team_id": "E1"}, "team": None}, "E1", "T2"),
        ({"user": {"id": "W1", "team_id": "T3"}, "team": None}, None, "T3"),
        ({"user": "W1", "team_id": "T4", "authorizations": [{"team_id": None}]}, None, "T4"),
        ({"context_team_id": "T5", "team_id": "T6"}, None, "T5"),
        ({"context_team_id": "E1", "team_id": "T6"}, None, "T6"),
        ({"team_id": "E1"}, "E1", None),
        ({"team_id": None, "enterprise_id": "E1"}, None, None),
    ],
)
def test_it_is_the_first_that_is_a_workspace(
    body: dict[str, Any], told: str | None, found: str | None
) -> None:
    assert workspace_in(body, told) == found


TEXT = st.text(max_size=3)
PARTS = st.none() | TEXT | st.integers() | st.dictionaries(st.just("team_id"), TEXT)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("user", "context_team_id", "team_id"), PARTS)),
    st.none() | TEXT,
)
def test_whatever_the_payload_holds_it_is_a_workspace_or_nothing(
    body: dict[str, Any], told: str | None
) -> None:
    found = workspace_in(body, told)
    assert found is None or found.startswith("T")
