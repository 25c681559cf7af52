"""What only lesson 2's panel has: a menu of functions, and two scenarios."""

import pytest

from vaelib.panels import reparameterization_panel

from .lessons import assert_shows

pytestmark = [pytest.mark.browser, pytest.mark.pinned]


@pytest.fixture
def make():
    return reparameterization_panel


@pytest.mark.parametrize("scenario", ["a constant added", "a wave"])
def test_a_scenario(panel, scenario):
    panel.click(scenario)
    assert_shows(panel, reparameterization_panel, scenario)


def test_another_function(panel):
    panel.choose("f", "cos 5z")
    assert_shows(panel, reparameterization_panel, f="wave")
