# Chengxin: everything a contributor runs. `make demo` and `make test` need only Debian 12 and its python3.
# Steps that install are in deploy/*.sh; they do nothing when their work is already done.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
export PYTHONUNBUFFERED := 1

.PHONY: demo test test-long tests lint types imports format bench docs lock clean help

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1\t/' | expand -t 14

$(VENV)/ready: requirements.lock pyproject.toml deploy/setup.sh
	@deploy/setup.sh requirements.lock $@

$(VENV)/ready-dev: requirements-dev.lock requirements.lock pyproject.toml deploy/setup.sh
	@deploy/setup.sh requirements-dev.lock $@
	@touch $(VENV)/ready

demo: $(VENV)/ready  ## install, build the example city, serve it on http://127.0.0.1:8000
	@$(BIN)/chengxin demo

# Types take one core for a minute; the tests begin meanwhile on the others.
test: $(VENV)/ready-dev  ## everything that must hold: lint, types, imports, and all tests but the long ones
	@deploy/chromium.sh
	@deploy/go.sh
	@deploy/s3.sh
	@$(MAKE) --no-print-directory --jobs=2 tests lint

# Files in their own order: the short ones come last, so that no core is left alone with a long one.
tests: $(VENV)/ready-dev
	@$(BIN)/python -m pytest -m "not long" -n auto --dist loadfile --no-loadscope-reorder

test-long: $(VENV)/ready-dev  ## the long ones too: Spark, fifty kills, large files
	@deploy/chromium.sh
	@deploy/go.sh
	@deploy/s3.sh
	@$(BIN)/python -m pytest

lint: $(VENV)/ready-dev types imports  ## ruff, mypy, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/ready-dev
	@$(BIN)/mypy

imports: $(VENV)/ready-dev
	@$(BIN)/lint-imports

format: $(VENV)/ready-dev  ## let ruff mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# Sizes for `make bench`; docs/reference/performance.md says which were used for its figures.
ROWS ?= 1000000
BASES ?= 0
SUBJECTS ?= 1000000
SMALL ?= 100000

bench: $(VENV)/ready-dev  ## measure everything; ROWS=, BASES=0,1000000, SUBJECTS= for files and log, SMALL= for the rest
	@$(BIN)/python -m bench.intake --rows $(ROWS) --bases $(BASES) --subjects $(SUBJECTS) --profile
	@$(BIN)/python -m bench.workbook --rows $$(( $(ROWS) / 10 ))
	@$(BIN)/python -m bench.api
	@$(BIN)/python -m bench.log --entries $(ROWS)
	@$(BIN)/python -m bench.search $(SMALL)
	@$(BIN)/python -m bench.resolution --names $(SMALL) --asked $$(( $(SMALL) / 10 ))
	@$(BIN)/python -m bench.resolve $(SMALL) $(SMALL)
	@$(BIN)/python -m bench.identifiers
	@$(BIN)/python -m bench.crosscheck $(SMALL)
	@$(BIN)/python -m bench.acts --records $$(( $(SMALL) / 100 ))
	@$(BIN)/python -m bench.cases --cases $(SMALL)
	@$(BIN)/python -m bench.repairs --repairs $$(( $(SMALL) / 100 ))
	@$(BIN)/python -m bench.withdrawn --records $$(( $(SMALL) * 10 )) --withdrawn $$(( $(SMALL) / 10 ))

docs: $(VENV)/ready-dev  ## write the generated parts of docs/reference again
	@$(BIN)/python -m docs.generate

# Locks name versions and hashes, never a registry's address. Pins that are there stay; PACKAGE=name lets one move.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-header $(if $(PACKAGE),--upgrade-package $(PACKAGE))

lock: $(VENV)/ready-dev  ## resolve pyproject.toml again into requirements*.lock
	@$(BIN)/python -m pip install --quiet uv
	@$(LOCK) pyproject.toml deploy/build.in -o requirements.lock
	@$(LOCK) pyproject.toml deploy/build.in --extra dev -c requirements.lock -o requirements-dev.lock
	@$(LOCK) pyproject.toml deploy/build.in --extra dev --extra spark -c requirements-dev.lock -o requirements-spark.lock
	@$(LOCK) deploy/s3.in -o requirements-s3.lock

clean:  ## remove the virtual environment and the caches, never var/
	rm -rf $(VENV) .venv-s3 .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
