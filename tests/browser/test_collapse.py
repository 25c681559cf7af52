"""What only lesson 6's panel has: suspects with a verdict, and a trial behind the second tab."""

import pytest

from vaelib.panels import collapse_panel

from .lessons import assert_says, sentence
from .test_every_panel import EveryPanel

NOTEBOOK, MAKE = "06_posterior_collapse.ipynb", collapse_panel

pytestmark = pytest.mark.browser


class TestEveryPanel(EveryPanel):
    """What the panels of all lessons have."""


@pytest.mark.parametrize("scenario", ["collapsed", "unfinished", "dead clamp", "bouncing", "warm-up"])
def test_a_suspect(panel, scenario):
    panel.click(scenario)
    assert_says(panel, sentence(collapse_panel, scenario))


def test_the_trial(panel):
    panel.open_tab("trial")
    assert_says(panel, sentence(collapse_panel, tab="trial"))
    panel.choose("remedy", "half of recon_var")
    assert_says(panel, sentence(collapse_panel, tab="trial", remedy="half recon_var"))
    panel.press("scale", "End")
    assert_says(panel, sentence(collapse_panel, tab="trial", remedy="half recon_var", scale=1.0))
