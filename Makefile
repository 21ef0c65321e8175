# Written for make 3.81, which macOS still ships.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install demo test lint types layers unit test-model lock locales wheel clean distclean

# The first Python that is new enough; PYTHON=... overrides.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo "$$name"; exit 0; }; done; echo python3)
BIN := .venv/bin
RUN := .venv/.stamp-run
SELF := .venv/.stamp-self
DEV := .venv/.stamp-dev
TEST_MODEL := qwen2.5-coder-0.5b
# How many tests run at once; those on a real model or a cluster run one by one after them.
WORKERS ?= 2
COMPILE = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --upgrade \
	--no-emit-index-url --generate-hashes --custom-compile-command "make lock" --quiet

# The model summarize would take, or nothing where one has to be pulled first. The one for tests is
# too small to show what the workbench can do, so demo asks for a better one.
MODEL_IN_USE = from workbench.catalog.fit import default_model; \
	from workbench.settings import stored_settings; \
	settings = stored_settings(); \
	choice = default_model(settings.context); \
	print("the model of your settings" if settings.model else choice.name if choice.pulled else "")

help:
	@echo "make demo       install, get a model, summarise three sample articles"
	@echo "make install    install into .venv, nothing more"
	@echo "make test       all checks and tests, on a small real model where it can be had"
	@echo "make lint | types | layers | unit    one of the checks"
	@echo "make locales    extract the texts, derive Traditional Chinese, compile"
	@echo "make lock       renew requirements.lock and requirements-dev.lock"
	@echo "make wheel      build a wheel and a source archive into dist/"
	@echo "make clean      delete what was made, but not .venv or the models"
	@echo "make distclean  delete .venv too"
	@echo "PYTHON=python3.12 make demo    chooses the Python; CMAKE_ARGS=... the build of llama.cpp"

$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
		echo "There is no $(PYTHON). Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is $$("$(PYTHON)" --version 2>&1), but 3.11 or newer is needed. Install one, or name one: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) lacks the venv module. On Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Making .venv with $$("$(PYTHON)" --version)" >&2
	@"$(PYTHON)" -m venv --clear .venv

$(RUN): requirements.lock .ci/install.py | $(BIN)/python
	@$(BIN)/python .ci/install.py requirements.lock
	@touch $@

$(SELF): pyproject.toml $(RUN)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.lock $(SELF)
	@$(BIN)/python .ci/install.py requirements-dev.lock
	@touch $@

install: $(SELF)

demo: $(SELF)
	@model="$$($(BIN)/python -c '$(MODEL_IN_USE)')"; \
	case "$$model" in ""|$(TEST_MODEL)) \
		$(BIN)/workbench models pull --default >&2 || { [ -n "$$model" ] && echo "Going on with $$model." >&2; };; esac
	@$(BIN)/workbench summarize workbench/samples/*.txt -o demo-output --format markdown --format json
	@echo
	@cat "$$(ls demo-output/*.md | head -n 1)"
	@echo
	@echo "The three summaries are in demo-output/. Try next:"
	@echo "  $(BIN)/workbench                              the app"
	@echo "  $(BIN)/workbench summarize ARTICLE.txt ..."
	@echo "  $(BIN)/workbench prompts list"
	@echo "  $(BIN)/workbench doctor"

test: lint types layers test-model unit

lint: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DEV)
	$(BIN)/mypy

layers: $(DEV)
	$(BIN)/lint-imports

test-model: $(DEV)
	@if [ -n "$${WORKBENCH_TEST_MODEL:-}" ] || $(BIN)/workbench models pull $(TEST_MODEL) >&2; then :; \
	else case "$${CI:-}" in ""|0|false) \
		echo "NOTICE: $(TEST_MODEL) could not be had: the tests on a real model will be skipped." >&2;; \
		*) echo "$(TEST_MODEL) could not be had, and CI requires it." >&2; exit 1;; esac; fi

unit: $(DEV)
	@model="$${WORKBENCH_TEST_MODEL:-$$($(BIN)/python -c 'from workbench.catalog.entries import load_catalog; from workbench.paths import models_folder; print(models_folder() / load_catalog()["$(TEST_MODEL)"].file)')}"; \
	if [ -f "$$model" ]; then WORKBENCH_TEST_MODEL="$$model"; export WORKBENCH_TEST_MODEL; fi; \
	case "$${CI:-}" in ""|0|false) ;; *) WORKBENCH_REQUIRE_MODEL=1; export WORKBENCH_REQUIRE_MODEL;; esac; \
	failed=0; \
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m "not (alone or real_model)" || failed=1; \
	$(BIN)/pytest -m "alone or real_model" || failed=1; \
	exit $$failed

lock: $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"
	$(COMPILE) --group build -o requirements.lock
	$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock

locales: $(DEV)
	@$(BIN)/python .ci/locales.py

wheel: $(DEV)
	@$(BIN)/python -m hatchling build -t wheel -t sdist -d dist

clean:
	rm -rf dist demo-output .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find workbench tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf .venv
