# Everything runs in .venv/, which the first target that needs it makes from requirements.lock.

PYTHON ?= python3
UV     ?= uv
BIN    := .venv/bin
STAMP  := .venv/.installed
PIP    := $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install --quiet --no-compile

.PHONY: help setup demo test slow lint notebooks notebooks-run bench margin mutants clean lock

help:   ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

setup: $(STAMP)  ## make .venv/ (needs Python 3.11 or later and pip)

demo: $(STAMP)   ## verify the shipped scenarios
	$(BIN)/fanout-sim verify

test: lint       ## lint, then all tests but those that take minutes
	$(BIN)/python -m pytest -n 2 --dist loadgroup

slow: $(STAMP)   ## the tests that take minutes
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

lint: $(STAMP)   ## style, types and import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

notebooks: $(STAMP)  ## open the notebooks in Jupyter
	$(BIN)/jupyter lab notebooks/

notebooks-run: $(STAMP)  ## execute the notebooks and write their outputs back (minutes)
	$(BIN)/python -m tests.notebooks.execute

bench: $(STAMP)  ## measure what the worlds cost
	$(BIN)/python -m bench.model_cost
	$(BIN)/python -m bench.virtual_cost
	$(BIN)/python -m bench.slow_reader
	$(BIN)/python -m bench.fleet_cost

margin: $(STAMP) ## measure what the live margin rests on (minutes)
	$(BIN)/python -m bench.live_margin

mutants: $(STAMP) ## break each rule in each world and see that it is noticed (minutes)
	$(BIN)/python -m tests.mutants

clean:           ## remove .venv/, caches and runs/
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist runs
	find . -name __pycache__ -prune -exec rm -rf {} +

lock:            ## pin the dependencies again (needs uv; UPGRADE=--upgrade takes newer versions)
	$(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	    --no-emit-index-url --no-annotate --custom-compile-command "make lock" $(UPGRADE) \
	    --extra dev pyproject.toml --output-file requirements.lock

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "fanout-sim needs Python 3.11 or later; name one, as in: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null || { echo "fanout-sim needs pip for $(PYTHON)" >&2; exit 1; }
	@echo "Installing into .venv/ (about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip .venv
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@
