# Every target sets up what it needs in .venv, from python3, make and git alone; `make` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
LOCKS := tools/requirements
# An environment remembers its folder; where the tree has been moved or copied, make it anew.
ifneq ($(file <.venv/folder),$(CURDIR))
$(shell rm -f .venv/*.stamp)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check bench bench-soc faults flash format lint types trace safety params mpy wiring lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-9s %s\n", $$1, $$2}' Makefile

run: .venv/run.stamp ## boot the firmware on a simulated pack, with a live console
	@$(BIN)/packwarden demo

bench: .venv/test.stamp ## how fast the simulation runs here, and what a cycle costs on the chip
	@$(BIN)/packwarden bench
	@$(BIN)/python -m packwarden.emulated.bench

bench-soc: .venv/run.stamp ## judge the charge estimator by recorded and computed cells (../shared/data)
	@$(BIN)/python -m packwarden.soc_bench $(OPTIONS)

faults: .venv/run.stamp ## break everything in every situation, and judge by physics what comes of it
	@$(BIN)/packwarden faults

flash: .venv/run.stamp ## put the firmware on a board: make flash BOARD=rpi_pico PORT=/dev/ttyACM0
	@$(BIN)/packwarden flash --board '$(BOARD)' $(if $(PORT),--port '$(PORT)') $(OPTIONS)

test: .venv/test.stamp ## every test, on CPython and on MicroPython
	@$(BIN)/python -m pytest -n auto --dist worksteal

check: lint types trace mpy ## all that must hold besides the tests
	@$(BIN)/python -m pytest -q host_tests/test_architecture.py

format: .venv/check.stamp ## lay out the code
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check -q --fix-only .

lint: .venv/check.stamp ## layout and lint rules
	@$(BIN)/ruff format -q --check .
	@$(BIN)/ruff check -q .

types: .venv/check.stamp ## mypy and pyright, once for each port
	@$(BIN)/python tools/checks/type_check.py

trace: .venv/check.stamp ## each requirement has hazard, code and test, and the written pages say so
	@$(BIN)/python tools/checks/requirement_trace.py
	@$(BIN)/python tools/checks/params_page.py --check

safety: .venv/run.stamp ## write firmware/SAFETY.md from the code and the tests
	@$(BIN)/python tools/checks/safety_page.py

params: .venv/run.stamp ## write firmware/PARAMETERS.md from the parameter table
	@$(BIN)/python tools/checks/params_page.py

mpy: .venv/check.stamp ## compile the firmware and the boards for each port
	@$(BIN)/python tools/checks/compile_mpy.py

wiring: .venv/run.stamp ## check the boards' pins; write their drawings, tables and packages
	@$(BIN)/python -m packwarden.wiring

.venv/run.stamp: $(LOCKS)/run.txt pyproject.toml tools/bootstrap.py
	@$(PYTHON) tools/bootstrap.py run

.venv/test.stamp: .venv/run.stamp $(LOCKS)/test.txt $(LOCKS)/node.txt tools/node/package-lock.json
	@$(PYTHON) tools/bootstrap.py test

.venv/check.stamp: .venv/test.stamp $(LOCKS)/check.txt $(LOCKS)/typings-rp2.txt $(LOCKS)/typings-esp32.txt
	@$(PYTHON) tools/bootstrap.py check

lock: ## renew the locks from their *.in files, with uv; OPTIONS=--upgrade for newer versions
	@for name in run test check node typings-rp2 typings-esp32; do \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
			$(OPTIONS) $(LOCKS)/$$name.in --output-file $(LOCKS)/$$name.txt || exit 1; done

clean: ## remove everything that can be made again
	rm -rf .venv build tools/node/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
