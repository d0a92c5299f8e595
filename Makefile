# Every target sets up what it needs; from a clean checkout `make run` and `make test` are enough.
#
#   make test ARGS='tests/vault -k wipe'     passes arguments on to pytest
#   make run PYTHON=python3.12               builds the environment with another Python, 3.11 or later

PYTHON ?= python3
ARGS ?=

.PHONY: help run test test-pythons lint format faults fuzz bench gui-e2e screenshots catalogue record-types
.PHONY: freezer freeze package check-package check-wheels release set-up oracles fonts lock clean
.DEFAULT_GOAL := help

help:  ## List the targets
	@sed -n 's/^\([a-z0-9-]*\):.*  ## /  make \1\t/p' Makefile | expand -t 24

run: set-up  ## Open the window; without a display, do the main job from end to end on public cases
	@sh packaging/run.sh $(ARGS)

test: set-up oracles  ## Run the whole test suite
	@sh packaging/test.sh $(ARGS)

test-pythons:  ## Run the test suite with every Python from 3.11 on that is on this machine
	@sh packaging/test-pythons.sh $(ARGS)

lint: set-up  ## Check style and types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

format: set-up  ## Lay the code out, and repair what can be repaired without thought
	@.venv/bin/ruff check --fix-only .
	@.venv/bin/ruff format .

gui-e2e: set-up oracles  ## Walk through the window on a virtual screen, from first start to wiped vault
	@.venv/bin/python tests/e2e/walk.py $(ARGS)

screenshots: set-up oracles  ## Write pictures of every screen to docs/screenshots
	@.venv/bin/python tests/gui/screenshots.py $(ARGS)

faults: set-up oracles  ## Let disks fail, processes die and power go at every call; at most 20 minutes
	@.venv/bin/python tests/faults/run.py $(ARGS)

fuzz: set-up  ## Feed broken files to every reader, an hour each
	@.venv/bin/python tests/faults/fuzz.py $(ARGS)

bench: set-up oracles freeze  ## Measure against the budgets; exit 1 when one is missed
	@.venv/bin/python tests/bench/run.py $(ARGS)

freeze: freezer  ## Freeze the program into dist/fielddoc
	@PYTHONPATH=packaging .venv/bin/python -m freeze.build

package: freezer oracles  ## Build what a person gets on this system into dist/
	@PYTHONPATH=packaging .venv/bin/python -m freeze.package

check-package: freezer oracles  ## Check what `make package` built: contents, demo, window, bare Debian, traces
	@.venv/bin/python -m pytest --durations=0 --durations-min=5 tests/frozen/check_*.py $(ARGS)

check-wheels: freezer  ## Find the pinned wheels of everything that ships, for Linux, Windows and macOS
	@PYTHONPATH=packaging .venv/bin/python -m freeze.wheels

release: freezer oracles  ## Build twice, compare, and write checksums, licences and the bill of materials
	@PYTHONPATH=packaging .venv/bin/python -m freeze.release $(ARGS)

catalogue: set-up  ## Bring the translations and docs/errors.md up to date with the source
	@.venv/bin/python packaging/catalogue.py

record-types: set-up  ## Bring docs/record-types.md up to date with the declarations
	@.venv/bin/python -m fielddoc.interchange.record_types_page > docs/record-types.md

set-up:  ## Make .venv with the pinned packages (done by the others when it is needed)
	@PYTHON='$(PYTHON)' sh packaging/set-up.sh

freezer: set-up
	@PYTHON='$(PYTHON)' sh packaging/freezer.sh

oracles: set-up  ## Install the independent programs that tests compare with, as far as allowed
	@PYTHON='$(PYTHON)' sh packaging/oracles.sh

fonts:  ## Make resources/fonts from Debian's packages of Noto; needs python3-fonttools
	@python3 packaging/fonts.py build/fonts

lock: set-up  ## Choose newer packages, at least a week old, and pin them
	@PYTHON='$(PYTHON)' sh packaging/lock.sh

clean:  ## Remove everything that can be made again
	rm -rf .venv build dist packaging/node-oracle/node_modules
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis tests/bench/out
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
