# Everything is set up when first needed; `make` lists what there is.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for each in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$each" && break; done)
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
TESTS ?=
PYTEST := $(BIN)/python -m pytest --quiet
unexport PYTHONDONTWRITEBYTECODE # each process of a test would compile everything anew
WORKERS := --numprocesses=auto --dist=loadfile --no-loadscope-reorder

.PHONY: help setup setup-dev demo test test-long unit integration e2e check lint types schemas authority bench bench-growth clean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do \
		printf '  make %-14s %s\n' "$$name" "$$what"; done

setup: $(VENV)/.setup ## what the platform needs: packages, Apache Kafka, PostgreSQL

setup-dev: $(VENV)/.setup-dev ## what the checks and tests need besides

demo: scenario setup ## a year played into a bulletin; SCENARIO=file plays another, EXIT=1 ends it after the table, PORT=8000
	@$(BIN)/guatu demo $(if $(SCENARIO),--scenario "$(SCENARIO)") $(if $(PORT),--port "$(PORT)") $(if $(EXIT),--exit)

.PHONY: scenario
scenario:
	@[ -z "$(SCENARIO)" ] || [ -f "$(SCENARIO)" ] || { echo "There is no scenario file $(SCENARIO)." >&2; exit 1; }

test: setup-dev ## all tests but the long ones, on real Kafka and PostgreSQL; TESTS=path runs some
	@$(PYTEST) $(WORKERS) -m "not long" $(TESTS)

test-long: setup-dev ## a year in which every process is killed; a projector of 1, 4, 1 processes; containers, where an engine answers
	@$(PYTEST) -m long $(TESTS)

unit: setup-dev ## the tests without servers
	@$(PYTEST) $(WORKERS) $(or $(TESTS),tests/unit)

integration: setup-dev ## the tests of one part on real servers
	@$(PYTEST) $(WORKERS) $(or $(TESTS),tests/integration)

e2e: setup-dev ## the tests of the whole, with a browser
	@$(PYTEST) -m "not long" $(or $(TESTS),tests/e2e)

check: setup-dev ## format, lint, types, walls, schemas, unit tests
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target unit types lint

lint: setup-dev
	@echo "format and lint" && $(BIN)/ruff format --quiet --check . && $(BIN)/ruff check --quiet .
	@echo "walls" && $(BIN)/lint-imports --no-logo > $(VENV)/walls.log 2>&1 || { cat $(VENV)/walls.log; exit 1; }
	@echo "schemas" && $(BIN)/python -m infra.schemas check
	@echo "authority" && $(BIN)/python -m infra.authority check

types: setup-dev
	@echo "types" && $(BIN)/basedpyright --level error

schemas: setup-dev ## write the contracts' JSON Schemas into docs/schemas
	@$(BIN)/python -m infra.schemas write

authority: setup-dev ## write who may use which route into docs/authority.md
	@$(BIN)/python -m infra.authority write

bench: setup-dev ## every speed beside its yardstick, with the spread
	@$(BIN)/python -m bench $(TESTS)

bench-growth: setup-dev ## whether speed stays with ten times the events; takes minutes
	@$(BIN)/python -m bench growth

clean: ## stop every stack; remove its data and what was fetched
	@if [ -x $(BIN)/guatu ] && [ -d .guatu ]; then $(BIN)/guatu down --all; fi
	@rm -rf .guatu $(VENV)/.setup $(VENV)/.setup-dev

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed, and none is in PATH." >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing (Debian, Ubuntu: apt install python3-venv)." >&2; \
		rm -rf $(VENV); exit 1; }

$(VENV)/.setup: requirements.txt pyproject.toml infra/kafka/pom.xml | $(BIN)/python
	@$(BIN)/python -m infra.stack.requirements
	@echo "Installing Python packages"
	@$(PIP) install --require-hashes -r requirements.txt
	@PYTHONWARNINGS=ignore $(PIP) install --no-deps --no-build-isolation -e .
	@echo "Fetching Apache Kafka"
	@$(BIN)/python -m infra.stack.prepare
	@touch $@

$(VENV)/.setup-dev: requirements-dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing Python packages and the tests' tools"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@PYTHONWARNINGS=ignore $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
