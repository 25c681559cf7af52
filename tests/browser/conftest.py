"""One browser, one JupyterLab, one JupyterHub and the slides of all lessons for all tests of this folder."""

import os
import shutil

import pytest

from tools.notebooks import NOTEBOOKS
from tools.slides import PackageMissing, build

from .chromium import BrowserMissing, chromium
from .hub import JupyterHubServer, is_installed
from .lab import Lab
from .lessons import LESSONS, SCREEN_DENSITY, assert_says, sentence
from .server import JupyterLabServer


# As long as playwright runs, its event loop stands in the way of others: it ends with this folder.
@pytest.fixture(scope="package")
def browser():
    try:
        with chromium() as browser:
            yield browser
    except BrowserMissing as missing:
        do_without(missing)


def do_without(missing):
    """Skips the test for want of what `missing` tells, except where that must not happen."""
    if os.environ.get("VAELIB_REQUIRE_BROWSER") == "1":
        pytest.fail(str(missing))
    pytest.skip(str(missing))


@pytest.fixture(scope="package")
def server(browser, tmp_path_factory):
    root = tmp_path_factory.mktemp("served") / "notebooks"
    shutil.copytree(NOTEBOOKS, root, ignore=shutil.ignore_patterns(".*"))
    with JupyterLabServer(root, tmp_path_factory.mktemp("jupyterlab")) as server:
        yield server


@pytest.fixture(scope="package")
def hub(browser, tmp_path_factory):
    if not is_installed():
        do_without("JupyterHub is not installed: make .venv/hub")
    with JupyterHubServer(tmp_path_factory.mktemp("jupyterhub")) as hub:
        yield hub


@pytest.fixture(scope="package")
def slides(browser, tmp_path_factory):
    """The folder of the slides."""
    folder = tmp_path_factory.mktemp("slides")
    try:
        build(sorted(NOTEBOOKS.glob("*.ipynb")), folder)
    except PackageMissing as missing:
        do_without(missing)
    return folder


@pytest.fixture(scope="module", params=SCREEN_DENSITY)
def opened(request, browser, server):
    """The lesson named NOTEBOOK in the test's module, with all its cells run."""
    server.comms_over_subshells(request.param)
    with Lab(browser, server, scale=SCREEN_DENSITY[request.param]) as lab:
        lab.open(request.module.NOTEBOOK)
        assert lab.comms_over_subshells() == request.param
        lab.run_all()
        yield lab


@pytest.fixture
def live_panels(request, opened):
    """Pairs (panel in the page, what it is), as they were at first; whatever a test does, nothing goes wrong unseen."""
    pairs = [(opened.panel(number), live) for number, live in enumerate(LESSONS[request.module.NOTEBOOK])]
    for panel, live in pairs:
        panel.click("reset")
        assert_says(panel, sentence(live.make))
    yield pairs
    assert opened.new_errors() == []


@pytest.fixture
def panel(request, opened):
    """The panel that MAKE in the test's module makes, as it was at first; nothing goes wrong unseen."""
    number = [live.make for live in LESSONS[request.module.NOTEBOOK]].index(request.module.MAKE)
    panel = opened.panel(number)
    panel.click("reset")
    assert_says(panel, sentence(request.module.MAKE))
    yield panel
    assert opened.new_errors() == []
