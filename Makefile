# Every target does its own set-up on Debian 12+ or Ubuntu 24.04+ with python3, python3-venv and make.

PYTHON ?= $(shell .ci/python)
PORT ?= 8000
JOBS ?= 3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
HOSTS := content_only no_certificates custom_base_page
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links -q

# Compiled modules are kept, whatever the shell says: without them every process takes twice as long to begin.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo demo-data test quick check hosts services bench screenshots messages lock clean

help:
	@echo 'make demo         the whole site with demonstration data on port $(PORT)'
	@echo 'make demo-data    the same without serving'
	@echo 'make test         every test, browser journeys included'
	@echo 'make quick        what needs no database, one test of each file, all of what you change'
	@echo 'make check        style, types, import contracts, migrations, catalogues'
	@echo 'make hosts        the plugin set inside three other sites'
	@echo 'make services     PostgreSQL, Redis, RabbitMQ, real workers, nginx'
	@echo 'make bench        figures beside a reference, one JSON object a line'
	@echo 'make screenshots  every drawn screen into docs/screens'
	@echo 'make messages     the Vietnamese catalogues brought up to date'

demo: .venv/site
	@$(BIN)/python manage.py demo --port $(PORT)

demo-data: .venv/site
	@$(BIN)/python manage.py demo --no-serve

test: .venv/tools
	@.ci/need chromium gpg:gnupg
	@.ci/need --where-possible pdfsig:poppler-utils qpdf zbarimg:zbar-tools
	$(PYTEST) -n $(JOBS) --durations 10

quick: .venv/tools
	@.ci/need gpg:gnupg
	EXAMPLES=quick $(PYTEST) -n 2 --ignore tests/browser

check: .venv/tools
	@.ci/need gettext
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	VUONXA_INSECURE_KEY=1 $(BIN)/mypy
	$(MAKE) -s django-check

django-check:
	VUONXA_INSECURE_KEY=1 $(BIN)/python manage.py check --fail-level WARNING
	DATABASE_URL=sqlite://:memory: VUONXA_INSECURE_KEY=1 $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python .ci/messages.py --check

hosts: .venv/tools
	@for host in $(HOSTS); do echo "== $$host"; \
	$(PYTEST) -o addopts= -q --ds tests.hosts.$$host.settings tests/hosts/$$host || exit 1; done

services: .venv/tools
	@.ci/services

bench: .venv/tools
	@.ci/need chromium
	@$(BIN)/python -m benchmarks

screenshots: .venv/tools
	@.ci/need chromium
	$(BIN)/python -m benchmarks.screenshots

messages: .venv/tools
	@.ci/need gettext
	$(BIN)/python .ci/messages.py

lock: .venv/tools
	$(BIN)/python -m pip install -q uv
	$(BIN)/$(LOCK) requirements.in -o requirements.txt
	$(BIN)/$(LOCK) requirements-dev.in -o requirements-dev.txt

.venv/site: requirements.txt
	@.ci/venv $(PYTHON) requirements.txt
	@touch $@

.venv/tools: requirements-dev.txt
	@.ci/venv $(PYTHON) requirements-dev.txt
	@touch .venv/site $@

clean:
	rm -rf .venv var build dist
