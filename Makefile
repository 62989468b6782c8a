# Two commands do all that a newcomer needs, each with its own set-up:
#   make demo   simulates a genome, scores it and draws a gene: see demo/
#   make test   runs every test
# `make check` is what continuous integration adds: format, lint, layers, types.

VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
RUN    := $(VENV)/.installed
TESTS  := $(VENV)/.installed-tests

.PHONY: demo test check wheel clean

demo: $(RUN)
	$(BIN)/seq2exp-tracks demo --out demo --overwrite

test: $(TESTS)
	$(BIN)/python -m pytest -n 2

check: $(TESTS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

wheel: $(TESTS)
	rm -rf dist
	$(BIN)/python -m build --wheel

clean:
	rm -rf .venv demo dist build *.egg-info

# torch is pinned by constraints.txt: its results are part of ours.
$(RUN): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --constraint constraints.txt
	touch $@

$(TESTS): $(RUN)
	$(BIN)/python -m pip install --quiet --editable '.[test]' --constraint constraints.txt
	touch $@
