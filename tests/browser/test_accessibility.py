"""What a narrow window shows of a panel."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from vaelib.panels import training_panel

from .lab import VIEWPORT, Lab
from .lessons import assert_says, sentence

NOTEBOOK = "one_panel.ipynb"
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
CELL = "from vaelib.panels import training_panel\n\ntraining_panel()"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lab(browser, server):
    nbformat.write(new_notebook(metadata={"kernelspec": KERNEL}, cells=[new_code_cell(CELL)]), server.root / NOTEBOOK)
    with Lab(browser, server) as lab:
        lab.open(NOTEBOOK)
        lab.run_all()
        yield lab


@pytest.fixture
def panel(lab):
    panel = lab.panel()
    panel.click("reset")
    assert_says(panel, sentence(training_panel))
    yield panel
    lab.page.set_viewport_size(VIEWPORT)
    assert lab.new_errors() == []


@pytest.mark.parametrize("width", [600, 800])
def test_in_a_narrow_window_the_sentence_wraps_and_the_picture_keeps_its_size(panel, width):
    panel.page.set_viewport_size(VIEWPORT | {"width": width})
    status = panel.wait_for(panel.status.bounding_box, lambda box: box["x"] + box["width"] < width)
    assert status["x"] + status["width"] < width
    assert panel.status.evaluate("status => status.scrollWidth <= status.clientWidth")
    assert panel.picture_sizes()[1] == [900, 390]
    for knob in ("beta", "recon_var", "lr", "position"):
        track = panel.knob(knob).locator(".noUi-base").bounding_box()
        assert track["width"] >= 40 and track["x"] + track["width"] < width
