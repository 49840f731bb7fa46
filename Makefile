# make up      set everything up, migrate the local database, show where it is
# make service   migrate the local database, start the example service on it and say where; Ctrl-C ends it
# make test    set everything up, run all tests
# make check   what CI runs: linters, types, import rules, tests
# make reliability   race, kill, crash and measure for about three hours, and write docs/reliability.md; needs root
# make clean   remove what the above made; the local database stays (migrator local reset deletes it)
#
# Needs Python 3.11 or later and git; uv is used when it is there.

VENV ?= .venv
BIN := $(VENV)/bin
# A clone that was moved gets a new environment: scripts in the old one name the old place.
READY := $(VENV)/.ready-$(shell pwd | cksum | cut -d ' ' -f 1)
# Tests wait for servers more than they compute: four workers, each with whole files.
PYTEST_ARGUMENTS ?= -n 4 --dist loadfile
# Of the runs that are ended from outside, try only every so many.
EVERY ?= 1

.NOTPARALLEL:
.PHONY: help up service setup test check lint reliability clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

up: setup
	@$(BIN)/migrator upgrade --env local
	@$(BIN)/migrator status --env local

# ARGUMENTS="--port 8080 --access-log", see python -m examples.service --help
service: setup
	@$(BIN)/migrator upgrade --env local
	@exec env MIGRATOR_ENV=local $(BIN)/python -m examples.service $(ARGUMENTS)

setup: $(READY)

$(READY): pyproject.toml scripts/setup
	@echo "Setting up $(VENV) (once; about a minute)"
	@scripts/setup "$(VENV)"
	@touch "$(READY)"

test: setup
	@$(BIN)/python -m pytest $(PYTEST_ARGUMENTS)

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

# A failure does not keep the rest from being tried; it is in the page, and in the exit code.
reliability: setup
	@failed=0; \
	$(BIN)/python -m reliability.race || failed=1; \
	$(BIN)/python -m reliability.kills --every $(EVERY) || failed=1; \
	$(BIN)/python -m reliability.kills --servers mariadb --name mariadb --every $(EVERY) || failed=1; \
	$(BIN)/python -m reliability.server || failed=1; \
	$(BIN)/python -m reliability.service || failed=1; \
	$(BIN)/python benchmarks/nothing_to_do.py --results reliability/results/nothing_to_do.json || failed=1; \
	$(BIN)/python -m reliability.page; \
	exit $$failed

clean:
	@if [ -x $(BIN)/migrator ]; then $(BIN)/migrator local stop --all; fi
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
