# Most people need only `make run` and `make test`; `make help` lists the other targets.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell deploy/find-python)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
KIOSK_ARGS ?=
PICTURES ?= ../shared/pictures

.PHONY: help run test coverage check catalogue bench bench-decode bench-lists bench-api bench-rivals soak referee referee-set-up lock pictures picture-dashboard clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

run: $(VENV)/.run ## Start the kiosk; installs what is missing the first time
	@exec $(BIN)/kiosk run $(KIOSK_ARGS)

# The tests start some hundreds of programs: without bytecode each would compile all that it imports.
test: $(VENV)/.dev ## Run the tests in random order; PYTEST_ARGS="-p no:randomly" keeps it
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -m "not soak" -n 6 --dist worksteal $(PYTEST_ARGS)

# Not in make test: on Python 3.11 counting takes 60 % more of the processor's time.
coverage: $(VENV)/.dev ## Run the tests, and say how much of the code they run
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -m "not soak" -n 4 --dist worksteal --cov --cov-report= $(PYTEST_ARGS)
	@echo "Lines and branches that the tests run: $$($(BIN)/coverage report --format=total) %"

check: $(VENV)/.dev ## Lint, spelling, types, and who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/codespell
	@$(BIN)/mypy
	@$(BIN)/lint-imports

catalogue: $(VENV)/.dev ## Collect the sentences that people read for translators, and compile what is translated
	@$(BIN)/python -m tests.catalogue

bench: $(VENV)/.dev ## Measure performance, and write docs/performance.md
	@$(BIN)/python -m tests.bench

bench-decode: $(VENV)/.dev ## Measure decoding: make bench-decode PICTURES=folder
	@$(BIN)/python -m tests.bench.decoding $(PICTURES)

bench-lists: $(VENV)/.dev ## Measure lists and exports of 100,000 leads; BEFORE=folder compares with the version there
	@BEFORE=$(BEFORE) $(BIN)/python -m tests.bench.listing

bench-api: $(VENV)/.dev ## Measure the API (takes about eight minutes)
	@$(BIN)/python -m tests.bench.api

bench-rivals: $(VENV)/.dev ## Compare delivery with three other queues (installs two of them; about twenty minutes)
	@cmp -s requirements-rivals.lock $(VENV)/rivals.lock || { $(PIP) install --quiet --require-hashes \
		-r requirements-rivals.lock && cp requirements-rivals.lock $(VENV)/rivals.lock; }
	@$(BIN)/python -m tests.bench.rivals

soak: $(VENV)/.dev ## Run the slow attacks; SHORT=1 runs a short form
	@SOAK_SHORT=$(SHORT) $(BIN)/python -m pytest -m soak $(PYTEST_ARGS)

referee: referee-set-up ## Test the connectors with the vendors' own clients and contracts (installs them)
	@$(BIN)/python -m pytest -m referee tests/referee $(PYTEST_ARGS)

referee-set-up: $(VENV)/.dev
	@tests/referee/set-up $(VENV)

pictures: $(VENV)/.dev ## Redraw the pictures of the screens in docs/pictures
	@$(BIN)/python -m tests.pictures

picture-dashboard: $(VENV)/.dev ## Redraw the picture of the dashboard (needs Chromium); it never comes out the same twice
	@$(BIN)/python -m tests.kiosk.api.picture

lock: ## Lock the newest versions of all packages, with their hashes (needs uv)
	@uv pip compile pyproject.toml --group build $(LOCK_OPTIONS) -q -o requirements.lock
	@uv pip compile pyproject.toml --group build --group dev -c requirements.lock $(LOCK_OPTIONS) -q -o requirements-dev.lock
	@uv pip compile pyproject.toml --group build --group dev --group referee -c requirements-dev.lock \
		$(LOCK_OPTIONS) -q -o requirements-referee.lock
	@uv pip compile --group rivals -c requirements-dev.lock $(LOCK_OPTIONS) -q -o requirements-rivals.lock
	@for program in tests/referee/npm/*/; do npm install --prefix $$program --package-lock-only \
		--omit-lockfile-registry-resolved --no-audit --no-fund --silent; done

LOCK_OPTIONS := --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links

clean: ## Delete the environment
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/.run: requirements.lock pyproject.toml deploy/set-up
	@deploy/set-up $(PYTHON)
	@$(PIP) --version >/dev/null 2>&1 || { echo "Creating the environment in $(VENV) ..."; $(PYTHON) -m venv --clear $(VENV); }
	@echo "Installing the packages of requirements.lock (once, a minute or two) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@echo "Installing the packages for tests (once) ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
