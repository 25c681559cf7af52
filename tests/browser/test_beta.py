"""What only lesson 4's panel has: a product that the hand keeps, a trail with a button that clears it, a data menu."""

import pytest

from vaelib.panels import beta_panel

from .lessons import assert_says, sentence
from .test_every_panel import EveryPanel

NOTEBOOK, MAKE = "04_beta_vae.ipynb", beta_panel

pytestmark = pytest.mark.browser


class TestEveryPanel(EveryPanel):
    """What the panels of all lessons have."""


def test_a_held_product_moves_the_partner(panel):
    panel.choose("product", "held")
    panel.press("beta", "End")
    assert panel.wait_for(lambda: panel.readout("recon_var"), lambda value: value == "0.02") == "0.02"
    assert panel.wait_for(lambda: panel.readout("beta"), lambda value: value == "15") == "15"
    assert_says(panel, sentence(beta_panel, product="held", beta=15.0, recon_var=0.02))


def test_clear_draws_anew(panel):
    panel.press("beta", "End")
    assert_says(panel, sentence(beta_panel, beta=30.0))
    before = panel.picture_address()
    panel.click("clear")
    assert panel.wait_for(panel.picture_address, lambda address: address != before) != before
    assert_says(panel, sentence(beta_panel, beta=30.0))


def test_penguins(panel):
    panel.click("penguins, beta 4")
    assert_says(panel, sentence(beta_panel, "penguins, beta 4"))
    assert "the optimum is collapsed" in panel.status_text()
