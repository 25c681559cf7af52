"""Every panel of every lesson in a real JupyterLab: what a learner does with it, and what it answers."""

import itertools

import pytest

from .lab import Lab
from .lessons import LESSONS, SCREEN_DENSITY, assert_answers, assert_says, sentence

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=itertools.product(LESSONS, SCREEN_DENSITY), ids="-".join)
def lesson(request, browser, server):
    """A lesson with all its cells run, and what its panels are."""
    notebook, subshells = request.param
    server.comms_over_subshells(subshells)
    with Lab(browser, server, scale=SCREEN_DENSITY[subshells]) as lab:
        lab.open(notebook)
        assert lab.comms_over_subshells() == subshells
        lab.run_all()
        yield lab, LESSONS[notebook]


@pytest.fixture
def live_panels(lesson):
    """Pairs (panel in the page, what it is), as they were at first; whatever a test does, nothing goes wrong unseen."""
    lab, descriptions = lesson
    pairs = [(lab.panel(number), live) for number, live in enumerate(descriptions)]
    for panel, live in pairs:
        panel.click("reset")
        assert_says(panel, sentence(live.make))
    yield pairs
    assert lab.new_errors() == []


def test_every_cell_runs(lesson):
    lab, _ = lesson
    assert [output for output in lab.outputs() if output["output_type"] == "error"] == []
    assert lab.new_errors() == []


def test_the_picture_is_sharp_and_not_stretched(live_panels):
    for panel, _ in live_panels:
        pixels, size = panel.picture_sizes()
        assert pixels == [2 * length for length in size]


def test_an_arrow_key_on_every_slider_in_view(live_panels):
    for panel, live in live_panels:
        for slider in live.sliders:
            before, readout = panel.picture_address(), panel.readout(slider)
            panel.press(slider, "ArrowLeft" if readout == "100" else "ArrowRight")
            assert_answers(panel, live, before)
            assert panel.readout(slider) != readout


def test_both_ends_of_every_slider(live_panels):
    for panel, live in live_panels:
        for slider in (*live.sliders, *live.more):
            if slider in live.more:
                panel.open_more(slider)
            for key in ("Home", "End", "Home"):
                before, readout = panel.picture_address(), panel.readout(slider)
                panel.press(slider, key)
                if panel.readout(slider) != readout:
                    assert_answers(panel, live, before)
            assert panel.readout(slider) != readout


def test_the_mouse_on_the_first_slider(live_panels):
    for panel, live in live_panels:
        slider = live.sliders[0]
        before, readout = panel.picture_address(), panel.readout(slider)
        panel.drag(slider, 0.9)
        assert_answers(panel, live, before)
        assert panel.readout(slider) != readout


def test_a_burst_ends_with_the_last_values(live_panels):
    for panel, live in live_panels:
        before = panel.picture_address()
        first, last = live.sliders[0], live.sliders[-1]
        panel.press(first, "Home")
        panel.press(last, "Home")
        for _ in range(15):
            panel.press(first, "ArrowRight")
            panel.press(last, "ArrowRight")
        assert_answers(panel, live, before)


def test_reset(live_panels):
    for panel, live in live_panels:
        before = panel.picture_address()
        panel.press(live.sliders[0], "Home")
        assert_answers(panel, live, before)
        panel.click("reset")
        assert_says(panel, sentence(live.make))


@pytest.mark.parametrize("notebook", LESSONS)
def test_before_any_cell_has_run_the_saved_pictures_are_there(browser, server, notebook):
    with Lab(browser, server) as lab:
        lab.open(notebook)
        for live in LESSONS[notebook]:
            picture = lab.saved_picture(f"{live.make.__name__}()")
            picture.wait_for()
            assert picture.evaluate("picture => picture.naturalWidth") > 0
        assert lab.page.locator(".vaelib-panel").count() == 0
        assert lab.new_errors() == []
