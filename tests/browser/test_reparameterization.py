"""What only lesson 2's panel has: a menu of functions, and two scenarios."""

import pytest

from vaelib.panels import reparameterization_panel

from .lessons import assert_says, sentence
from .test_every_panel import EveryPanel

NOTEBOOK, MAKE = "02_reparameterization.ipynb", reparameterization_panel

pytestmark = pytest.mark.browser


class TestEveryPanel(EveryPanel):
    """What the panels of all lessons have."""


@pytest.mark.parametrize("scenario", ["a constant added", "a wave"])
def test_a_scenario(panel, scenario):
    panel.click(scenario)
    assert_says(panel, sentence(reparameterization_panel, scenario))


def test_another_function(panel):
    panel.choose("f", "cos 5z")
    assert_says(panel, sentence(reparameterization_panel, f="wave"))
