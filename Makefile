# Two commands matter: `make run` and `make test`. Both set up all they need; see README.md.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
WORKERS ?= 2
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --strip-extras --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --unsafe-package torch

.PHONY: run test eval tour soak chaos setup setup-dev check format catalogue lock clean

run: setup
	@exec $(BIN)/cabrank up

test: setup-dev check
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(PYTEST)

# How good the score is, on our own cases and on ../shared/data where present; ARGS=--write puts it into docs/matching.md.
eval: setup-dev
	$(BIN)/python -m tests.eval $(ARGS)

# Pictures of every page, anew, into docs/tour.
tour: setup-dev
	$(BIN)/python -m tests.browser.tour

# Long proofs, apart from the tests; docs/proof.md says what they hold.
soak: setup-dev
	CABRANK_OFFICE_STEPS=$(or $(STEPS),100000) $(BIN)/pytest tests/dispatch/test_office.py

chaos: setup-dev
	$(BIN)/python -m tests.chaos.storm $(CHAOS)

setup:
	@$(PYTHON) tools/set_up.py

setup-dev:
	@$(PYTHON) tools/set_up.py --dev

check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict app
	$(BIN)/lint-imports

format:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The words for people: the template from the sources, then what translations there are (docs/decisions/0041-…).
catalogue: setup-dev
	$(BIN)/python tools/catalogue.py

lock:
	$(COMPILE) --output-file requirements.lock requirements.in
	$(COMPILE) --constraint requirements.lock --output-file requirements-dev.lock requirements-dev.in
	npm install --ignore-scripts --package-lock-only

clean:
	rm -rf .venv node_modules static/dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
