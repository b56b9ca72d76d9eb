# Two commands matter: `make demo` and `make test`. Both work in a fresh clone, without root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
export RUFF_CACHE_DIR := .cache/ruff
export MYPY_CACHE_DIR := .cache/mypy
# An environment that is active elsewhere must not be installed into.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

# The development set holds the run-time set, so where it is there the demo needs no other.
RUN := $(if $(wildcard $(VENV)/dev.stamp),$(VENV)/dev.stamp,$(VENV)/run.stamp)
DEV := $(VENV)/dev.stamp
PEERS := .venv-bench
SOURCES = src tests journeys benchmarks scripts conftest.py
PRESENT = $(wildcard $(SOURCES))

.PHONY: demo demo-reset test test-slow test-sqlite test-postgres bench bench-peers lint format messages clean help

help:
	@echo "make demo        play January 2023 and serve it on 127.0.0.1:8000"
	@echo "make demo-reset  the same, from the beginning"
	@echo "make test        lint, types, contracts, and every test on SQLite and PostgreSQL"
	@echo "make test-slow   the campaigns: crashes, fuzzing, national size"
	@echo "make bench       the measurements of docs/performance.md"
	@echo "make bench-peers install the solvers that routes are measured beside, in .venv-bench"
	@echo "make lint        ruff, mypy, import contracts"
	@echo "make format      let ruff lay out the code"

demo: $(RUN) messages
	@$(BIN)/tongzhou demo

demo-reset: $(RUN) messages
	@$(BIN)/tongzhou demo --reset

test: $(DEV)
	@$(BIN)/python scripts/run_tests.py --workers $(WORKERS)

test-sqlite: $(DEV)
	@$(BIN)/python scripts/run_tests.py --workers $(WORKERS) sqlite

test-postgres: $(DEV)
	@$(BIN)/python scripts/run_tests.py --workers $(WORKERS) postgres

test-slow: $(DEV)
	@$(BIN)/python scripts/run_tests.py --workers $(WORKERS) slow

bench: $(DEV) messages
	@$(BIN)/python -m benchmarks

# An environment of its own: the solvers measured beside ours are no part of the product.
bench-peers: $(PEERS)/bench.stamp

lint: $(DEV)
	@$(BIN)/python scripts/run_tests.py lint

format: $(DEV)
	@$(BIN)/ruff format $(PRESENT)
	@$(BIN)/ruff check --fix $(PRESENT)

messages: $(RUN)
	@$(BIN)/python scripts/compile_messages.py

clean:
	rm -rf .cache .hypothesis dist build

# uv comes first, alone, from the same lock and by the same hashes as everything else.
$(VENV)/uv.stamp: requirements/run.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tongzhou needs Python 3.11 or newer; set PYTHON=python3.11, or install it.")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@awk '/^[a-z0-9]/ { keep = /^uv==/ } keep' requirements/run.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement $(VENV)/uv.lock
	@touch $@

$(VENV)/run.stamp: requirements/run.lock pyproject.toml $(VENV)/uv.stamp
	@$(BIN)/uv pip sync --quiet --require-hashes requirements/run.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock pyproject.toml $(VENV)/uv.stamp
	@$(BIN)/uv pip sync --quiet --require-hashes requirements/dev.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(PEERS)/bench.stamp: requirements/bench.lock pyproject.toml $(VENV)/uv.stamp
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	@VIRTUAL_ENV=$(CURDIR)/$(PEERS) $(BIN)/uv pip sync --quiet --require-hashes requirements/bench.lock
	@VIRTUAL_ENV=$(CURDIR)/$(PEERS) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
