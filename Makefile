# Needs python3, make and the network; builds everything else itself. Safe to run twice.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
FONTS := $(VENV)/share/contracts-chain/fonts
STAMPS := $(VENV)/.stamps
PKGS := kernel contracts_chain signing pdfgen solidity api devnet

.PHONY: help demo test test-long check bench serve lock setup setup-tests format contract clean

help:  ## What can be asked of this file
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(STAMPS)/venv: requirements/dev.txt pyproject.toml
	python3 tools/need_python.py
	test -x $(PY) || python3 -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/fonts: $(STAMPS)/venv tools/node/package-lock.json
	$(PY) tools/npm_install.py --omit=dev
	$(PY) tools/place_fonts.py $(FONTS)
	touch $@

$(STAMPS)/node-dev: $(STAMPS)/fonts tools/node/package-lock.json
	$(PY) tools/npm_install.py
	touch $@

$(STAMPS)/system: tools/need_system.sh
	bash tools/need_system.sh
	mkdir -p $(STAMPS) && touch $@

setup: $(STAMPS)/venv $(STAMPS)/fonts

setup-tests: setup $(STAMPS)/node-dev $(STAMPS)/system

demo: setup  ## Set up everything and run the main job on a real order; artefacts in out/demo
	$(VENV)/bin/contracts-chain demo --out out/demo

test: setup-tests  ## Set up everything and run the tests (unit without sockets, then the rest)
	$(PY) -m pytest tests/unit tests/architecture -m "not long" -n auto --disable-socket --allow-unix-socket --cov --cov-report=
	$(PY) -m pytest tests/conformance tests/integration tests/e2e -m "not long" -n 2 --dist loadscope --no-loadscope-reorder --cov --cov-append --cov-report=
	$(PY) -m coverage report --fail-under=88

test-long: setup-tests  ## Fault scripts, kill matrices, fuzzing, veraPDF
	bash tools/need_system.sh long
	$(PY) -m pytest tests -m long -n 2 --dist loadscope --no-loadscope-reorder --timeout=1800

check: setup $(STAMPS)/node-dev  ## Format, lint, types, import rules, committed contract, slither
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m solidity.compile --check
	$(PY) tools/slither.py

bench: setup-tests  ## Benchmarks against the bare library calls
	$(PY) -m bench.run

serve: setup  ## API, web pages, worker, embedded PostgreSQL and chain on port 8000
	$(VENV)/bin/contracts-chain serve

contract: $(STAMPS)/node-dev  ## Recompile the registry and write ABI and bytecode
	$(PY) -m solidity.compile

format: $(STAMPS)/venv  ## Let ruff format and mend what it can
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

lock: $(STAMPS)/venv  ## Resolve the requirements again
	for set in runtime dev slither; do \
	  $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header requirements/$$set.in -o requirements/$$set.txt; done

clean:  ## Remove what the other targets built
	rm -rf $(VENV) .venv-slither out tools/node/node_modules .mypy_cache .ruff_cache .hypothesis
