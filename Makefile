# Two commands do all the set-up: `make demo` and `make test`. Everything lands in .venv and var.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help demo run test faults check sbom format refine bench pictures sample dist clean

help:
	@echo "make demo      try it: a local Slack emulator, a sample company, the real bot"
	@echo "               SURFACE=teams: in Microsoft's local client for Teams instead"
	@echo "make run       serve your Slack workspace or Teams tenant from .env"
	@echo "make refine    train an adapter now instead of tonight"
	@echo "make test      the whole test suite"
	@echo "make faults    kill it, fill its disk, damage its files: what is lost, doubled or served (hours)"
	@echo "make check     lint, types, import rules, licences and known weaknesses"
	@echo "make sbom      a software bill of materials, in var/sbom.json"
	@echo "make dist      a wheel in dist; \`afterword demo\` runs from it in an empty environment"
	@echo "make bench     the figures of docs/performance.md"
	@echo "make pictures  take the README's screenshots again"

demo: .venv/.ready
	$(if $(filter teams,$(SURFACE)),@$(PIP) install -q -c constraints.txt -e '.[teams]')
	@$(BIN)/afterword demo $(if $(SURFACE),--surface $(SURFACE))

run: .venv/.ready
	@$(BIN)/afterword serve

refine: .venv/.ready
	@$(BIN)/afterword refine $(if $(MINUTES),--minutes $(MINUTES))

test: .venv/.ready-dev
	@$(BIN)/afterword fetch
	@$(BIN)/python -m pytest -q

faults: .venv/.ready-dev
	@$(BIN)/python -m tests.faults

check: .venv/.ready-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/python -m pytest -q tests/test_architecture.py
	@$(BIN)/bandit -q -ll -r bot model storage && $(BIN)/python -m tests.supply_chain licences \
		&& $(BIN)/python -m tests.supply_chain audit

sbom: .venv/.ready-dev
	@mkdir -p var && $(BIN)/python -m tests.supply_chain sbom var/sbom.json && echo var/sbom.json

format: .venv/.ready-dev
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format .

bench: .venv/.ready-dev
	@$(BIN)/python -m tests.benchmarks.loop

pictures: .venv/.ready-dev
	@AFTERWORD_PICTURES=docs/pictures $(BIN)/python -m pytest -q tests/journeys/test_browser.py

sample: .venv/.ready-dev
	@$(BIN)/python -m tests.sample_company

dist: .venv/.ready-dev
	@rm -rf build && $(PIP) wheel -q --no-deps --no-build-isolation -w dist . && ls dist

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Afterword needs Python 3.11 or newer; say which with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "python3-venv is missing; install it with your system's packages"; exit 1; }

.venv/.ready: .venv/bin/python pyproject.toml constraints.txt
	@echo "Setting up .venv (once, a few minutes on a slow line)"
	@$(PIP) install --progress-bar on -c constraints.txt -e .
	@touch $@

.venv/.ready-dev: .venv/.ready
	@$(PIP) install --progress-bar on -c constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf .venv build dist *.egg-info
