"""What only lesson 5's panel has: tabs that share knobs, and menus of where z comes from and of the noise."""

import pytest

from vaelib import data
from vaelib.panels import generation_panel

from .lessons import assert_shows

pytestmark = pytest.mark.browser


@pytest.fixture
def make():
    return generation_panel


def test_tabs_share_their_knobs(panel):
    panel.open_tab("interpolation")
    assert_shows(panel, generation_panel, tab="interpolation")
    panel.press("t", "End")
    panel.press("beta", "End")
    assert_shows(panel, generation_panel, tab="interpolation", t=1.0, beta=30.0)
    panel.open_tab("generation")
    assert_shows(panel, generation_panel, t=1.0, beta=30.0)
    assert panel.readout("beta") == "30"


def test_reset_leads_back_to_the_first_tab(panel):
    panel.open_tab("interpolation")
    assert_shows(panel, generation_panel, tab="interpolation")
    panel.click("reset")
    assert_shows(panel, generation_panel)
    assert panel.knob("source").is_visible() and panel.picture.count() == 1


def test_x_is_grey_until_it_has_an_effect(panel):
    assert panel.is_locked("x")
    panel.choose("source", "posterior of x")
    assert_shows(panel, generation_panel, source="posterior")
    assert not panel.is_locked("x")
    panel.press("x", "End")
    assert_shows(panel, generation_panel, source="posterior", x=max(data.toy()))


@pytest.mark.pinned
def test_the_menus(panel):
    panel.choose("source", "aggregate posterior q(z)")
    assert_shows(panel, generation_panel, source="aggregate")
    panel.choose("observation_noise", "off")
    assert_shows(panel, generation_panel, source="aggregate", observation_noise="off")


@pytest.mark.pinned
@pytest.mark.parametrize("scenario", ["the original's way", "collapsed"])
def test_a_scenario(panel, scenario):
    panel.click(scenario)
    assert_shows(panel, generation_panel, scenario)
