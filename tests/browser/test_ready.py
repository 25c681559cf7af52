"""The first cell of a lesson where the page cannot show sliders, or no longer knows them."""

import re
import shutil

import nbformat
import pytest

from tools.notebooks import NOTEBOOKS
from vaelib import ready

from .lab import Lab
from .lessons import LESSONS
from .server import JupyterLabServer

NOTEBOOK = "01_elbo.ipynb"

pytestmark = [pytest.mark.browser, pytest.mark.full]


@pytest.fixture
def without_widgets(browser, tmp_path):
    """A JupyterLab that has no part of ipywidgets in its pages, with the lesson opened and run."""
    root = tmp_path / "served"
    root.mkdir()
    shutil.copy(NOTEBOOKS / NOTEBOOK, root)
    with JupyterLabServer(root, tmp_path / "jupyterlab") as server:
        server.disable("@jupyter-widgets/jupyterlab-manager")
        with Lab(browser, server) as lab:
            lab.open(NOTEBOOK)
            lab.run_all()
            yield lab


def test_a_page_without_widgets_says_what_to_do_and_shows_the_pictures(without_widgets):
    page = without_widgets.page
    assert page.get_by_text(ready.NO_SLIDERS).is_visible()
    assert page.locator(".vaelib-panel").count() == 0
    for make in LESSONS[NOTEBOOK].values():
        picture = without_widgets.saved_picture(f"{make.__name__}()")
        assert picture.evaluate("picture => picture.naturalWidth") > 0


def test_opened_again_with_a_new_kernel_the_page_says_what_the_first_cell_explains(browser, server):
    notebook = nbformat.read(server.root / NOTEBOOK, as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    (words,) = re.findall('^# "(.+)" below', first.source)
    notebook.cells = [first]
    nbformat.write(notebook, server.root / "again.ipynb")
    with Lab(browser, server) as lab:
        lab.open("again.ipynb")
        lab.run_all()
        lab.write_and_save(first.source)
    with Lab(browser, server) as lab:
        lab.open("again.ipynb")
        lab.page.locator(".jp-OutputArea-output", has_text=re.compile(f"^{words}$")).wait_for()
        lab.run_all()
        lab.page.get_by_text("Ready: in this page the sliders are live.").wait_for()
