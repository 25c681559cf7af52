PYTHON ?= python3
LAB_ARGS ?=
ENV := .venv/bin/python

.PHONY: lab test lint notebooks slides bench constraints clean

# More arguments for JupyterLab: make lab LAB_ARGS="--no-browser --port 8899"
lab: .venv/lab
	$(ENV) -m jupyterlab --LabApp.default_url=/lab/tree/notebooks/01_elbo.ipynb $(LAB_ARGS)

test: .venv/test
	$(ENV) -m pytest

lint: .venv/test
	$(ENV) -m ruff check

notebooks: .venv/test
	$(ENV) tools/notebooks.py

slides: .venv/lab
	$(ENV) tools/slides.py

bench: .venv/test
	$(ENV) tools/bench.py

constraints:
	$(PYTHON) -m venv .venv
	$(ENV) -m pip install --quiet uv
	$(ENV) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra test --extra browser \
	  --no-emit-package vaelib --no-annotate --custom-compile-command "make constraints" \
	  --output-file constraints.txt pyproject.toml requirements.txt

clean:
	rm -rf .venv build

# An environment is made afresh whenever what it is made from has changed or the last attempt was
# interrupted: the stamp file is written last.
.venv/lab: requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 15) or \
	  sys.exit("Python 3.11 to 3.14 is needed, but $(PYTHON) is %d.%d: say which to use, as in make lab PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv --clear .venv
	$(ENV) -m pip install --quiet --constraint constraints.txt --requirement requirements.txt
	@touch $@

.venv/test: .venv/lab
	$(ENV) -m pip install --quiet --constraint constraints.txt --editable ".[test,browser]"
	@touch $@
