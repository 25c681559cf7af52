"""Lesson 3 in a real JupyterLab: what a learner does with the training panel, and what the panel answers."""

import functools

import pytest

from vaelib import panels

from .lab import Lab

NOTEBOOK = "03_training.ipynb"
# JupyterLab's three ways to bring what a slider says to a thread of the kernel; once on a screen of double density.
SCREEN_DENSITY = {"disabled": 1, "perComm": 1, "perCommTarget": 2}

pytestmark = pytest.mark.browser
each_knob = pytest.mark.parametrize("knob", ["beta", "recon_var", "lr"])


@pytest.fixture(scope="module", params=SCREEN_DENSITY)
def lesson(request, browser, server):
    """The lesson with all its cells run."""
    server.comms_over_subshells(request.param)
    with Lab(browser, server, scale=SCREEN_DENSITY[request.param]) as lab:
        lab.open(NOTEBOOK)
        assert lab.comms_over_subshells() == request.param
        lab.run_all()
        yield lab


@pytest.fixture
def panel(lesson):
    """The lesson's panel as it was at first; whatever a test does with it, nothing goes wrong unseen."""
    panel = lesson.panel()
    panel.click("reset")
    assert_says(panel, sentence())
    yield panel
    assert lesson.new_errors() == []


@functools.cache
def sentence(**knobs):
    """What the panel says of these knobs, asked without a browser."""
    return panels.training_panel(**knobs).summary()


def assert_says(panel, expected):
    assert panel.wait_for(panel.status_text, lambda text: text == expected) == expected


def assert_answers(panel, before, **more):
    """The picture is another one than before, and the sentence is the one for the values the knobs show."""
    assert panel.wait_for(panel.picture_address, lambda address: address != before) != before
    knobs = {knob: float(panel.readout(knob)) for knob in ("beta", "recon_var", "lr")}
    knobs |= {knob: int(panel.readout(knob).replace(",", "")) for knob in ("position", "steps")}
    assert_says(panel, sentence(**knobs, **more))


def test_every_cell_runs(lesson):
    assert [output for output in lesson.outputs() if output["output_type"] == "error"] == []
    assert lesson.new_errors() == []


def test_the_picture_is_sharp_and_not_stretched(panel):
    pixels, shown = panel.picture_sizes()
    assert pixels == [2 * length for length in shown]


@each_knob
def test_an_arrow_key(panel, knob):
    before, value = panel.picture_address(), panel.readout(knob)
    panel.press(knob, "ArrowRight")
    assert_answers(panel, before)
    assert float(panel.readout(knob)) > float(value)


@pytest.mark.parametrize("knob", ["beta", "recon_var", "lr", "position", "steps"])
def test_both_ends_of_a_slider(panel, knob):
    panel.open_more()
    for key in ("Home", "End"):
        before = panel.picture_address()
        panel.press(knob, key)
        assert_answers(panel, before)


@each_knob
def test_the_mouse(panel, knob):
    before, value = panel.picture_address(), panel.readout(knob)
    panel.drag(knob, 0.2)
    assert_answers(panel, before)
    assert float(panel.readout(knob)) < float(value)


def test_a_burst_on_two_sliders_ends_with_the_last_values(panel):
    before = panel.picture_address()
    panel.press("lr", "Home")
    for _ in range(20):
        panel.press("beta", "ArrowRight")
        panel.press("lr", "ArrowRight")
    assert_answers(panel, before)


def test_a_scenario(panel):
    before = panel.picture_address()
    panel.click("the KL goes up")
    assert panel.wait_for(lambda: panel.readout("steps"), lambda steps: steps == "1,000") == "1,000"
    assert_answers(panel, before, noise="exact")


def test_a_value_between_the_notches_gets_its_own(panel):
    panel.click("stable lr")
    assert panel.wait_for(lambda: panel.readout("lr"), lambda value: value == "0.0137") == "0.0137"
    panel.press("lr", "ArrowRight")
    assert_says(panel, sentence(lr=0.014))


def test_reset(panel):
    before = panel.picture_address()
    panel.press("beta", "End")
    assert_answers(panel, before)
    panel.click("reset")
    assert_says(panel, sentence())
    assert panel.readout("beta") == "1"


def test_play(panel):
    before = panel.picture_address()
    panel.play()
    assert 5 < panel.wait_for(lambda: int(panel.readout("position")), lambda position: 5 < position < 50) < 50
    panel.play()
    assert_answers(panel, before)


def test_other_data(panel):
    before = panel.picture_address()
    panel.open_more()
    panel.choose("data", "penguins, standardized")
    assert_answers(panel, before, data="penguins")


def test_before_any_cell_has_run_the_saved_picture_is_there(browser, server):
    with Lab(browser, server) as lab:
        lab.open(NOTEBOOK)
        picture = lab.saved_picture("training_panel(")
        picture.wait_for()
        assert picture.evaluate("picture => picture.naturalWidth") > 0
        assert lab.page.locator(".vaelib-panel").count() == 0
        assert lab.new_errors() == []
