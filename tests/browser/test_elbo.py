"""What only lesson 1's panel has: a button that closes the gap, and a model behind a lock."""

import pytest

from vaelib.panels import elbo_panel

from .lessons import assert_shows

pytestmark = pytest.mark.browser


@pytest.fixture
def make():
    return elbo_panel


@pytest.mark.pinned
def test_the_true_posterior_closes_the_gap(panel):
    panel.click("true posterior")
    assert_shows(panel, elbo_panel, "true posterior")
    assert "gap 0.000" in panel.status_text()
    assert panel.readout("mu") == "0.465"


def test_the_model_moves_only_when_it_is_unlocked(panel):
    before = panel.status_text()
    assert panel.is_locked("recon_var")
    panel.drag("recon_var", 0.9)
    assert panel.wait_for(panel.status_text, lambda text: text != before, seconds=0.5) == before
    panel.unlock()
    assert panel.wait_for(lambda: panel.is_locked("recon_var"), lambda locked: not locked) is False
    panel.press("recon_var", "End")
    assert_shows(panel, elbo_panel, recon_var=3.0)
    panel.unlock()
    assert panel.wait_for(lambda: panel.is_locked("recon_var"), lambda locked: locked)
