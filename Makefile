# Everything this project does, as targets. `make` lists them.
PYTHON ?= python3
export PYTHON
BIN := .venv/bin
RUN := $(BIN)/python

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check audit client bench fmt lock screenshots vendor environment environment-dev

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: environment ## Start the portal with the demo portfolio (PORT and HOST are honoured; Ctrl-C stops it)
	@$(RUN) tools/system_packages.py --optional pdf
	@DEMO=$${DEMO:-on} exec $(RUN) manage.py portal

test: environment-dev ## Say whether the project is sound: check, then every test on SQLite and PostgreSQL
	@$(RUN) tools/system_packages.py test
	@$(MAKE) --no-print-directory check
	@$(RUN) tools/with_services.py $(RUN) tools/run_tests.py

check: environment-dev ## Lint, types, import rules, templates, spelling, Django's checks, advisories
	@$(RUN) tools/run_checks.py

audit: environment-dev ## Look every locked package up in the advisory database (needs the network)
	@$(RUN) tools/audit.py

client: environment-dev ## Generate a typed Python client of the REST interface into var/client/
	@$(RUN) tools/client.py

bench: environment-dev ## Measure against the floor of database and disk, print ratios as JSON (INITIATIVES=100000 or READINGS=10000000: only that)
	@$(RUN) tools/bench.py $(if $(INITIATIVES),--initiatives $(INITIATIVES)) $(if $(READINGS),--readings $(READINGS))

fmt: environment-dev ## Format the code
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

lock: environment-dev ## Resolve the requirements again into requirements/*.lock
	@tools/lock.sh

screenshots: environment-dev ## Picture the pages of a running portal (URL, EMAIL, PASSWORD) into var/screenshots/
	@$(RUN) tools/screenshots.py

vendor: ## Fetch the style sheets and scripts kept under static/vendor/
	@tools/vendor.sh

environment:
	@tools/environment.sh main

environment-dev:
	@tools/environment.sh dev
