"""What logs may hold: no secret, and no line that somebody else began."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from bot.redaction import STRUCK, redact, struck

SECRETS = [
    "xoxb-1234-5678-abcDEF",
    "xoxp-1234567890",
    "xoxe.xoxb-1-abcdef",
    "xoxe-1-abcdef",
    "xapp-1-A0LOCALAPP1-123-abc",
    "og_live_abcdef123",
    Fernet.generate_key().decode(),
    Fernet(Fernet.generate_key()).encrypt(b"og_live_abc").decode(),
]


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
@pytest.mark.parametrize("around", ["{}", "Bearer {}", "{{'token': '{}'}}", "a={}&b", "({}, 7)"])
def test_what_looks_like_a_secret_is_struck_out(secret: str, around: str) -> None:
    told = struck(around.format(secret))
    assert secret not in told
    assert told == around.format(STRUCK)


def test_passwords_and_keys_in_addresses_are_struck_out() -> None:
    told = struck(
        "postgresql://bot:hunter2@db.example/origami and https://0123456789abcdef0123456789abcdef@s.io/1"
    )
    assert told == f"postgresql://{STRUCK}@db.example/origami and https://{STRUCK}@s.io/1"


@pytest.mark.parametrize(
    "text",
    [
        "0b6cbb0e-5f2a-4b80-9e5e-0f0a1b2c3d4e",
        "T0NORTHWND1 C0LEADS0001 1700000000.000100",
        "https://origami.chat/t/abc?x=1@2",
        "http://127.0.0.1:3000/healthz",
        "xoxb-… and og_live_… are what to look for",
    ],
)
def test_ids_and_addresses_stay(text: str) -> None:
    assert struck(text) == text


@given(st.text(), st.text())
def test_no_value_begins_a_line_or_colours_a_terminal(key: str, value: str) -> None:
    entry = redact(None, "info", {"event": "x", "said": value, "all": [value, {"a": (value,)}], "n": 7})
    for part in (entry["said"], entry["all"][0], entry["all"][1]["a"][0]):
        assert len(part.splitlines()) <= 1
        assert "\x1b" not in part
    assert entry["n"] == 7


def test_a_traceback_keeps_its_lines() -> None:
    entry = redact(None, "error", {"event": "x", "exception": "Traceback:\n  xoxb-1234-5678\n\x1b[31m"})
    assert entry["exception"] == f"Traceback:\n  {STRUCK}\n\\x1b[31m"


LIBRARY = """
import logging
from bot import logs
from bot.settings import Need, Settings
logs.configure(Settings.load({"LOG_FORMAT": "json"}, need=Need.DATABASE))
try:
    int("og_live_abcdef123")
except ValueError:
    logging.getLogger("some.library").exception("sent %s\\nforged", "xoxb-1234-5678")
"""


def test_libraries_are_cleaned_too() -> None:
    # In a process of its own: how it logs is a process's own affair.
    ran = subprocess.run([sys.executable, "-c", LIBRARY], capture_output=True, text=True, check=True)
    [line] = ran.stderr.splitlines()
    assert "og_live_abcdef" not in line
    assert json.loads(line)["event"] == f"sent {STRUCK}\\nforged"
