# Everything a newcomer, a developer and CI call. `make` alone prints the list.

PYTHON ?= python3
PORT ?= 8080
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
UV ?= $(or $(wildcard $(BIN)/uv),uv)

# A stamp lies in the environment that it describes: removing .venv removes it too.
RUN_STAMP := $(VENV)/.stamp-run
DEV_STAMP := $(VENV)/.stamp-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The rooms are linked, never packed: what setuptools says about packing them is of no concern.
LINK := PYTHONWARNINGS=ignore $(PIP) install --no-deps -e .

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset install test lint format types rooms check bench lock clean

help: ## Print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
		echo "Python 3.11 or later is needed, and $(PYTHON) was not found." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or later is needed, and $(PYTHON) is $$($(PYTHON) -V 2>&1);" \
			"name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv" >&2; \
		exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what the program needs (a minute or two, once) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(LINK)
	@touch $@

$(DEV_STAMP): requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing what the tests need (a minute or two, once) ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(LINK)
	@touch $(RUN_STAMP) $@

install: $(RUN_STAMP) ## Install the program into .venv, as `make demo` does

demo: $(RUN_STAMP) ## Try everything in the browser: no token, no network (PORT=8080)
	@$(BIN)/inspection-bot sandbox --port $(PORT)

demo-reset: ## Forget what the demo keeps in demo-data
	@rm -rf demo-data
	@echo "The demo begins afresh at the next make demo."

test: $(DEV_STAMP) ## Run the tests (ARGS="tests/campaigns -k weekly"); REQUIRE_ALL=1 skips none
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

lint: $(DEV_STAMP) ## Check style and layout of the code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(DEV_STAMP) ## Lay the code out and mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(DEV_STAMP) ## Check the types of every room
	@$(BIN)/mypy

rooms: $(DEV_STAMP) ## Check that imports go one way
	@$(BIN)/lint-imports

check: test lint types rooms ## Everything that must pass before a change goes in

bench: $(DEV_STAMP) ## Measure beside aiogram, python-telegram-bot and hand-written SQL
	@$(BIN)/python -m benchmarks $(ARGS)

lock: ## Write both lock files anew from pyproject.toml (ARGS=--upgrade for newer versions)
	@command -v $(UV) >/dev/null || { echo "uv is needed to write the lock files." >&2; exit 1; }
	$(UV) pip compile pyproject.toml --group dev --generate-hashes --universal --no-header \
		--quiet -o requirements-dev.lock $(ARGS)
	$(UV) pip compile pyproject.toml -c requirements-dev.lock --generate-hashes --universal \
		--no-header --quiet -o requirements.lock

clean: ## Remove the environment and the tools' caches; data stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
