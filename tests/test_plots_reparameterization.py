"""The pictures of lesson 2: the same noise under a moving q, and the scatter of five estimators."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from scipy import stats

from learner import area, legend, limits, moments
from vaelib import data, style
from vaelib.plots import reparameterization as plots

EPS = np.concatenate([data.seed_draws().demo, np.random.default_rng(0).standard_normal(45)])
PLACES = [(0.7, 0.67, 5), (-2.5, 0.3, 50), (0.0, 2.1, 1), (1.2, 1.0, 3)]
ESTIMATORS = ["pathwise", "score function", "with baseline", "common draws", "independent draws"]


@pytest.fixture
def same_noise(axes):
    return plots.SameNoise(axes)


def shown_arrows(arrows):
    """Start (z) and length in units of z of the arrows that are in view."""
    offsets = np.ma.filled(np.ma.asarray(arrows.get_offsets()).astype(float), np.nan)
    shown = np.isfinite(offsets[:, 0])
    return offsets[shown], np.asarray(arrows.U)[shown] / arrows.scale


@pytest.mark.parametrize(("mu", "sigma", "count"), PLACES)
def test_dots_lie_at_eps_above_and_at_mu_plus_sigma_eps_below(same_noise, mu, sigma, count):
    same_noise.show(mu, sigma, EPS[:count])
    eps, above = same_noise.eps.get_data()
    z, below = same_noise.z.get_data()
    np.testing.assert_array_equal(eps, EPS[:count][:30])
    np.testing.assert_allclose((z - mu) / sigma, eps)
    assert set(above) == {plots.NOISE_HEIGHT} and set(below) == {0.0}
    assert np.argsort(z).tolist() == np.argsort(eps).tolist()


@pytest.mark.parametrize(("mu", "sigma", "count"), PLACES)
def test_a_thread_joins_each_dot_of_noise_to_its_own_z(same_noise, mu, sigma, count):
    same_noise.show(mu, sigma, EPS[:count])
    places, heights = (np.reshape(values, (-1, 3)) for values in same_noise.threads.get_data())
    np.testing.assert_array_equal(places[:, 0], same_noise.eps.get_xdata())
    np.testing.assert_array_equal(places[:, 1], same_noise.z.get_xdata())
    assert np.isnan(places[:, 2]).all() and np.isnan(heights[:, 2]).all()
    assert set(heights[:, 0]) == {plots.NOISE_HEIGHT} and set(heights[:, 1]) == {0.0}


@pytest.mark.parametrize(("mu", "sigma", "count"), PLACES)
def test_arrows_start_at_z_and_are_as_long_as_1_and_eps(same_noise, mu, sigma, count):
    same_noise.show(mu, sigma, EPS[:count])
    z = same_noise.z.get_xdata()[:5]
    (starts_mu, lengths_mu), (starts_sigma, lengths_sigma) = map(shown_arrows, same_noise.arrows)
    np.testing.assert_allclose(starts_mu[:, 0], z)
    np.testing.assert_allclose(starts_sigma[:, 0], z)
    assert lengths_mu == pytest.approx(np.full(z.size, lengths_mu[0]))
    np.testing.assert_allclose(lengths_sigma / lengths_mu, EPS[:count][:5])
    assert not any(arrows.V.any() for arrows in same_noise.arrows)


def test_arrows_lie_one_above_the_other_around_their_labels(axes, same_noise):
    same_noise.show(0.7, 0.67, EPS[:5])
    of_mu, of_sigma = (shown_arrows(arrows)[0][:, 1] for arrows in same_noise.arrows)
    assert (of_mu.mean(), of_sigma.mean()) == pytest.approx(axes.get_yticks()[:2])
    assert len(set(of_mu)) == len(set(of_sigma)) == 5
    assert axes.get_ylim()[0] < of_sigma.min() < of_sigma.max() < of_mu.min() < of_mu.max() < 0


def test_arrows_are_that_long_on_paper_too_and_point_the_right_way(axes, same_noise):
    same_noise.show(-1.0, 0.5, EPS[:5])
    FigureCanvasAgg(axes.figure).draw()
    pixels_per_unit = axes.transData.transform([(1, 0)])[0, 0] - axes.transData.transform([(0, 0)])[0, 0]
    for arrows, slopes in zip(same_noise.arrows, (np.ones(5), EPS[:5]), strict=True):
        drawn = [path.transformed(arrows.get_transform()).vertices[:, 0] for path in arrows.get_paths()]
        tips = [along[np.abs(along).argmax()] for along in drawn]
        assert np.array(tips) / pixels_per_unit / 0.55 == pytest.approx(slopes, rel=1e-6)


def test_arrows_that_were_shown_go_when_there_are_fewer_draws(same_noise):
    same_noise.show(0.0, 1.0, EPS[:5])
    same_noise.show(0.0, 1.0, EPS[:2])
    assert [shown_arrows(arrows)[0].shape for arrows in same_noise.arrows] == [(2, 2), (2, 2)]


def test_the_curves_are_the_density_of_q_and_of_the_noise(axes, same_noise):
    same_noise.show(0.7, 0.67, EPS[:5])
    assert area(same_noise.density) == pytest.approx(1, abs=1e-6)
    assert moments(same_noise.density) == pytest.approx((0.7, 0.67**2), abs=1e-6)
    grid, noise = axes.lines[2].get_data()
    np.testing.assert_allclose(noise - plots.NOISE_HEIGHT, stats.norm.pdf(grid))
    assert legend(axes) == ["noise ε", "q(z)", "draws z"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["∂z/∂μ = 1", "∂z/∂σ = ε", "z = μ + σε", "ε"]
    assert list(axes.get_yticks())[2:] == [0, plots.NOISE_HEIGHT]


def test_what_slides_is_blue_and_noise_is_dark(same_noise):
    sliding = [same_noise.z.get_color(), same_noise.density.get_color(), same_noise.arrows[0].get_facecolor()[0]]
    assert {to_hex(colour) for colour in sliding} == {style.POSTERIOR["color"]}
    assert to_hex(same_noise.eps.get_color()) == style.INK


def test_limits_stay_while_q_moves(axes, same_noise):
    before = limits(axes)
    for mu, sigma, count in PLACES:
        same_noise.show(mu, sigma, EPS[:count])
        FigureCanvasAgg(axes.figure).draw()
        assert limits(axes) == before


def test_the_scatter_of_each_estimator_is_a_level_or_a_curve_over_the_step_width(axes):
    widths = np.geomspace(1e-4, 1, 41)
    scatter = plots.Scatter(axes, widths)
    before = limits(axes)
    deviations = dict(zip(ESTIMATORS, (1.3, 3.8, 2.9, 1.3 + widths**2, 0.5 / widths), strict=True))
    scatter.show(deviations)
    assert set(scatter.lines) == set(ESTIMATORS) == set(legend(axes))
    for name, line in scatter.lines.items():
        np.testing.assert_array_equal(line.get_xdata(), widths)
        np.testing.assert_array_equal(line.get_ydata(), np.broadcast_to(deviations[name], widths.shape))
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    scatter.show(dict.fromkeys(ESTIMATORS, 1e9))
    assert limits(axes) == before


def test_estimators_are_blue_if_their_draws_slide_and_no_two_look_the_same(axes):
    lines = plots.Scatter(axes, np.geomspace(1e-4, 1, 41)).lines
    blue = {name for name, line in lines.items() if to_hex(line.get_color()) == style.POSTERIOR["color"]}
    assert blue == {"pathwise", "common draws"}
    looks = {(line.get_linestyle(), line.get_linewidth(), line.get_marker()) for line in lines.values()}
    assert len(looks) == 5
    assert lines["common draws"].get_linestyle() == "None"
