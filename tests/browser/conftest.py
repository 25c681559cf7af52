"""One browser and one JupyterLab for all tests of this folder."""

import os
import shutil
from pathlib import Path

import pytest

from .chromium import BrowserMissing, chromium
from .server import JupyterLabServer

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


# As long as playwright runs, its event loop stands in the way of others: it ends with this folder.
@pytest.fixture(scope="package")
def browser():
    try:
        with chromium() as browser:
            yield browser
    except BrowserMissing as missing:
        if os.environ.get("VAELIB_REQUIRE_BROWSER") == "1":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture(scope="package")
def server(browser, tmp_path_factory):
    root = tmp_path_factory.mktemp("served") / "notebooks"
    shutil.copytree(NOTEBOOKS, root, ignore=shutil.ignore_patterns(".*"))
    with JupyterLabServer(root, tmp_path_factory.mktemp("jupyterlab")) as server:
        yield server
