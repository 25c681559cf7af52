"""What only lesson 4's panel has: a product that the hand keeps, a trail with a button that clears it, a data menu."""

import pytest

from learner import png_of
from vaelib.panels import beta_panel

from .lessons import assert_draws, assert_shows, at

pytestmark = pytest.mark.browser


@pytest.fixture
def make():
    return beta_panel


def test_a_held_product_moves_the_partner(panel):
    panel.choose("product", "held")
    panel.press("beta", "End")
    assert panel.wait_for(lambda: panel.readout("recon_var"), lambda value: value == "0.02") == "0.02"
    assert panel.wait_for(lambda: panel.readout("beta"), lambda value: value == "15") == "15"
    assert_shows(panel, beta_panel, product="held", beta=15.0, recon_var=0.02)


def test_clear_empties_the_trail(panel):
    with_trail = at(beta_panel)
    with_trail.set(beta=30.0)
    panel.press("beta", "End")
    assert_draws(panel, png_of(with_trail))
    panel.click("clear")
    assert_draws(panel, png_of(at(beta_panel, beta=30.0)))


def test_penguins(panel):
    panel.click("penguins, beta 4")
    assert_shows(panel, beta_panel, "penguins, beta 4")
    assert "the optimum is collapsed" in panel.status_text()
