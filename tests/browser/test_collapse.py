"""What only lesson 6's panel has: suspects with a verdict, and a trial behind the second tab."""

import pytest

from vaelib.panels import collapse_panel

from .lessons import assert_shows

pytestmark = [pytest.mark.browser, pytest.mark.pinned]


@pytest.fixture
def make():
    return collapse_panel


@pytest.mark.parametrize("scenario", ["collapsed", "unfinished", "dead clamp", "bouncing", "warm-up"])
def test_a_suspect(panel, scenario):
    panel.click(scenario)
    assert_shows(panel, collapse_panel, scenario)


def test_the_trial(panel):
    panel.open_tab("trial")
    assert_shows(panel, collapse_panel, tab="trial")
    panel.choose("remedy", "half of recon_var")
    assert_shows(panel, collapse_panel, tab="trial", remedy="half recon_var")
    panel.press("scale", "End")
    assert_shows(panel, collapse_panel, tab="trial", remedy="half recon_var", scale=1.0)
