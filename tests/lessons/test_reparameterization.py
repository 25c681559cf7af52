"""Lesson 2: what its pictures draw, what its panel says, what its exercises tell."""

import itertools

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from scipy import stats

from learner import area, drawn, legend, limits, moments, numbers_in, said
from vaelib import data, style
from vaelib.lessons.reparameterization import check, pictures
from vaelib.lessons.reparameterization.panel import EPS
from vaelib.panels import reparameterization_panel

pytestmark = pytest.mark.pinned

PANEL = reparameterization_panel

SHOWN = np.concatenate([data.seed_draws().demo, np.random.default_rng(0).standard_normal(45)])
QS = [(0.7, 0.67, 5), (-2.5, 0.3, 50), (0.0, 2.1, 1), (1.2, 1.0, 3)]
LOOKS = ["pathwise", "score function", "with baseline", "common draws", "independent draws"]


@pytest.fixture
def same_noise(axes):
    return pictures.SameNoise(axes)


def shown_arrows(arrows):
    """Start (z) and length in units of z of the arrows that are in view."""
    offsets = np.ma.filled(np.ma.asarray(arrows.get_offsets()).astype(float), np.nan)
    shown = np.isfinite(offsets[:, 0])
    return offsets[shown], np.asarray(arrows.U)[shown] / arrows.scale


@pytest.mark.parametrize(("mu", "sigma", "count"), QS)
def test_dots_lie_at_eps_above_and_at_mu_plus_sigma_eps_below(same_noise, mu, sigma, count):
    same_noise.show(mu, sigma, SHOWN[:count])
    eps, above = same_noise.eps.get_data()
    z, below = same_noise.z.get_data()
    np.testing.assert_array_equal(eps, SHOWN[:count][:30])
    np.testing.assert_allclose((z - mu) / sigma, eps)
    assert set(above) == {pictures.NOISE_HEIGHT} and set(below) == {0.0}
    assert np.argsort(z).tolist() == np.argsort(eps).tolist()


@pytest.mark.parametrize(("mu", "sigma", "count"), QS)
def test_a_thread_joins_each_dot_of_noise_to_its_own_z(same_noise, mu, sigma, count):
    same_noise.show(mu, sigma, SHOWN[:count])
    places, heights = (np.reshape(values, (-1, 3)) for values in same_noise.threads.get_data())
    np.testing.assert_array_equal(places[:, 0], same_noise.eps.get_xdata())
    np.testing.assert_array_equal(places[:, 1], same_noise.z.get_xdata())
    assert np.isnan(places[:, 2]).all() and np.isnan(heights[:, 2]).all()
    assert set(heights[:, 0]) == {pictures.NOISE_HEIGHT} and set(heights[:, 1]) == {0.0}


@pytest.mark.parametrize(("mu", "sigma", "count"), QS)
def test_arrows_start_at_z_and_are_as_long_as_1_and_eps(same_noise, mu, sigma, count):
    same_noise.show(mu, sigma, SHOWN[:count])
    z = same_noise.z.get_xdata()[:5]
    (starts_mu, lengths_mu), (starts_sigma, lengths_sigma) = map(shown_arrows, same_noise.arrows)
    np.testing.assert_allclose(starts_mu[:, 0], z)
    np.testing.assert_allclose(starts_sigma[:, 0], z)
    assert lengths_mu == pytest.approx(np.full(z.size, lengths_mu[0]))
    np.testing.assert_allclose(lengths_sigma / lengths_mu, SHOWN[:count][:5])
    assert not any(arrows.V.any() for arrows in same_noise.arrows)


def test_arrows_lie_one_above_the_other_around_their_labels(axes, same_noise):
    same_noise.show(0.7, 0.67, SHOWN[:5])
    of_mu, of_sigma = (shown_arrows(arrows)[0][:, 1] for arrows in same_noise.arrows)
    assert (of_mu.mean(), of_sigma.mean()) == pytest.approx(axes.get_yticks()[:2])
    assert len(set(of_mu)) == len(set(of_sigma)) == 5
    assert axes.get_ylim()[0] < of_sigma.min() < of_sigma.max() < of_mu.min() < of_mu.max() < 0


def test_arrows_are_that_long_on_paper_too_and_point_the_right_way(axes, same_noise):
    same_noise.show(-1.0, 0.5, SHOWN[:5])
    FigureCanvasAgg(axes.figure).draw()
    pixels_per_unit = axes.transData.transform([(1, 0)])[0, 0] - axes.transData.transform([(0, 0)])[0, 0]
    for arrows, slopes in zip(same_noise.arrows, (np.ones(5), SHOWN[:5]), strict=True):
        drawn = [path.transformed(arrows.get_transform()).vertices[:, 0] for path in arrows.get_paths()]
        tips = [along[np.abs(along).argmax()] for along in drawn]
        assert np.array(tips) / pixels_per_unit / 0.55 == pytest.approx(slopes, rel=1e-6)


def test_arrows_that_were_shown_go_when_there_are_fewer_draws(same_noise):
    same_noise.show(0.0, 1.0, SHOWN[:5])
    same_noise.show(0.0, 1.0, SHOWN[:2])
    assert [shown_arrows(arrows)[0].shape for arrows in same_noise.arrows] == [(2, 2), (2, 2)]


def test_the_curves_are_the_density_of_q_and_of_the_noise(axes, same_noise):
    same_noise.show(0.7, 0.67, SHOWN[:5])
    assert area(same_noise.density) == pytest.approx(1, abs=1e-6)
    assert moments(same_noise.density) == pytest.approx((0.7, 0.67**2), abs=1e-6)
    grid, noise = axes.lines[2].get_data()
    np.testing.assert_allclose(noise - pictures.NOISE_HEIGHT, stats.norm.pdf(grid))
    assert legend(axes) == ["noise ε", "q(z)", "draws z"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["∂z/∂μ = 1", "∂z/∂σ = ε", "z = μ + σε", "ε"]
    assert list(axes.get_yticks())[2:] == [0, pictures.NOISE_HEIGHT]


def test_what_slides_is_blue_and_noise_is_dark(same_noise):
    sliding = [same_noise.z.get_color(), same_noise.density.get_color(), same_noise.arrows[0].get_facecolor()[0]]
    assert {to_hex(colour) for colour in sliding} == {style.POSTERIOR["color"]}
    assert to_hex(same_noise.eps.get_color()) == style.INK


def test_limits_stay_while_q_moves(axes, same_noise):
    before = limits(axes)
    for mu, sigma, count in QS:
        same_noise.show(mu, sigma, SHOWN[:count])
        FigureCanvasAgg(axes.figure).draw()
        assert limits(axes) == before


def test_the_scatter_of_each_estimator_is_a_level_or_a_curve_over_the_step_width(axes):
    widths = np.geomspace(1e-4, 1, 41)
    scatter = pictures.Scatter(axes, widths)
    before = limits(axes)
    deviations = dict(zip(LOOKS, (1.3, 3.8, 2.9, 1.3 + widths**2, 0.5 / widths), strict=True))
    scatter.show(deviations)
    assert set(scatter.lines) == set(LOOKS) == set(legend(axes))
    for name, line in scatter.lines.items():
        np.testing.assert_array_equal(line.get_xdata(), widths)
        np.testing.assert_array_equal(line.get_ydata(), np.broadcast_to(deviations[name], widths.shape))
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    scatter.show(dict.fromkeys(LOOKS, 1e9))
    assert limits(axes) == before


def test_estimators_are_blue_if_their_draws_slide_and_no_two_look_the_same(axes):
    lines = pictures.Scatter(axes, np.geomspace(1e-4, 1, 41)).lines
    blue = {name for name, line in lines.items() if to_hex(line.get_color()) == style.POSTERIOR["color"]}
    assert blue == {"pathwise", "common draws"}
    looks = {(line.get_linestyle(), line.get_linewidth(), line.get_marker()) for line in lines.values()}
    assert len(looks) == 5
    assert lines["common draws"].get_linestyle() == "None"


DRAWS = 200_000
FUNCTIONS = {
    "square": (lambda z: z**2, lambda z: 2 * z),
    "square plus 10": (lambda z: z**2 + 10, lambda z: 2 * z),
    "wave": (lambda z: np.cos(5 * z), lambda z: -5 * np.sin(5 * z)),
}
ESTIMATORS = ["pathwise", "score function", "with baseline", "common draws", "independent draws"]
PLACES = [(0.7, -0.8), (0.7, 0.7), (-1.5, -3.0), (0.0, 0.0)]


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


def others(values):
    """The mean of the other values, for each value, in a loop over all of them."""
    return np.array([np.delete(values, place).mean() for place in range(values.size)])


def score_slope(f, mu, sigma, eps):
    values = f(mu + sigma * eps)
    return np.mean((values - others(values)) * eps / sigma)


def score_slope_in_sigma(f, mu, sigma, eps):
    values = f(mu + sigma * eps)
    return np.mean((values - others(values)) * (eps**2 - 1) / sigma)


def own_term_in_the_baseline(f, mu, sigma, eps):
    values = f(mu + sigma * eps)
    return np.mean((values - values.mean()) * eps / sigma)


def z_for_eps(f, mu, sigma, eps):
    z = mu + sigma * eps
    return np.mean((f(z) - others(f(z))) * z / sigma)


def others_divided_by_all(f, mu, sigma, eps):
    values = f(mu + sigma * eps)
    return np.mean((values - (values.sum() - values) / values.size) * eps / sigma)


def difference_in_sigma(mu, sigma, eps, h=1e-3):
    return np.mean((mu + (sigma + h) * eps) ** 2 - (mu + (sigma - h) * eps) ** 2) / (2 * h)


def difference_along_the_path(f, mu, sigma, eps, h=1e-3):
    return np.mean((f(mu + h + sigma * eps) - f(mu - h + sigma * eps)) / (2 * h))


RIGHT = {
    check.reparameterize: {
        "with sigma named": lambda mu, logvar, eps: eps * np.sqrt(np.exp(logvar)) + mu,
        "as an array": lambda mu, logvar, eps: np.array(mu + np.exp(0.5 * logvar) * eps),
    },
    check.pathwise_slope_in_sigma: {
        "multiplied out": lambda mu, sigma, eps: 2 * mu * eps.mean() + 2 * sigma * np.mean(eps**2),
        "in a loop": lambda mu, sigma, eps: sum(2 * (mu + sigma * e) * e for e in eps) / len(eps),
        "by differences": difference_in_sigma,
    },
    check.score_slope: {
        "in a loop": score_slope,
        "own term out, scaled": lambda *args: own_term_in_the_baseline(*args) * 5 / 4,
    },
}

WRONG = {
    check.reparameterize: {
        "(eps + mu) sigma": lambda mu, logvar, eps: (eps + mu) * np.exp(logvar / 2),
        "with a plus": lambda mu, logvar, eps: mu + np.exp(-0.5 * logvar) * eps,
        "the square root of logvar": lambda mu, logvar, eps: mu + np.sqrt(logvar) * eps,
        "is too": lambda mu, logvar, eps: mu - np.exp(logvar / 2) * abs(eps),  # right where eps < 0
    },
    check.pathwise_slope_in_sigma: {
        "the derivative of z²": lambda mu, sigma, eps: np.mean((mu + sigma * eps) * eps),
        "that is the exact slope": lambda mu, sigma, eps: 2 * sigma,
        "that is the score function": lambda mu, sigma, eps: np.mean(
            (mu + sigma * eps) ** 2 * (eps**2 / sigma - 1 / sigma)
        ),
        "not sigma eps": lambda mu, sigma, eps: np.mean(2 * (mu + sigma * eps) * sigma * eps),
        "4.17537 is too large": lambda mu, sigma, eps: np.sum(2 * (mu + sigma * eps) * eps) / 5,  # right of five draws
    },
    check.score_slope: {
        "the division by sigma is missing": lambda f, mu, sigma, eps: sigma * score_slope(f, mu, sigma, eps),
        "a sigma too many below": lambda f, mu, sigma, eps: score_slope(f, mu, sigma, eps) / sigma,
        "contains the sample's own term": own_term_in_the_baseline,
        "or you took z for eps": z_for_eps,
        "that baseline is f(mu)": lambda f, mu, sigma, eps: np.mean((f(mu + sigma * eps) - f(mu)) * eps / sigma),
        "the sign is wrong": lambda f, mu, sigma, eps: score_slope(lambda z: -f(z), mu, sigma, eps),
        "divides by 4, not by 5": others_divided_by_all,
        "that is the pathwise slope": difference_along_the_path,
        "that is the slope in sigma": score_slope_in_sigma,
    },
}


def test_the_function_of_the_score_slope_may_be_called_draw_by_draw(capsys):
    def attempt(f, mu, sigma, eps):
        values = np.array([f(mu + sigma * draw) for draw in eps])
        return sum((values - others(values)) * eps / sigma) / 5

    assert said(capsys, check.score_slope, attempt).startswith("Right: ")


def test_noise_of_its_own_is_noticed(capsys):
    rng = np.random.default_rng(0)
    line = said(capsys, check.reparameterize, lambda mu, logvar, eps: rng.normal(mu, np.exp(logvar / 2)))
    assert line == "Not yet: two calls give two answers: use what you are given, no random numbers of your own."


def test_a_number_beside_an_array_is_told_so_and_raises_nothing(capsys):
    line = said(capsys, check.pathwise_slope_in_sigma, lambda mu, sigma, eps: (mu + sigma * eps, 1.0))
    assert line.startswith("Not yet: one number is wanted")


def test_eps_changed_in_place_does_not_change_the_right_score_slope(capsys):
    def attempt(f, mu, sigma, eps):
        values = f(mu + sigma * eps)
        others = (values.sum() - values) / (eps.size - 1)
        eps /= sigma
        return np.mean((values - others) * eps)

    assert said(capsys, check.score_slope, attempt).startswith("Right: ")
