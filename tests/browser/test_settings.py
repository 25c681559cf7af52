"""The engine of the panels under JupyterLab's other ways to bring what a slider says to a thread of the kernel."""

import pytest

from vaelib.panels import training_panel

from .lab import running
from .lessons import (
    assert_a_burst_ends_with_the_last_values,
    assert_play_goes_on_until_it_is_pressed_again,
    assert_shows,
    notebook_with,
)
from .server import OTHERS

pytestmark = pytest.mark.browser


# The other two need subshells, which depend on versions; without them the kernel does one thing after the other.
@pytest.fixture(params=[pytest.param(way, marks=pytest.mark.pinned if way == "disabled" else ()) for way in OTHERS])
def page(request, browser, server):
    """A page with lesson 3's panel, which has sliders, menus and a play button."""
    with running(browser, server, notebook_with(training_panel), "one_panel.ipynb", request.param) as lab:
        yield lab


def test_the_last_picture_is_that_of_the_last_values(page):
    panel = page.panel()
    assert_shows(panel, training_panel)
    assert_a_burst_ends_with_the_last_values(panel, training_panel)
    panel.click("the KL goes up")
    assert_shows(panel, training_panel, "the KL goes up")
    panel.click("reset")
    assert_shows(panel, training_panel)
    assert_play_goes_on_until_it_is_pressed_again(panel, training_panel)
    assert page.new_errors() == []
