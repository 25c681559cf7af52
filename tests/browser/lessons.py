"""The panels of the lessons, and what their sentences must be: asked of the same panels without a browser."""

import functools
from typing import NamedTuple

from vaelib import panels


class Live(NamedTuple):
    """A panel of a lesson: how it is made without a browser, the sliders in view, and those behind "more"."""

    make: callable
    sliders: tuple
    more: tuple = ()


LESSONS = {
    "01_elbo.ipynb": [Live(panels.autoencoder_panel, ("scale",)), Live(panels.elbo_panel, ("mu", "logvar"))],
    "02_reparameterization.ipynb": [Live(panels.reparameterization_panel, ("mu", "logvar", "samples"))],
    "03_training.ipynb": [Live(panels.training_panel, ("beta", "recon_var", "lr", "position"), ("steps",))],
    "04_beta_vae.ipynb": [Live(panels.beta_panel, ("beta", "recon_var", "lr"), ("steps",))],
    "05_generation_and_interpolation.ipynb": [Live(panels.generation_panel, ("beta", "recon_var", "lr"), ("steps",))],
    "06_posterior_collapse.ipynb": [Live(panels.collapse_panel, ("beta", "recon_var", "lr"), ("steps",))],
}
# JupyterLab's three ways to bring what a slider says to a thread of the kernel; once on a screen of double density.
SCREEN_DENSITY = {"disabled": 1, "perComm": 1, "perCommTarget": 2}


@functools.cache
def offline(make):
    return make()


@functools.cache
def sentence(make, scenario=None, **knobs):
    """What the panel says of these knobs, after the press of a scenario's button if one is named."""
    panel = make(**knobs)
    if scenario:
        panel.buttons[scenario].click()
    return panel.summary()


def assert_says(panel, expected):
    assert panel.wait_for(panel.status_text, lambda text: text == expected) == expected


def shown(panel, live):
    """The values of the sliders, by what is written beside them."""
    values = {}
    for name in (*live.sliders, *live.more):
        knob, readout = offline(live.make).knobs[name], panel.readout(name)
        values[name] = dict(knob.options)[readout] if hasattr(knob, "options") else int(readout)
    return values


def assert_answers(panel, live, before):
    """The picture is another one than before, and the sentence is the one for the values the knobs show."""
    assert panel.wait_for(panel.picture_address, lambda address: address != before) != before
    assert_says(panel, sentence(live.make, **shown(panel, live)))
