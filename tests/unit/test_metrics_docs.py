"""The metrics that the docs, the dashboard and the alerts speak of are those that there are."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.metrics import PREFIX, Metrics
from bot.origami import errors

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "metrics.md").read_text("utf-8")
ROW = re.compile(rf"^\| `({PREFIX}\w+)` \| (\w+) \|([^|]*)\|", re.MULTILINE)
ALERTS = yaml.safe_load((DOCS / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
DASHBOARD = json.loads((DOCS / "grafana-dashboard.json").read_text("utf-8"))
TARGETS = [(p["title"], t["expr"]) for p in DASHBOARD["panels"] for t in p.get("targets", [])]
QUERIES = [(rule["alert"], rule["expr"]) for rule in ALERTS] + TARGETS
OF_THE_PROCESS = {
    "up",
    "process_start_time_seconds",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
}
OF_PROMETHEUS = {"job", "instance", "le"}
WORDS = {"sum", "max", "by", "on", "and", "rate", "increase", "changes", "count", "histogram_quantile"}
WORDS |= {"max_over_time"}


def known() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Type and labels of each metric of ours, by the name that Prometheus knows it by."""
    metrics = Metrics.create()
    made = [getattr(metrics, field.name) for field in fields(metrics) if field.name != "registry"]
    found = {
        one._name + ("_total" if one._type == "counter" else ""): (one._type, tuple(one._labelnames))
        for one in made
    }
    return found | {f"{PREFIX}_build_info": ("gauge", ("version", "python"))}


KNOWN = known()


def labels_of(series: str) -> set[str]:
    name = re.sub("_(bucket|count|sum)$", "", series)
    return set(KNOWN[name if KNOWN.get(name, ("",))[0] == "histogram" else series][1])


def test_the_page_lists_every_metric_with_its_type_and_labels() -> None:
    listed = {match[1]: (match[2], tuple(re.findall(r"`(\w+)`", match[3]))) for match in ROW.finditer(PAGE)}
    assert listed == KNOWN


def test_every_metric_on_the_registry_is_known() -> None:
    collected = {family.name for family in Metrics.create().registry.collect()}
    ours = {name for name in collected if name.startswith(PREFIX)}
    assert ours == {name.removesuffix("_total") for name in KNOWN}


def test_two_applications_share_no_figures() -> None:
    one, other = Metrics.create(), Metrics.create()
    one.polls.labels("answered").inc()
    assert b'polls_total{outcome="answered"} 1.0' in one.page()
    assert b'outcome="answered"' not in other.page()


def test_names_tell_their_units() -> None:
    assert [n for n, (kind, _) in KNOWN.items() if kind == "histogram" and not n.endswith("_seconds")] == []


@pytest.mark.parametrize(("where", "query"), QUERIES)
def test_each_query_is_of_metrics_and_labels_that_there_are(where: str, query: str) -> None:
    bare = re.sub(r'"[^"]*"', '""', query)
    for opening, closing in ("()", "[]", "{}"):
        assert bare.count(opening) == bare.count(closing), where
    series = set(re.findall(rf"\b{PREFIX}_\w+", bare))
    for one in series:
        labels_of(one)
    grouped = {
        name.strip() for part in re.findall(r"(?:by|on) \(([^)]*)\)", bare) for name in part.split(",")
    }
    matched = {
        name for part in re.findall(r"\{([^}]*)\}", bare) for name in re.findall(r"(\w+)\s*[=!]", part)
    }
    labels = set.union(OF_PROMETHEUS, *(labels_of(one) for one in series))
    assert grouped | matched <= labels, where
    rest = re.sub(r"\[[^\]]*\]|\{[^}]*\}|(?:by|on) \([^)]*\)", "", bare)
    names = set(re.findall(r"[a-zA-Z_]\w*", rest)) - series - OF_THE_PROCESS - WORDS
    assert names == set(), where
    if "histogram_quantile" in bare:
        assert re.findall(r"_bucket\b", bare), where


def test_the_values_that_alerts_look_for_are_those_that_the_code_uses() -> None:
    classes = {name for name in vars(errors) if isinstance(getattr(errors, name), type)}
    for rule in ALERTS:
        for values in re.findall(r'(?:decision|outcome)=~?"([^"]+)"', rule["expr"]):
            assert set(values.split("|")) <= classes | {"failed"}, rule["alert"]


def test_every_alert_says_what_to_do() -> None:
    section = PAGE.split("## Alerts")[1]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == {rule["alert"] for rule in ALERTS}
    for rule in ALERTS:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]


def test_the_dashboard_can_be_imported_and_shows_every_metric() -> None:
    panels: list[dict[str, Any]] = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    shown = " ".join(query for _, query in TARGETS)
    assert [name for name in KNOWN if name not in shown] == []
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len(places)
