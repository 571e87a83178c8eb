# Two commands are all a newcomer needs: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

SOAK_S := $(or $(TONGBAN_SOAK_S),3600)

.PHONY: demo demo-cluster test soak coverage check lint types contracts format bench lock clean

demo: $(VENV)/ready  ## three gateways, one terminal, until Ctrl-C
	$(BIN)/python -m gateway demo

demo-cluster: $(VENV)/ready  ## two regions of three nodes each behind a load balancer, killed at will, until Ctrl-C
	$(BIN)/python -m gateway demo-cluster

# Tests start hundreds of processes: each would compile the gateway anew where the environment forbids to write that down.
# They wait for a quarter of their time, so three of them share two cores.
test: $(VENV)/ready  ## the whole suite
	$(BIN)/python -m compileall -q gateway
	$(BIN)/python -m pytest -q -n 3 --dist worksteal

soak: $(VENV)/ready  ## whatever draws its faults from a seed, for an hour or TONGBAN_SOAK_S seconds, and laws by new examples
	TONGBAN_SOAK_S=$(SOAK_S) $(BIN)/python -m pytest -q -s -m "soak or hypothesis"

coverage: $(VENV)/ready  ## which lines and branches the tests reach, commands they start included
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

check: lint types contracts  ## what CI asks beside the tests

lint: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/ready
	$(BIN)/mypy

contracts: $(VENV)/ready
	$(BIN)/lint-imports

format: $(VENV)/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/ready  ## every benchmark, each with its floor and its competitor
	for name in convert receive relay audit catalogue suggest partners overload scale; do $(BIN)/python -m bench.$$name --json || exit 1; done

lock: $(VENV)/ready  ## write the hash-pinned versions anew
	$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install -q uv
	$(VENV)-lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements/runtime.txt
	$(VENV)-lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --group dev -o requirements/dev.txt
	echo hatchling | $(VENV)-lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url - -o requirements/build.txt

clean:
	rm -rf $(VENV) $(VENV)-lock dist build .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis var

# The marker is newer than the locks exactly when what they pin is installed.
$(VENV)/ready: requirements/dev.txt requirements/build.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("tongban needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt -r requirements/build.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
