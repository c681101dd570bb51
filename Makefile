# One command each; `make help` lists them. Needs Python 3.11, make and the network to PyPI and the npm registry.

PYTHON ?= python3
UV_VERSION := 0.13.9
PYTEST_ARGS ?=

UV := .bootstrap/bin/uv
BIN := .venv/bin
CITY := var/sample-city
RUN := var/sample-run

# Stamps: what is done and still fresh is not done again.
UV_READY := .bootstrap/.uv-$(UV_VERSION)
ENVIRONMENT := .venv/.synced
REPORT_ASSETS := chengshu/certification/report/assets/.built
UI_ASSETS := chengshu/ui/static/vendor/built-from.txt
SAMPLE_CITY := $(CITY)/.complete

REPORT_SOURCES := $(addprefix chengshu/certification/report/,build.py echarts_entry.js package.json package-lock.json)
GENERATOR := $(filter-out %/tests/%,$(shell find chengshu/samplecity -name '*.py'))

# No Python is fetched from elsewhere: the environment is built on the one that runs here.
export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON := $(CURDIR)/.bootstrap/bin/python
# Every command starts in half the time; else the first of each would compile, or all of them on a read-only disk.
export UV_COMPILE_BYTECODE := 1
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check bench lock clean browser

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

setup: $(ENVIRONMENT) $(REPORT_ASSETS) $(UI_ASSETS) ## set up .venv and build what pages load

run: setup $(SAMPLE_CITY) ## build a sample city of 30,000 people, certify it, and serve it at http://127.0.0.1:8000
	$(BIN)/chengshu certify $(CITY) --as-of 2025-12-31 --out $(RUN) --lake var/lake
	$(BIN)/chengshu database prepare
	$(BIN)/chengshu sample-organisations
	$(BIN)/chengshu sample-certification
	$(BIN)/chengshu serve

test: setup browser ## run every test, on DuckDB and on Spark Connect, on SQLite and on PostgreSQL
	$(BIN)/pytest $(PYTEST_ARGS)

check: $(ENVIRONMENT) ## format, lint, types, floors
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files "*/templates/*.html")
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## measure everything, write benchmarks/results.json
	$(BIN)/python -m benchmarks

lock: $(UV_READY) ## lock the dependencies again after a change of pyproject.toml
	$(UV) lock

clean: ## remove what the other commands made
	rm -rf .bootstrap .venv var dist node_modules chengshu/certification/report/node_modules \
		chengshu/certification/report/assets chengshu/ui/node_modules chengshu/ui/static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(UV_READY): .ci/bootstrap.py
	@echo "Setting up uv $(UV_VERSION) in .bootstrap"
	@$(PYTHON) .ci/bootstrap.py $(UV_VERSION)
	@touch $@

$(ENVIRONMENT): pyproject.toml uv.lock $(UV_READY)
	@echo "Setting up .venv from uv.lock (the first time takes a minute or two)"
	@$(UV) sync --frozen --extra postgres --extra spark --quiet
	@touch $@

$(REPORT_ASSETS): $(REPORT_SOURCES) | $(ENVIRONMENT)
	$(BIN)/python -m chengshu.certification.report.build
	@touch $@

$(UI_ASSETS): chengshu/ui/build.py chengshu/ui/package.json chengshu/ui/package-lock.json | $(ENVIRONMENT)
	$(BIN)/python -m chengshu.ui.build
	@touch $@

$(SAMPLE_CITY): $(GENERATOR) | $(ENVIRONMENT)
	@rm -rf $(CITY)
	$(BIN)/chengshu sample-city $(CITY) --people 30000 --seed 1
	@touch $@

# The report's tests drive a real browser: Debian's own Chromium.
browser:
	@if [ -x /usr/bin/chromium ]; then exit 0; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends chromium; \
	else \
		echo "The browser tests need /usr/bin/chromium. Try: sudo apt-get install chromium" >&2; exit 1; \
	fi
