"""The page is built once, and again when its sources change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.page_build import SOURCES, PageBuildError, built_page, find_node, fingerprint

if TYPE_CHECKING:
    from pathlib import Path

# Stand-ins that leave a trace: what the real ones do is what the browser tests look at.
NODE = """#!/bin/sh
case "$1" in
  --version) echo v22.1.0 ;;
  build.mjs) mkdir -p dist && echo built >> traces ;;
esac
"""
NPM = "#!/bin/sh\n{said}exit {code}\n"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "page"
    (folder / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "build.mjs", "src/main.jsx"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tools"
    folder.mkdir()
    executable(folder / "node", NODE)
    executable(folder / "npm", NPM.format(said="", code=0))
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def executable(path: Path, script: str) -> None:
    path.write_text(script)
    path.chmod(0o755)


def builds(sources: Path) -> int:
    return (sources / "traces").read_text().count("built")


def test_the_page_is_built_once_and_kept(sources: Path, tools: Path) -> None:
    said: list[str] = []
    assert built_page(said.append, sources=sources) == sources / "dist"
    assert built_page(said.append, sources=sources) == sources / "dist"
    assert builds(sources) == 1
    assert len(said) == 1


@pytest.mark.parametrize("changed", ["src/main.jsx", "package-lock.json", "build.mjs", "src/new.css"])
def test_a_changed_source_builds_it_again(sources: Path, tools: Path, changed: str) -> None:
    built_page(str, sources=sources)
    (sources / changed).write_text("something else")
    built_page(str, sources=sources)
    assert builds(sources) == 2


def test_a_file_that_moves_changes_the_fingerprint(sources: Path) -> None:
    before = fingerprint(sources)
    (sources / "src" / "main.jsx").rename(sources / "src" / "other.jsx")
    assert fingerprint(sources) != before


def test_a_build_that_fails_says_what_npm_said_and_is_tried_again(sources: Path, tools: Path) -> None:
    executable(tools / "npm", NPM.format(said="echo no network >&2\n", code=1))
    with pytest.raises(PageBuildError, match="no network"):
        built_page(str, sources=sources)
    executable(tools / "npm", NPM.format(said="", code=0))
    built_page(str, sources=sources)
    assert builds(sources) == 1


def test_without_node_the_message_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(PageBuildError, match="make sandbox"):
        find_node()


def test_a_node_that_is_too_old_is_passed_over(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tools / "node", NODE.replace("v22", "v16"))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(PageBuildError, match="Node 18"):
        find_node()


def test_the_lock_file_holds_no_address() -> None:
    assert "://" not in (SOURCES / "package-lock.json").read_text("utf-8")
