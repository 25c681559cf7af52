"""What a learner is in the habit of doing, to matplotlib, to numpy and to arrays, changes no panel and no picture."""

import functools
import inspect
import threading
import warnings

import matplotlib
import numpy as np
import pytest
from cycler import cycler

from learner import PANELS, SHORT, ends, marks_of_engine, png_of, started
from vaelib import data, diagnostics, exact, gaussian, gradients, model, objective, style, training
from vaelib.live import Menu, Position
from vaelib.model import LinearVAE
from vaelib.objective import Terms

each_panel = pytest.mark.parametrize("name", [pytest.param(name, marks=marks_of_engine(name)) for name in PANELS])

SETTINGS = [key for key in matplotlib.rcParamsDefault if key != "backend"]
WORDS = "large bold dashed fantasy right top round in none log both x miter lower tight".split()
TASTES = [3, 0.37, "#ff0000", *WORDS, ["red"], cycler(color=["red"]), (1, 100, 2), [5, 6], False, True]


def taken(key, taste):
    """Whether the setting takes this value, and it is another than its own."""
    try:
        matplotlib.rcParams[key] = taste
    except Exception:  # each setting has errors of its own
        return False
    return matplotlib.rcParams[key] != matplotlib.rcParamsDefault[key]


@pytest.fixture(scope="module")
def tasteful():
    """Nearly all settings of matplotlib, each with another value than its own."""
    with warnings.catch_warnings(action="error"), matplotlib.rc_context():
        settings = {key: next((taste for taste in TASTES if taken(key, taste)), None) for key in SETTINGS}
    settings = {key: taste for key, taste in settings.items() if taste is not None}
    assert len(settings) > 0.9 * len(SETTINGS)
    return settings


@pytest.fixture(scope="module")
def made():
    return functools.cache(started)


@pytest.fixture
def panel(made, name):
    """The shared panel of that name, at its start, without any habit."""
    made(name).buttons["reset"].click()
    if "clear" in made(name).buttons:
        made(name).buttons["clear"].click()
    return made(name)


def settings():
    return {key: matplotlib.rcParams[key] for key in SETTINGS}


def views_of(panel):
    """The pictures of all tabs, each as the panel shows it and as the notebook stores it, after a knob was moved."""
    knob = next(name for name, of in panel.knobs.items() if hasattr(of, "numbers"))
    for tab in panel.views:
        panel.set(**{knob: ends(panel, knob)[1]} | ({"tab": tab} if "tab" in panel.knobs else {}))
        yield png_of(panel), panel._repr_mimebundle_()[0]["image/png"]


@each_panel
def test_a_panel_looks_the_same_whatever_is_set_in_matplotlib(panel, name, tasteful):
    start, views = png_of(panel), list(views_of(panel))
    with matplotlib.rc_context(tasteful), np.errstate(all="raise"):
        before = settings()
        other = started(name)
        assert png_of(other) == start and list(views_of(other)) == views
        assert settings() == before and set(np.geterr().values()) == {"raise"}


def static_picture():
    picture, (left, right) = style.picture(400, 200, "a picture", "ab")
    grid = np.linspace(-6, 6, 200)
    left.hist(data.toy(), density=True, **style.DATA)
    style.curves(left, "of a lesson", grid, {"model": (gaussian.gaussian_density(grid, 0.0, 4.0), style.MODEL)})
    right.scatter([1, 2, 3], [1, 2, -3])
    right.annotate("of a learner", (1, 1), xytext=(2, -2), arrowprops={})
    right.set(title="own", xlabel="x", xscale="log")
    right.legend(["points"])
    return picture


def test_a_picture_looks_the_same_whatever_is_set_in_matplotlib(tasteful):
    wanted = static_picture()._repr_mimebundle_()
    with matplotlib.rc_context(tasteful), np.errstate(all="raise"):
        before = settings()
        assert static_picture()._repr_mimebundle_() == wanted
        assert settings() == before


def test_pictures_made_on_two_threads_leave_the_settings_as_they_were():
    before, second_inside, first_done = settings(), threading.Event(), threading.Event()

    def second():
        with style.look(style.TYPE):
            second_inside.set()
            first_done.wait(timeout=10)

    thread = threading.Thread(target=second, daemon=True)
    with style.look(style.TYPE):
        thread.start()
        assert not second_inside.wait(timeout=0.1)
    first_done.set()
    thread.join(timeout=10)
    assert not thread.is_alive() and settings() == before


def sentences(panel):
    """What the panel says with each knob in turn at both of its ends, in each tab."""
    for tab in panel.views:
        panel.buttons["reset"].click()
        for name, knob in panel.knobs.items():
            if name in ("tab", "size", *SHORT.get(panel.name, {})):
                continue
            at = [*knob.labels] if isinstance(knob, Menu) else (0, 100) if isinstance(knob, Position) else knob.numbers
            for end in (at[0], at[-1]):
                panel.set(**{name: end} | ({"tab": tab} if "tab" in panel.knobs else {}))
                yield panel.summary()


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[*marks_of_engine(name), *[pytest.mark.full] * (name in SHORT)]) for name in PANELS],
)
def test_a_panel_says_the_same_whatever_numpy_is_told_to_raise(panel, undrawn):
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


def arrays_in(value):
    """All arrays of a run, whatever it is made of."""
    if isinstance(value, np.ndarray):
        return [value]
    return [array for field in value for array in arrays_in(field)] if isinstance(value, tuple) else []


WITH_A_RUN = [
    "beta_panel",
    "collapse_panel",
    "curve_panel",
    "digits_panel",
    "directions_panel",
    "generation_panel",
    "spectrum_panel",
    "training_panel",
]


@pytest.mark.parametrize("name", WITH_A_RUN)
def test_the_arrays_of_a_panel_cannot_be_spoiled(panel):
    if "lr too large" in panel.buttons:
        panel.buttons["lr too large"].click()
    assert len(arrays_in(panel.run)) >= 5
    for trace in arrays_in(panel.run):
        with pytest.raises(ValueError, match="read-only"):
            trace -= trace[..., -1:] if trace.ndim else trace
    assert panel.run.history.kl.copy().flags.writeable
