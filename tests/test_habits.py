"""What a learner is in the habit of doing, to matplotlib, to numpy and to arrays, changes no panel and no picture."""

import inspect

import numpy as np
import pytest

from vaelib import data, diagnostics, exact, gaussian, gradients, model, objective, panels, training
from vaelib.live import LivePicture, Menu, Position
from vaelib.model import LinearVAE
from vaelib.objective import Terms

PANELS = {name: getattr(panels, name) for name in panels.__all__}
each_panel = pytest.mark.parametrize("name", PANELS)


@pytest.fixture(scope="module")
def made():
    return {name: make() for name, make in PANELS.items()}


@pytest.fixture
def panel(made, name):
    """The shared panel of that name, at its start, without any habit."""
    made[name].buttons["reset"].click()
    if "clear" in made[name].buttons:
        made[name].buttons["clear"].click()
    return made[name]


def sentences(panel):
    """What the panel says with each knob in turn at both of its ends, in each tab."""
    for tab in panel.views:
        panel.buttons["reset"].click()
        for name, knob in panel.knobs.items():
            if name in ("tab", "size"):
                continue
            at = [*knob.labels] if isinstance(knob, Menu) else (0, 100) if isinstance(knob, Position) else knob.numbers
            for end in (at[0], at[-1]):
                panel.set(**{name: end} | ({"tab": tab} if "tab" in panel.knobs else {}))
                yield panel.summary()


@each_panel
def test_a_panel_says_the_same_whatever_numpy_is_told_to_raise(panel, monkeypatch):
    monkeypatch.setattr(LivePicture, "draw", lambda _: None)
    wanted = list(sentences(panel))
    with np.errstate(all="raise"):
        assert list(sentences(panel)) == wanted


SMALL = np.float64(1e-170)  # its square is below all numbers
UNDERFLOW = (
    {
        "x": np.array([-SMALL, SMALL, 2 * SMALL]),
        "z": np.array([-SMALL, SMALL, 2 * SMALL]),
        "eps": np.array([SMALL, -SMALL, SMALL]),
        "noise": np.array([SMALL, -SMALL, SMALL]),
        "order": np.array([2, 0, 1]),
        "params": LinearVAE(*[SMALL] * 6),
        "f": lambda params: params.m,
        "mu": SMALL,
        "logvar": -800.0,
        "var": SMALL,
        "recon_var": 0.3,
        "beta": 1.0,
        "lr": 0.01,
    }
    | dict.fromkeys(["mu1", "mu2", "var1", "x_from", "x_to", "t"], SMALL)
    | {"var2": 1 / SMALL}
)
MATHS = [data, gaussian, model, objective, gradients, training, exact, diagnostics]
FORMULAS = [
    function
    for module in MATHS
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__
    if not name.startswith("_") and UNDERFLOW.keys() & inspect.signature(function).parameters
]


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.__name__)
def test_a_formula_gives_the_same_whatever_numpy_is_told_to_raise(formula):
    arguments = {name: UNDERFLOW[name] for name in inspect.signature(formula).parameters if name in UNDERFLOW}
    with np.errstate(all="ignore"):
        wanted = formula(**arguments)
    with np.errstate(all="raise"):
        np.testing.assert_equal(formula(**arguments), wanted)


def test_terms_out_of_bounds_raise_nothing():
    large = np.float64(1e308)
    with np.errstate(all="raise"):
        assert Terms(large, -large).elbo == np.inf and Terms(-large, large).objective(2.0) == -np.inf
