# `make lab` sets up and starts the lab. `make test` sets up and passes the tests in minutes; `make test-all` runs all.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: lab test test-all check clean
.DELETE_ON_ERROR:

lab: .venv/lab
	$(BIN)/streamlit run app.py

test: .venv/dev chromium check
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-all: .venv/dev chromium postgresql nginx compiler check
	$(BIN)/python -m pytest -n 2 --dist loadfile -m ""

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -k lab_is_free_of tests/project/test_prose.py

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "The lab needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Set PYTHON=python3.11, say."; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "Python can't make a virtual environment here. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@touch $@

.venv/lab: .venv/python requirements.txt constraints.txt
	$(BIN)/pip install --quiet -r requirements.txt
	@touch $@

.venv/dev: .venv/lab requirements-dev.txt
	$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@

# The browser tests drive the system's Chromium.
.PHONY: postgresql
postgresql:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
	  { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq postgresql; } || \
	  { echo "The database tests need PostgreSQL, and it isn't here. On Debian or Ubuntu: sudo apt install postgresql"; exit 1; }

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium; } || \
	  { echo "The browser tests need Chromium, and it isn't here. On Debian or Ubuntu: sudo apt install chromium"; exit 1; }

# One test puts nginx before the lab.
.PHONY: nginx
nginx:
	@command -v nginx >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq nginx-light; } || \
	  { echo "A test needs nginx, and it isn't here. On Debian or Ubuntu: sudo apt install nginx-light"; exit 1; }

# One test lets files fail below the lab, by a library that it builds.
.PHONY: compiler
compiler:
	@command -v cc >/dev/null || command -v gcc >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev; } || \
	  { echo "A test needs a C compiler, and it isn't here. On Debian or Ubuntu: sudo apt install gcc libc6-dev"; exit 1; }

# The built files that exported pages contain are in the repository; this gets them from the npm registry again.
.PHONY: page-files
page-files: .venv/dev
	$(BIN)/python -m benchmarks.page_files

clean:
	rm -rf .venv .lab static/plotly.min.js
