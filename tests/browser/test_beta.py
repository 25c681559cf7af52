"""What only lesson 4's panel has: a button that keeps the product, a trail with one that clears it, a data menu."""

import pytest

from learner import png_of
from vaelib.panels import beta_panel

from .lessons import assert_draws, assert_shows, at

pytestmark = [pytest.mark.browser, pytest.mark.pinned]


@pytest.fixture
def make():
    return beta_panel


def test_the_same_product_and_another_pair(panel):
    for beta, recon_var in ((4.0, 0.075), (0.1, 3.0)):
        panel.click("the same product")
        assert_shows(panel, beta_panel, beta=beta, recon_var=recon_var)


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
