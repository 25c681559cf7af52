"""Every panel in a real JupyterLab: what a learner does with it, and what it answers."""

import pytest

from learner import marks_of_engine
from vaelib import ready
from vaelib.panels import training_panel

from .lessons import (
    PANELS,
    assert_a_burst_ends_with_the_last_values,
    assert_answers,
    assert_every_slider_answers,
    assert_shows,
    sliders,
)

pytestmark = pytest.mark.browser

each_panel = pytest.mark.parametrize(
    "make", [pytest.param(make, id=make.__name__, marks=marks_of_engine(make.__name__)) for make in PANELS]
)
# What the engine does for all panels alike.
training_panel_first = pytest.mark.parametrize(
    "make",
    [pytest.param(make, id=make.__name__, marks=[] if make is training_panel else pytest.mark.full) for make in PANELS],
)


def test_every_cell_runs_and_the_first_says_that_sliders_are_live(opened):
    assert [output for output in opened.outputs() if output["output_type"] == "error"] == []
    assert opened.page.get_by_text("Ready: in this page the sliders are live.").is_visible()
    assert not opened.page.get_by_text(ready.NO_SLIDERS).is_visible()
    assert opened.new_errors() == []


@each_panel
def test_the_picture_is_sharp_and_not_stretched(panel):
    pixels, size = panel.picture_sizes()
    assert pixels == [2 * length for length in size]


@pytest.mark.shorter
@each_panel
def test_an_end_of_every_slider_and_in_one_panel_its_neighbour(panel, make):
    assert_every_slider_answers(panel, make, ["ArrowLeft", "Home"] if make is training_panel else ["Home"])


@pytest.mark.full
@each_panel
def test_a_neighbour_and_both_ends_of_every_slider(panel, make):
    assert_every_slider_answers(panel, make, ["ArrowRight", "Home", "End", "Home"])


@training_panel_first
def test_the_mouse_on_the_first_slider_and_reset(panel, make):
    slider = sliders(make)[0]
    before, at_first = panel.picture_address(), panel.readout(slider)
    panel.drag(slider, 0.9)
    assert_answers(panel, make, before)
    assert panel.readout(slider) != at_first
    panel.click("reset")
    assert_shows(panel, make)
    assert panel.readout(slider) == at_first


@pytest.mark.shorter  # than each panel in its lesson, in test_notebook_life.py
@pytest.mark.parametrize("make", [training_panel], ids=["training_panel"])
def test_a_burst_ends_with_the_last_values(panel, make):
    assert_a_burst_ends_with_the_last_values(panel, make)


@training_panel_first
def test_large_for_a_projector_and_small_again(panel, make):
    _, (width, height) = panel.picture_sizes()
    for size, times in (("largest, × 1.6", 1.6), ("normal", 1)):
        panel.bring_into_view("size")
        panel.choose("size", size)
        wanted = pytest.approx([times * width, times * height], abs=1)
        assert panel.wait_for(lambda: panel.picture_sizes()[1], wanted.__eq__) == wanted
        before = panel.picture_address()
        panel.drag(sliders(make)[0], 0.1 if times > 1 else 0.9)
        assert_answers(panel, make, before)
