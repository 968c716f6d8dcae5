# Works with plain python3 and make. `make help` lists what there is.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := $(VENV)-lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
  --quiet

.PHONY: help run test check rings bench lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.installed-run ## install and start Keepwarm; prints the address to open
	@$(BIN)/keepwarm run

test: $(VENV)/.installed-test ## the tests of every day, on SQLite and PostgreSQL
	$(BIN)/pytest -n auto -m "not slow" $(ARGS)

check: $(VENV)/.installed-test ## ruff, mypy strict, the import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

rings: $(VENV)/.installed-test ## the slow rings in full, with a dated report in docs/proof
	$(BIN)/pytest -m slow --full --report docs/proof $(ARGS)

bench: $(VENV)/.installed-bench ## our figures beside the reference's, in one run
	$(BIN)/python -m benchmarks $(ARGS)

# Needs uv, which is put into a folder of its own for the occasion and removed again.
lock: ## write requirements/*.txt anew from requirements/*.in
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet uv
	$(LOCK) requirements/run.in -o requirements/run.txt
	$(LOCK) -c requirements/run.txt requirements/test.in -o requirements/test.txt
	$(LOCK) -c requirements/run.txt requirements/bench.in -o requirements/bench.txt
	rm -r $(VENV)-lock

clean: ## remove what was installed and cached here, not your data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info build dist

# One stamp per set: it installs once, and again when its lock file or the project's own description changes.
$(VENV)/.installed-%: requirements/%.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Keepwarm needs Python 3.11 or newer; $(PYTHON) is older. Try: make run PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
