"""Both app manifests against Slack's own schema: ``python -m tests.contract.slack_manifest --schema PATH``.

PATH is ``schemas/manifest.schema.2.0.0.json`` of Slack's repository slackapi/manifest-schema.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft7Validator

from bot.manifest import manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ADDRESS = "https://leads.example.com"


def disagreements(validator: Draft7Validator, document: dict[str, Any]) -> list[str]:
    """What Slack's schema has against a manifest, one line each."""
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def checks(validator: Draft7Validator) -> Iterator[tuple[str, list[str]]]:
    """Every check with what speaks against it."""
    yield "the Socket Mode manifest is as Slack wants it", disagreements(validator, manifest())
    yield "the HTTP manifest is as Slack wants it", disagreements(validator, manifest(ADDRESS))
    too_long = manifest()
    too_long["display_information"]["name"] = "x" * 36
    unknown = manifest() | {"unknown": True}
    for what, broken in (("a name of 36 characters", too_long), ("an unknown key", unknown)):
        refused = bool(disagreements(validator, broken))
        yield f"the schema refuses {what}", [] if refused else ["it did not: this is not the schema meant"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print each check; 0 when all agree, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract.slack_manifest", description=__doc__)
    parser.add_argument("--schema", type=Path, required=True, metavar="PATH")
    schema = json.loads(parser.parse_args(arguments).schema.read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    failed = False
    for name, against in checks(Draft7Validator(schema)):
        print("FAIL" if against else "ok  ", name)
        for line in against:
            print("      ", line)
        failed = failed or bool(against)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
