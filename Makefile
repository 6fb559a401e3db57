# Everything a person or CI runs. `make` alone lists the targets.
# Needs git, make and python3 (3.11 to 3.13 with venv, until dagster-dbt knows a newer one);
# everything else is set up inside this folder.
SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .uv/bin/uv
BIN := .venv/bin
READY := .venv/.ready
# Records whose persons are known, beside the checkout where somebody has put them there.
FEBRL := ../shared/datasets/febrl

# uv keeps its cache in the checkout and never fetches an interpreter of its own.
export UV_CACHE_DIR := $(CURDIR)/.uv/cache
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
# Images of containers often forbid it; then each of a night's processes would compile all of its
# libraries anew, which doubles the time that they take to load.
unexport PYTHONDONTWRITEBYTECODE
# dagster-dbt looks for `dbt` on PATH.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup lock nightly doctor test lint bench ui loads explain split join identity-report rollback sandbox conformance connectors new-connector clean

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

$(UV):
	@echo "setup: fetching uv $(UV_VERSION) into .uv/"
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo "Throughline needs Python 3.11, 3.12 or 3.13, which $(PYTHON) is not. Set PYTHON=<path>."; exit 1; }
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check uv==$(UV_VERSION)

$(READY): requirements.lock pyproject.toml | $(UV)
	@echo "setup: installing the locked packages into .venv/ (some minutes the first time)"
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)

setup: $(READY) ## Install everything into this folder (the other targets do it by themselves)

lock: | $(UV) ## Renew requirements.lock from pyproject.toml
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --group dev pyproject.toml --output-file requirements.lock

nightly: $(READY) ## Run a night and publish it: DATE=YYYY-MM-DD (default: the last complete day)
	@$(BIN)/python -m orchestration nightly $(if $(DATE),--date '$(DATE)')

doctor: $(READY) ## Ask each vendor one cheap question and say what is wrong, and what to do
	@$(BIN)/python -m orchestration doctor

ui: $(READY) ## Serve Dagster on the same warehouse: PORT=3000
	@$(BIN)/python -m orchestration ui $(if $(PORT),--port '$(PORT)')

rollback: $(READY) ## Put the previous published warehouse back (again: the one before)
	@$(BIN)/python -m orchestration rollback

loads: $(READY) ## List loads the gate holds back; RELEASE=<id> or DISCARD=<id> decides on one
	@$(BIN)/python -m data_quality loads \
		$(if $(RELEASE),release '$(RELEASE)',$(if $(DISCARD),discard '$(DISCARD)'))

explain: $(READY) ## Why two identifiers are one person or two: A=email:ada@x.org B=phone:+4930123
	@$(BIN)/python -m identity explain '$(A)' '$(B)'

split: $(READY) ## Decide that two identifiers are two persons: A=… B=… BY=who WHY=reason
	@$(BIN)/python -m identity split '$(A)' '$(B)' --by '$(BY)' --why '$(WHY)'

join: $(READY) ## Decide that two identifiers are one person: A=… B=… BY=who WHY=reason
	@$(BIN)/python -m identity join '$(A)' '$(B)' --by '$(BY)' --why '$(WHY)'

identity-report: $(READY) ## How right persons are in the sandbox and in FEBRL: precision, recall, worst errors
	@$(BIN)/python -m sandbox truth --tables identifier
	@$(BIN)/python -m identity report --truth
	@$(if $(wildcard $(FEBRL)),$(BIN)/python -m identity report --records $(FEBRL)/dataset3.csv)
	@$(if $(wildcard $(FEBRL)),$(BIN)/python -m identity report --records $(FEBRL)/dataset4a.csv $(FEBRL)/dataset4b.csv)

sandbox: $(READY) ## Serve the vendors' APIs on loopback by themselves: PORT=8700
	@$(BIN)/python -m sandbox serve $(if $(PORT),--port '$(PORT)')

test: $(READY) ## Run every test and the linters (no network, no keys)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder

lint: $(READY) ## Check style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

conformance: $(READY) ## Write docs/conformance.md anew: each vendor's endpoints and how they are proven
	@$(BIN)/python -m tests.conformance

bench: $(READY) ## Measure speed and memory against a floor and a peer (results in benchmarks/results)
	@$(BIN)/python -m benchmarks

connectors: $(READY) ## Write the README's table of connectors anew
	@$(BIN)/python -m connectors

new-connector: $(READY) ## Put a new connector's files in place: NAME=pinterest
	@$(BIN)/python -m scaffold '$(NAME)'
	@$(BIN)/python -m connectors
	@$(BIN)/python -m tests.conformance

clean: ## Remove caches and what dbt and Python left; data/ and the installation stay
	@rm -rf .pytest_cache .mypy_cache .ruff_cache dbt_project/target dbt_project/logs
	@find . -name __pycache__ -not -path './.venv/*' -not -path './.uv/*' -prune -exec rm -rf {} +
