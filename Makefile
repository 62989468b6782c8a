# Two commands do all that a newcomer needs, each with its own set-up:
#   make demo   simulates a genome, scores it and draws a gene: see demo/
#   make test   runs the tests
# `make proofs` runs those that take long, `make bench` measures what we claim about the speed of scoring in about ten
# minutes, `make docs` builds the documentation site into build/docs, and `make check` is what continuous integration
# adds: format, lint, layers, types.

VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
RUN    := $(VENV)/.installed
TESTS  := $(VENV)/.installed-tests
DOCS   := $(VENV)/.installed-docs

# The installation bundles the page, so it is done again when the page changes. The page alone is bundled by
# `$(BIN)/python -m higlass_views.frontend`.
PAGE := $(wildcard $(addprefix higlass_views/frontend/,*.html *.json *.mjs src/*.js src/*/*))
# Packages of npm, by which tests open exports as others do.
NODE := tests/browser/node

.PHONY: demo test proofs bench docs check wheel clean

demo: $(RUN)
	$(BIN)/seq2exp-tracks demo --out demo --overwrite

# More processes than the two cores that they are meant for: browsers wait more than they compute.
test: $(TESTS)
	$(BIN)/python -m pytest -n 3 --dist loadfile

proofs: $(TESTS)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m slow

# Each prints its ratios with the goals beside them. What needs other files or longer is in benchmarks/RESULTS.md.
bench: $(TESTS)
	for name in network window parts training bigwig host; do \
	    echo "== $$name"; $(BIN)/python benchmarks/$$name.py || exit 1; done

# Every page is read anew, so that a broken link fails however often the site was built.
docs: $(DOCS)
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --fresh-env --quiet -d build/doctrees docs build/docs
	@echo "build/docs/index.html"

check: $(TESTS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

# The wheel is built from the source distribution, which so is known to be whole.
wheel: $(TESTS)
	rm -rf dist
	$(BIN)/python -m build

clean:
	rm -rf .venv demo dist build *.egg-info higlass_views/frontend/dist higlass_views/frontend/node_modules
	rm -rf $(NODE)/node_modules

# torch is pinned by constraints.txt: its results are part of ours.
$(RUN): pyproject.toml constraints.txt $(PAGE)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --constraint constraints.txt
	touch $@

$(DOCS): $(RUN)
	$(BIN)/python -m pip install --quiet --editable '.[docs]' --constraint constraints.txt
	touch $@

$(TESTS): $(RUN) $(wildcard $(NODE)/package-lock.json)
	$(BIN)/python -m pip install --quiet --editable '.[test]' --constraint constraints.txt
	if test -f $(NODE)/package-lock.json && command -v npm >/dev/null; then \
	    (cd $(NODE) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) \
	        || echo "$(NODE): npm failed; tests that need its packages skip"; fi
	touch $@
