"""One browser, one JupyterLab, one JupyterHub and the slides of all lessons for all tests of this folder."""

import os
import re
import shutil
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from tools.notebooks import NOTEBOOKS
from tools.slides import PackageMissing, build

from .chromium import BrowserMissing, chromium
from .hub import JupyterHubServer, is_installed
from .lab import Lab, running
from .lessons import PANELS, assert_shows, notebook_with
from .server import BY_DEFAULT, JupyterLabServer

BROWSER, SERVER_LOG = pytest.StashKey(), pytest.StashKey()
SEEN = Path(__file__).resolve().parents[2] / "build" / "browser"
HANG_SECONDS = 300  # more than the longest limit of a test


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol():
    """What a limit interrupts inside playwright can spin for ever when the page closes: then the process ends."""
    watch = threading.Timer(HANG_SECONDS, os._exit, [1])
    watch.daemon = True
    watch.start()
    try:
        return (yield)
    finally:
        watch.cancel()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and (browser := item.config.stash.get(BROWSER, None)):
        keep_what_is_seen(browser, SEEN / re.sub(r"\W+", "-", item.name), item.config.stash.get(SERVER_LOG, None))
    return report


def keep_what_is_seen(browser, folder, log):
    """A picture of each page of a test that failed, the trace if VAELIB_TRACE is 1, and the server's log."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, context in enumerate(browser.contexts):
        for page in context.pages:
            page.screenshot(path=folder / f"page-{number}.png")
        with suppress(Exception):  # of a page that is not traced
            context.tracing.stop(path=folder / f"trace-{number}.zip")
    if log:
        shutil.copy(log, folder)


# As long as playwright runs, its event loop stands in the way of others: it ends with this folder.
@pytest.fixture(scope="package")
def browser(request):
    try:
        with chromium() as browser:
            request.config.stash[BROWSER] = browser
            yield browser
    except BrowserMissing as missing:
        do_without(missing)


def do_without(missing):
    """Skips the test for want of what `missing` tells, except where that must not happen."""
    if os.environ.get("VAELIB_REQUIRE_BROWSER") == "1":
        pytest.fail(str(missing))
    pytest.skip(str(missing))


@pytest.fixture(scope="package")
def server(request, browser, tmp_path_factory):
    root = tmp_path_factory.mktemp("served") / "notebooks"
    shutil.copytree(NOTEBOOKS, root, ignore=shutil.ignore_patterns(".*"))
    with JupyterLabServer(root, tmp_path_factory.mktemp("jupyterlab")) as server:
        request.config.stash[SERVER_LOG] = server.log.name
        yield server


@pytest.fixture(scope="package")
def hub(browser, tmp_path_factory):
    if not is_installed():
        do_without("JupyterHub is not installed: make .venv/hub")
    with JupyterHubServer(tmp_path_factory.mktemp("jupyterhub")) as hub:
        yield hub


@pytest.fixture(scope="package")
def slides(browser, tmp_path_factory):
    """A function from the path of a notebook to its page of slides."""
    folder = tmp_path_factory.mktemp("slides")

    def page(path):
        try:
            return build([path], folder)[0]
        except PackageMissing as missing:
            do_without(missing)

    return page


@pytest.fixture
def lab(browser, server):
    """An empty page of a JupyterLab that has no settings of its own."""
    server.comms_over_subshells(BY_DEFAULT)
    with Lab(browser, server) as lab:
        yield lab


@pytest.fixture(scope="package", params=["every panel"])
def opened(browser, server):
    """A page with every panel, run. The parameter tells `Together` in the root's conftest.py which tests look at it."""
    with running(browser, server, notebook_with(*PANELS), "every_panel.ipynb") as lab:
        yield lab


@pytest.fixture
def panel(opened, make):
    """The panel of `make` in the page, as it was at first; whatever a test does, nothing goes wrong unseen."""
    panel = opened.panel(PANELS.index(make))
    panel.click("reset")
    assert_shows(panel, make)
    yield panel
    assert opened.new_errors() == []
