"""The panel of lesson 2, its numbers recomputed by simulation and in closed form."""

import itertools

import numpy as np
import pytest
from scipy import stats

from learner import drawn, moments, numbers_in
from vaelib import data
from vaelib.panels import reparameterization_panel
from vaelib.panels.reparameterization import EPS, START_VALUES

DRAWS = 200_000
FUNCTIONS = {
    "square": (lambda z: z**2, lambda z: 2 * z),
    "square plus 10": (lambda z: z**2 + 10, lambda z: 2 * z),
    "wave": (lambda z: np.cos(5 * z), lambda z: -5 * np.sin(5 * z)),
}
ESTIMATORS = ["pathwise", "score function", "with baseline", "common draws", "independent draws"]
PLACES = [(0.7, -0.8), (0.7, 0.7), (-1.5, -3.0), (0.0, 0.0)]


@pytest.fixture(scope="module")
def shared():
    return reparameterization_panel()


@pytest.fixture
def panel(undrawn, shared):
    """The shared panel, at its start."""
    shared.set(**START_VALUES)
    return shared


def scattered(panel, name, width=1.0):
    """The standard deviation of an estimator at that step width as the picture draws it."""
    line = drawn(panel, 1, name)
    return np.interp(np.log(width), np.log(line.get_xdata()), line.get_ydata())


def test_a_new_panel_starts_at_the_originals_five_draws():
    panel = reparameterization_panel()
    assert panel.values == {"mu": 0.7, "logvar": -0.8, "samples": 5, "f": "square"}
    eps, z = (drawn(panel, 0, label).get_xdata() for label in ("noise ε", "draws z"))
    np.testing.assert_array_equal(eps, data.seed_draws().demo)
    np.testing.assert_allclose(z, 0.7 + np.exp(-0.4) * eps)
    assert "pathwise 0.460 " in panel.summary()


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("samples", [1, 5, 1000])
def test_the_summary_says_the_exact_slope_and_the_estimates_from_these_draws(panel, f, samples):
    panel.set(f=f, samples=samples, mu=0.3, logvar=-1.0)
    numbers = numbers_in(panel.summary().partition(" exact slope ")[2])
    value, slope = FUNCTIONS[f]
    sigma, grid = np.exp(-0.5), np.linspace(-12, 12, 24_001)
    exact = np.trapezoid(stats.norm.pdf(grid) * slope(0.3 + sigma * grid), grid)
    z = 0.3 + sigma * EPS[:samples]
    pathwise, score = np.mean(slope(z)), np.mean(value(z) * EPS[:samples] / sigma)
    pathwise_sd, score_sd, baseline_sd, independent_sd = (
        scattered(panel, name, 1e-3) for name in ("pathwise", "score function", "with baseline", "independent draws")
    )
    wanted = [exact, samples, pathwise, pathwise_sd, score, score_sd, baseline_sd, 0.001, independent_sd]
    np.testing.assert_allclose(numbers, wanted, rtol=6e-3, atol=6e-4)
    assert ("1 draw:" in panel.summary()) == (samples == 1)


def test_the_summary_names_the_function_and_counts_in_thousands(panel):
    panel.set(f="wave", samples=1000)
    assert panel.summary().startswith("E[cos 5z] has the exact slope ") and "from 1,000 draws:" in panel.summary()


def simulated(f, mu, sigma, width):
    """The standard deviation of each estimator from one draw, measured on many."""
    value, slope = FUNCTIONS[f]
    eps, others = np.random.default_rng(0).standard_normal((2, DRAWS))
    z = mu + sigma * eps
    up, down, new_down = (value(place) for place in (z + width, z - width, mu - width + sigma * others))
    estimates = {
        "pathwise": slope(z),
        "score function": value(z) * eps / sigma,
        "with baseline": (value(z) - value(z).mean()) * eps / sigma,
        "common draws": (up - down) / (2 * width),
        "independent draws": (up - new_down) / (2 * width),
    }
    return {name: estimate.std() for name, estimate in estimates.items()}


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize(("mu", "logvar"), PLACES)
def test_the_drawn_deviations_are_those_of_a_simulation(panel, f, mu, logvar):
    panel.set(f=f, mu=mu, logvar=logvar, samples=1)
    for width in (1e-4, 1e-2, 1.0):
        measured = simulated(f, mu, np.exp(logvar / 2), width)
        shown = {name: scattered(panel, name, width) for name in ESTIMATORS}
        assert shown == pytest.approx(measured, rel=0.02)


@pytest.mark.parametrize("mu", [-3.0, -0.4, 0.0, 0.7, 3.0])
@pytest.mark.parametrize("logvar", [-3.0, -0.8, 0.0, 1.5])
def test_the_deviations_for_the_square_are_the_closed_forms(panel, mu, logvar):
    s2 = np.exp(logvar)
    panel.set(mu=mu, logvar=logvar, f="square", samples=1)
    of_square = panel.run
    variances = {
        "pathwise": 4 * s2,
        "score function": mu**4 / s2 + 14 * mu**2 + 15 * s2,
        "with baseline": 8 * mu**2 + 10 * s2,
        "common draws": 4 * s2,
    }
    for name, variance in variances.items():
        np.testing.assert_allclose(of_square[name] ** 2, variance, rtol=1e-6)
    widths = drawn(panel, 1, "independent draws").get_xdata()
    up, down = (4 * (mu + shift) ** 2 * s2 + 2 * s2**2 for shift in (widths, -widths))
    np.testing.assert_allclose(of_square["independent draws"], np.sqrt(up + down) / (2 * widths), rtol=1e-6)


def test_the_deviation_and_slope_for_the_wave_are_the_closed_forms(panel):
    for mu, logvar in PLACES:
        panel.set(mu=mu, logvar=logvar, f="wave", samples=1)
        slope = -5 * np.sin(5 * mu) * np.exp(-12.5 * np.exp(logvar))
        square = 12.5 * (1 - np.cos(10 * mu) * np.exp(-50 * np.exp(logvar)))
        assert panel.run["pathwise"] == pytest.approx(np.sqrt(square - slope**2), rel=1e-6)
        assert numbers_in(panel.summary())[1] == pytest.approx(slope, abs=6e-4)


def test_a_constant_changes_the_score_function_and_nothing_else(panel):
    before, slope = panel.run, panel.summary().partition("] has ")[2].partition(". ")[0]
    panel.buttons["a constant added"].click()
    changed = {name for name in ESTIMATORS if not np.allclose(before[name], panel.run[name], rtol=1e-7)}
    assert changed == {"score function"} and panel.run["score function"] > 4 * before["score function"]
    assert f"] has {slope}. " in panel.summary()


def test_all_deviations_fall_with_the_root_of_the_number_of_samples(panel):
    panel.set(samples=2)
    few = panel.run
    panel.set(samples=200)
    for name in ESTIMATORS:
        np.testing.assert_allclose(few[name] / panel.run[name], 10)


def test_the_picture_draws_the_run(panel):
    panel.set(f="wave", samples=20, mu=1.0, logvar=0.3)
    assert set(panel.run) == set(ESTIMATORS)
    for name in ESTIMATORS:
        line = drawn(panel, 1, name)
        np.testing.assert_array_equal(line.get_ydata(), np.broadcast_to(panel.run[name], line.get_xdata().shape))
    density = drawn(panel, 0, "q(z)")
    assert moments(density) == pytest.approx((1.0, np.exp(0.3)), rel=5e-3)


def test_the_draws_stay_the_same_whatever_moves(panel):
    eps = {}
    for mu, logvar, f in itertools.product((-2.0, 1.0), (-2.0, 1.0), FUNCTIONS):
        panel.set(mu=mu, logvar=logvar, f=f, samples=50)
        eps[mu, logvar, f] = tuple(drawn(panel, 0, "noise ε").get_xdata())
    assert set(eps.values()) == {tuple(EPS[:30])}


def test_a_wave_under_a_wide_q_is_better_off_with_the_score_function(panel):
    panel.buttons["a wave"].click()
    assert (panel.values["f"], panel.values["mu"], panel.values["logvar"]) == ("wave", 0.7, 0.7)
    assert panel.run["score function"] < panel.run["pathwise"] / 5
