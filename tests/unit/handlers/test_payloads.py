"""What no listener could read is refused before one sees it, and what Slack sends is not."""

from __future__ import annotations

import pytest

from handlers.payloads import MalformedError, read_envelope
from tests.security.corpus import Place

PLACE = Place()
CLICK, FORM = PLACE.click("stop", "1"), PLACE.submission("roles_modal", "")


@pytest.mark.parametrize(
    "wrong",
    [
        {**CLICK, "type": "unknown", "actions": ["stop"]},
        {**CLICK, "channel": "C0LEADS0001"},
        {**CLICK, "view": {"id": ""}},
        {**FORM, "view": {name: part for name, part in FORM["view"].items() if name != "type"}},
    ],
    ids=["actions of no kind", "a channel's bare id", "a view without id", "a form without its type"],
)
def test_what_listeners_could_not_read_is_refused(wrong: object) -> None:
    with pytest.raises(MalformedError):
        read_envelope(wrong)


def test_whatever_slack_sends_is_read() -> None:
    for kind, payload in PLACE.everything():
        if kind != "form":
            assert read_envelope(payload) == payload
