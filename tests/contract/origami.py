"""The local Origami and the client against the vendor's file.

python -m tests.contract.origami --spec PATH
"""

import argparse
import asyncio
import importlib.util
import sys
from pathlib import Path

from tests.contract.origami_report import Report
from tests.contract.origami_spec import Contract
from tests.contract.origami_tour import SERVED, tour


async def compare(contract: Contract) -> Report:
    """Hold the answers of the local Origami and the requests of the client against the file."""
    report = Report()
    _check_the_checker(contract, report)
    await tour(contract, report)
    if importlib.util.find_spec("bot.origami.client") is not None:
        from tests.contract.origami_client import client_tour

        try:
            await client_tour(contract, report)
        except Exception as error:  # noqa: BLE001 - whatever stops the client belongs into the report
            report.check("the client's tour to its end", [repr(error)])
    else:
        report.lines.append("     the client is not there: its requests were not checked")
    return report


def _check_the_checker(contract: Contract, report: Report) -> None:
    wrong = {
        "a misspelt field": ("POST", "/agents", {"prompt": "x", "focusTableIDs": []}),
        "a prompt that is too long": ("POST", "/agents", {"prompt": "x" * 10_001}),
        "a missing body": ("POST", "/agents", None),
        "an id that is no UUID": ("GET", "/agents/tbl_77", None),
        "an unknown query": ("GET", "/agents?q=x", None),
        "a limit out of range": ("GET", "/agents?limit=101", None),
        "an unknown path": ("GET", "/runs/v2_run-x", None),
    }
    for name, request in wrong.items():
        report.check(f"noticed: {name}", contract.validate_request(*request), odd_because="it is wrong")


def main() -> int:
    """Print each check; 1 if anything disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spec", type=Path, required=True, help="Origami's openapi-v2.yaml")
    contract = Contract.load(parser.parse_args().spec)
    report = asyncio.run(compare(contract))
    checks = [line for line in report.lines if line.startswith(("ok", "FAIL"))]
    not_served = sorted(set(contract.operations()) - SERVED)
    lines = [
        *report.lines,
        f"not served here: {', '.join(not_served)}",
        f"{report.failures} of {len(checks)} checks disagree",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
