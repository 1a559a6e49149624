"""The files in deploy/ name settings, commands and sources that there are. No Docker is needed for that."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import GRACE_SECONDS
from bot.cli import COMMANDS
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))
SETTINGS = {str(field.alias) for field in Settings.model_fields.values()}
SERVICE_KEYS = {
    "build", "cap_drop", "command", "depends_on", "env_file", "environment", "healthcheck", "image", "init",
    "ports", "read_only", "restart", "security_opt", "stop_grace_period", "tmpfs", "volumes",
}  # fmt: skip
"""Of the Compose Specification, those that we use: a slip of the pen is none of them."""
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
SECTIONS = {
    "Unit": {"Description", "Documentation", "After", "Wants", "StartLimitIntervalSec", "StartLimitBurst"},
    "Service": {
        "Type", "ExecStart", "EnvironmentFile", "Environment", "StateDirectory", "StateDirectoryMode",
        "WorkingDirectory", "Restart", "RestartSec", "KillSignal", "TimeoutStopSec", "DynamicUser", "UMask",
        "NoNewPrivileges", "CapabilityBoundingSet", "ProtectSystem", "ProtectHome", "ProtectClock",
        "ProtectHostname", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs",
        "ProtectControlGroups", "ProtectProc", "PrivateTmp", "PrivateDevices", "RestrictAddressFamilies",
        "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality",
        "SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber",
    },
    "Install": {"WantedBy"},
}  # fmt: skip
"""systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.kill(5): it ignores what it does not know."""


def instructions(name: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.removeprefix(name).strip() for line in joined.splitlines() if line.startswith(f"{name} ")]


def test_the_image_copies_what_there_is() -> None:
    sources = [
        source
        for line in instructions("COPY")
        if not line.startswith("--from")
        for source in shlex.split(line)[:-1]
    ]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    let_in = {
        line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    assert set(sources) == let_in


def test_the_image_is_pinned_runs_as_nobody_and_holds_no_secret() -> None:
    images = instructions("FROM")
    assert [one for one in images if not re.match(r"python:3\.1[1-9]-slim-\w+( AS \w+)?$", one)] == []
    assert instructions("USER") == ["10001"]
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    assert any("--require-hashes" in line for line in instructions("RUN"))
    assert not re.search(r"xoxb-|xapp-|og_live_|TOKEN=|SECRET=|KEYS?=", DOCKERFILE)


def test_the_image_runs_a_command_and_sets_settings_that_there_are() -> None:
    assert instructions("ENTRYPOINT") == ['["origami-slack"]']
    [command] = instructions("CMD")
    assert set(yaml.safe_load(command)) <= set(COMMANDS)
    [named] = instructions("ENV")
    assert set(re.findall(r"([A-Z_]+)=", named)) - {"PATH", "PYTHONUNBUFFERED"} <= SETTINGS
    [health] = instructions("HEALTHCHECK")
    assert "/healthz" in health


def test_compose_knows_every_key_and_every_setting() -> None:
    assert set(COMPOSE) <= {"name", "services", "volumes", "x-bot"}
    for name, service in COMPOSE["services"].items():
        assert set(service) <= SERVICE_KEYS, name
        if name != "database":
            assert set(service["environment"]) <= SETTINGS, name
            assert service["command"][0] in COMMANDS
            assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).exists()
        assert re.fullmatch(r"[a-z/-]+:[\w.-]+", service["image"]), name
        for other, how in service.get("depends_on", {}).items():
            assert how["condition"] in CONDITIONS
            assert other in COMPOSE["services"]
            if how["condition"] == "service_healthy":
                assert COMPOSE["services"][other]["healthcheck"]["test"]
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in COMPOSE["volumes"]
        assert not isinstance(service.get("restart"), bool), "an unquoted no is false in YAML"


def test_compose_migrates_before_anything_works_and_gives_it_time_to_stop() -> None:
    assert COMPOSE["services"]["migrate"]["command"] == ["migrate"]
    for name in ("web", "worker"):
        service = COMPOSE["services"][name]
        assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert int(service["stop_grace_period"].removesuffix("s")) > GRACE_SECONDS


def test_no_file_holds_a_secret() -> None:
    assert not re.search(r"PASSWORD: (?!\$\{POSTGRES_PASSWORD:\?)", (DEPLOY / "compose.yml").read_text())
    example = (DEPLOY / "origami-slack.env.example").read_text().splitlines()
    given = [line.partition("=") for line in example if line and not line.startswith("#")]
    assert {name for name, _, _ in given} <= SETTINGS
    assert {value for _, _, value in given} == {""}


def unit() -> list[tuple[str, str, str]]:
    """Section, directive and value; a directive may stand more than once."""
    found, section = [], ""
    for line in (DEPLOY / "origami-slack.service").read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.append((section, name, value))
    return found


def test_the_unit_has_only_directives_that_systemd_knows() -> None:
    assert [(section, name) for section, name, _ in unit() if name not in SECTIONS[section]] == []


def test_the_unit_runs_a_command_sets_settings_and_gives_it_time_to_stop() -> None:
    values = {name: value for _, name, value in unit()}
    assert values["ExecStart"].split()[1] in COMMANDS
    set_there = {value.partition("=")[0] for _, name, value in unit() if name == "Environment"}
    assert set_there <= SETTINGS
    assert float(values["TimeoutStopSec"]) > GRACE_SECONDS
    assert values["Restart"] == "on-failure"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd")
def test_systemd_itself_takes_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / "origami-slack.service"
    text = (DEPLOY / "origami-slack.service").read_text("utf-8")
    copy.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={shutil.which('true')}", text, flags=re.MULTILINE))
    said = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False
    )
    ours = [line for line in said.stderr.splitlines() if "origami-slack.service" in line]
    assert (said.returncode, ours) == (0, [])


def test_the_procfile_runs_commands_that_there_are() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert set(lines) == {"release", "web", "worker"}
    assert {line.split()[1] for line in lines.values()} <= set(COMMANDS)
