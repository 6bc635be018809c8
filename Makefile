# Development commands; each one prepares .venv from the committed locks when needed.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
UV     ?= $(BIN)/uv

DEMO_OUT ?= results
DEMO_CMD ?= $(BIN)/cevns limits --each -o $(DEMO_OUT)

# Tests run in one process per core: linear algebra takes one thread each.
export OPENBLAS_NUM_THREADS ?= 1
PYTEST_ARGS ?=
LOCK_ARGS   ?=

# A stamp is written only after everything it stands for has been installed.
# "installing" exists while an installation runs: when it is found at the start
# of another one, the environment was left half-finished and is made anew.
RUNTIME_STAMP := $(VENV)/.installed-runtime
DEV_STAMP     := $(VENV)/.installed-dev
INSTALLING    := $(VENV)/.installing

PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test test-browser lint types docs lock clean distclean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(RUNTIME_STAMP) ## Derive the limits of each experiment into results/
	$(DEMO_CMD)

test: $(DEV_STAMP) ## Run the tests with coverage
	$(BIN)/python -m pytest --cov --mpl --numprocesses=logical $(PYTEST_ARGS)

# Chromium as Debian packages it, installed where we may.
test-browser: $(DEV_STAMP) ## Try the explorer in headless Chromium
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } || \
		{ echo "error: no chromium, and it could not be installed: install the package chromium" >&2; exit 1; }
	CHROMIUM=$$(command -v chromium) $(BIN)/python -m pytest -m browser tests/app

lint: $(DEV_STAMP) ## Check style, formatting and repository layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/repo-review .

types: $(DEV_STAMP) ## Check the types
	$(BIN)/mypy

docs: $(DEV_STAMP) ## Build the documentation into docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

lock: $(DEV_STAMP) ## Renew the locks (LOCK_ARGS=--upgrade for the newest versions)
	$(UV) pip compile $(LOCK_FLAGS) $(LOCK_ARGS) pyproject.toml --group build -o requirements.lock
	$(UV) pip compile $(LOCK_FLAGS) $(LOCK_ARGS) pyproject.toml --all-extras --group dev -c requirements.lock -o requirements-dev.lock

clean: ## Remove build products, caches and results
	rm -rf build dist $(DEMO_OUT) docs/_build docs/api/generated htmlcov .coverage .coverage.* coverage.xml
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .nox
	find src tests docs tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## Remove the environment as well
	rm -rf $(VENV)

LOCK_FLAGS := --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

# $(1): the lock to install, $(2): the stamps to write
define install
@$(check_python)
@if [ -e $(INSTALLING) ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	echo "creating $(VENV)"; \
	rm -rf $(VENV); \
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "error: $(PYTHON) -m venv failed; is the venv module installed?" >&2; exit 1; }; \
fi
@rm -f $(2)
@touch $(INSTALLING)
@echo "installing $(1)"
@$(PIP_INSTALL) --require-hashes -r $(1)
@$(PIP_INSTALL) --no-build-isolation --no-deps -e .
@rm -f $(INSTALLING)
@touch $(2)
endef

define check_python
command -v $(PYTHON) >/dev/null 2>&1 || \
	{ echo "error: $(PYTHON) not found; name a Python >= 3.11 with 'make PYTHON=...'" >&2; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "error: cevns needs Python >= 3.11, but $(PYTHON) is $$($(PYTHON) --version 2>&1); name a newer one with 'make PYTHON=...'" >&2; exit 1; }
endef

$(RUNTIME_STAMP): requirements.lock pyproject.toml
	$(call install,requirements.lock,$(RUNTIME_STAMP))

$(DEV_STAMP): requirements-dev.lock pyproject.toml
	$(call install,requirements-dev.lock,$(DEV_STAMP) $(RUNTIME_STAMP))
