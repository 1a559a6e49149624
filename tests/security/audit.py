"""``python -m tests.security.audit``: what is known against the versions that we pin.

An advisory service that cannot be reached, or that knows nothing, looks like one that has nothing to say.
So it is first asked about a version with well-known holes; only if it names them, its silence about ours
counts.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
OSV = "https://api.osv.dev/v1/query"
CANARY = "jinja2==2.11.0"
"""Known since 2021 for CVE-2020-28493."""
PINNED = ("requirements.txt", "requirements-dev.txt")
SOCKET_SECONDS = 5
CANARY_SECONDS = 60
AUDIT_SECONDS = 900
NOT_AUDITED = (
    "NOT AUDITED: the advisory service {service} does not answer from here, so nothing is known about the "
    "pinned versions. Run this again where it can be reached; a release runs it with --strict."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 1 where something is known, or with --strict where nothing could be asked, else 0."""
    parser = argparse.ArgumentParser(description="What is known against the versions that we pin.")
    parser.add_argument("--strict", action="store_true", help="fail where nothing could be asked")
    parser.add_argument("--service", default=OSV, help="the address of an OSV service")
    parser.add_argument("files", nargs="*", default=[str(ROOT / name) for name in PINNED])
    options = parser.parse_args(arguments)
    if not _knows_the_canary(options.service):
        print(NOT_AUDITED.format(service=options.service), file=sys.stderr)
        return 1 if options.strict else 0
    found = _asked(options.service, options.files, ignored(), AUDIT_SECONDS)
    if found is None:
        print(NOT_AUDITED.format(service=options.service), file=sys.stderr)
        return 1
    for name, version, known in found:
        print(f"{name} {version}: {known}")
    print(f"Known against what we pin: {len(found) or 'nothing'}.")
    return 1 if found else 0


def ignored() -> dict[str, str]:
    """The advisories that do not concern us, each with why."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return dict(pyproject["tool"]["origami-slack"]["ignored-advisories"])


def _knows_the_canary(service: str) -> bool:
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(f"{CANARY}\n")
        file.flush()
        return bool(_asked(service, [file.name], {}, CANARY_SECONDS))


def _asked(
    service: str, files: Sequence[str], without: dict[str, str], seconds: float
) -> list[tuple[str, str, str]] | None:
    """Name, version and advisory of all that is known; None where the service gave no answer."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"),
        *("--vulnerability-service", "osv", "--osv-url", service, "--timeout", str(SOCKET_SECONDS)),
        *("--disable-pip", "--no-deps"),
        *(part for file in files for part in ("--requirement", file)),
        *(part for advisory in without for part in ("--ignore-vuln", advisory)),
    ]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
        answer: dict[str, Any] = json.loads(run.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return [
        (one["name"], one["version"], known["id"])
        for one in answer["dependencies"]
        for known in one.get("vulns", ())
    ]


if __name__ == "__main__":
    sys.exit(main())
