"""What only lesson 3's panel has: notches between the notches, a play button, a data menu."""

import pytest

from vaelib.panels import training_panel

from .lessons import assert_play_goes_on_until_it_is_pressed_again, assert_shows

pytestmark = pytest.mark.browser


@pytest.fixture
def make():
    return training_panel


def test_a_scenario(panel):
    panel.click("the KL goes up")
    assert panel.wait_for(lambda: panel.readout("steps"), lambda steps: steps == "1,000") == "1,000"
    assert_shows(panel, training_panel, "the KL goes up")


def test_a_value_between_the_notches_gets_its_own(panel):
    panel.click("stable lr")
    assert panel.wait_for(lambda: panel.readout("lr"), lambda value: value == "0.0137") == "0.0137"
    panel.press("lr", "ArrowRight")
    assert_shows(panel, training_panel, lr=0.014)


def test_play(panel):
    assert_play_goes_on_until_it_is_pressed_again(panel, training_panel)


def test_other_data(panel):
    panel.bring_into_view("data")
    panel.choose("data", "penguins, standardized")
    assert_shows(panel, training_panel, data="penguins")
