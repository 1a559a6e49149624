"""The rules of the house that no linter knows; the floors are import-linter's, in pyproject.toml."""

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "handlers", "storage")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LINES_PER_MODULE = 400
LINES_PER_HANDLER = 25
NAMES_OF_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}


def name_of(path):
    return str(path.relative_to(ROOT))


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def too_long(source, limit):
    spans = {node.name: node.end_lineno - node.lineno + 1 for node in functions(ast.parse(source))}
    return {name: lines for name, lines in spans.items() if lines > limit}


def is_explained(source):
    tree = ast.parse(source)
    return not tree.body or ast.get_docstring(tree) is not None


def test_a_function_is_measured_from_its_def_to_its_last_line():
    source = (
        "async def short():\n    pass\n\n\nclass C:\n    def long(self):\n        a = 1\n        return a\n"
    )
    assert too_long(source, 2) == {"long": 3}


def test_a_handler_is_at_most_25_lines():
    found = {
        name_of(path): too_long(path.read_text("utf-8"), LINES_PER_HANDLER)
        for path in MODULES
        if path.is_relative_to(ROOT / "handlers")
    }
    assert {path: long for path, long in found.items() if long} == {}


def test_no_module_has_over_400_lines():
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {path: lines for path, lines in lengths.items() if lines > LINES_PER_MODULE} == {}


def test_every_module_is_named_by_its_concept():
    nameless = [name_of(path) for path in MODULES if NAMES_OF_NOTHING & set(module_of(path).split("."))]
    assert nameless == []


def test_every_module_says_what_it_is():
    assert [name_of(path) for path in MODULES if not is_explained(path.read_text("utf-8"))] == []


def test_a_module_with_code_and_no_docstring_is_noticed():
    assert not is_explained("# a comment\nx = 1\n")
    assert is_explained("# a comment\n")
    assert is_explained('"""Something."""\nx = 1\n')


def test_every_part_of_the_bot_has_its_floor():
    """A part that no layer names would be free of every rule."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (layers,) = (c["layers"] for c in pyproject["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    placed = {part.strip(" ()") for layer in layers for part in layer.split("|")}
    parts = {path.stem for path in (ROOT / "bot").glob("*.py")} - {"__init__"}
    parts |= {path.parent.name for path in (ROOT / "bot").glob("*/__init__.py")}
    assert {f"bot.{part}" for part in parts} - placed == set()


# Runs in a process of its own: an audit hook cannot be taken off again. What a library does when it is
# imported is its own business, so only what happens inside a module body of ours counts.
WATCH_IMPORTS = """
import importlib, sys

root, prefix, *modules = sys.argv[1:]
EFFECTS = (
    "socket.", "subprocess.", "sqlite3.", "shutil.", "tempfile.", "urllib.", "http.",
    "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.mkdir", "os.remove", "os.rename",
    "os.rmdir", "os.truncate", "os.chmod", "os.putenv", "os.unsetenv", "signal.",
)
OPENED = ("open", "os.listdir", "os.scandir")
found = []

def body_of_ours():
    frame = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib"):
            return None
        if frame.f_code.co_name == "<module>":
            ours = file.startswith(root) and not file.startswith(prefix)
            return f"{file}:{frame.f_lineno}" if ours else None
        frame = frame.f_back
    return None

def watch(event, args):
    if event.startswith(EFFECTS) or event in OPENED:
        where = body_of_ours()
        if where is not None:
            found.append(f"{where} {event} {args[:1]}")

sys.addaudithook(watch)
sys.path.insert(0, root)
for module in modules:
    importlib.import_module(module)
import logging, threading
if logging.getLogger().handlers:
    found.append("an import has set up logging")
if threading.active_count() > 1:
    found.append("an import has started a thread")
print("\\n".join(found))
"""


def effects_of_importing(root, modules):
    watched = subprocess.run(
        [sys.executable, "-B", "-c", WATCH_IMPORTS, str(root), sys.prefix, *modules],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        # Pydantic otherwise looks for plugins, file by file, while it makes the first model.
        env={**os.environ, "PYDANTIC_DISABLE_PLUGINS": "__all__", "PYTHONPATH": ""},
        timeout=60,
    )
    assert watched.returncode == 0, watched.stderr
    return watched.stdout.split("\n")[:-1] if watched.stdout.strip() else []


def test_importing_a_module_of_ours_does_nothing_else():
    # Alembic runs env.py as a script, each time that it migrates.
    modules = [module_of(path) for path in MODULES if path.name != "env.py"]
    assert effects_of_importing(ROOT, modules) == []


@pytest.mark.parametrize(
    "body",
    [
        "open(__file__)",
        "import socket\nsocket.socket()",
        "import asyncio\nasyncio.new_event_loop()",
        "import sqlite3\nsqlite3.connect(':memory:')",
        "import subprocess\nsubprocess.run(['true'])",
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()",
        "class C:\n    def f():\n        open(__file__)\n    f()",
        "import logging\nlogging.basicConfig()",
    ],
)
def test_an_import_that_does_something_is_noticed(tmp_path, body):
    (tmp_path / "busy.py").write_text(body, encoding="utf-8")
    assert effects_of_importing(tmp_path, ["busy"]) != []


def test_an_import_that_only_defines_things_passes(tmp_path):
    (tmp_path / "quiet.py").write_text("import asyncio\nimport ssl\n\ndef f(): open('x')\n", encoding="utf-8")
    assert effects_of_importing(tmp_path, ["quiet"]) == []
