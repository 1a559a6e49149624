"""The audit of what we pin, against an advisory service of our own."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.security import audit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(find_spec("pip_audit") is None, reason="pip-audit is not installed here")
HOLE = {
    "id": "GHSA-1",
    "summary": "a hole",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}],
        }
    ],
}


@contextmanager
def service(*holed: str) -> Iterator[str]:
    """An OSV service that knows a hole in each of these packages."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = asked["package"]["name"]
            known = {"vulns": [HOLE]} if name in holed else {}
            body = json.dumps(known).replace('"jinja2"', json.dumps(name)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def pinned(tmp_path: Path) -> str:
    path = tmp_path / "requirements.txt"
    path.write_text("left-pad==1.0\n")
    return str(path)


def test_a_service_that_knows_the_canary_and_nothing_of_ours_lets_us_pass(
    pinned: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with service("jinja2") as url:
        assert audit.main(["--service", url, "--strict", pinned]) == 0
    assert "nothing" in capsys.readouterr().out


def test_what_is_known_against_us_is_named_and_fails(pinned: str, capsys: pytest.CaptureFixture[str]) -> None:
    with service("jinja2", "left-pad") as url:
        assert audit.main(["--service", url, pinned]) == 1
    assert "left-pad 1.0: GHSA-1" in capsys.readouterr().out


def test_a_service_that_does_not_know_the_canary_has_audited_nothing(
    pinned: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with service("left-pad") as url:
        assert audit.main(["--service", url, "--strict", pinned]) == 1
    assert "NOT AUDITED" in capsys.readouterr().err


def test_a_service_that_does_not_answer_has_audited_nothing(
    pinned: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with service() as url:
        pass
    assert audit.main(["--service", url, pinned]) == 0
    assert "NOT AUDITED" in capsys.readouterr().err


def test_every_ignored_advisory_says_why() -> None:
    assert all(len(why) > 20 for why in audit.ignored().values())
