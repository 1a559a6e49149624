"""Files are fetched from the Slack whose API we call: its token goes nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.runs.attachments import FileRefusedError
from bot.slack_files import SlackFiles, _is_of

SLACK = "https://slack.com/api/"


@pytest.mark.parametrize(
    ("api", "url", "allowed"),
    [
        (SLACK, "https://files.slack.com/files-pri/T1-F1/a.csv", True),
        (SLACK, "https://slack.com/files/a.csv", True),
        ("https://slack-gov.com/api/", "https://files.slack-gov.com/a", True),
        ("http://127.0.0.1:4000/api/", "http://127.0.0.1:4000/files-pri/F1/a", True),
        (SLACK, "http://files.slack.com/a.csv", False),
        (SLACK, "https://files.slack.com.evil.example/a.csv", False),
        (SLACK, "https://evilslack.com/a.csv", False),
        (SLACK, "https://files.slack.com@evil.example/a.csv", False),
        (SLACK, "https://docs.google.com/a.csv", False),
        (SLACK, "", False),
        ("", "https://files.slack.com/a", False),
    ],
)
def test_only_slacks_own_addresses_are_asked(api: str, url: str, allowed: bool) -> None:
    assert _is_of(api, url) is allowed


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_address_that_slack_could_name_breaks_the_check(text: str) -> None:
    _is_of(SLACK, f"https://{text}")
    _is_of(SLACK, text)


class OneFile:
    """Slack knows one file."""

    base_url = SLACK
    token = "xoxb-1"

    def __init__(self, **file: Any) -> None:
        self._file = file

    async def files_info(self, **_: str) -> dict[str, Any]:
        return {"file": self._file}


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ({"name": "a.csv", "url_private": "https://drive.example/a.csv"}, "FILE_GONE"),
        ({"name": "a.csv", "size": 11, "url_private": "https://files.slack.com/a.csv"}, "FILE_TOO_LARGE"),
        ({}, "FILE_GONE"),
    ],
)
async def test_what_stands_elsewhere_or_is_too_large_is_refused_before_it_is_asked_for(
    file: dict[str, Any], code: str
) -> None:
    async def clients(_workspace: object) -> Any:
        return OneFile(**file)

    with pytest.raises(FileRefusedError) as raised:
        await SlackFiles(clients, http=None).fetch(None, "F1", limit=10)  # type: ignore[arg-type]  # never used
    assert raised.value.reason["code"] == code
