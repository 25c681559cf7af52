"""The judges of parameters against loops, adaptive quadrature, all pairs of points, and their definitions."""

import itertools

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import logsumexp

from reference import NODES, WEIGHTS
from vaelib import data, exact
from vaelib.diagnostics import (
    active_units,
    activity,
    aggregate_posterior,
    latent_statistics,
    mutual_information,
    shuffle_increase,
)
from vaelib.model import LinearVAE
from vaelib.objective import expected_terms
from vaelib.training import train

pytestmark = pytest.mark.pinned

X, V, DRAWS = data.toy(), 0.3, data.seed_draws()
BETAS = [0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 15.277, 16.0, 30.0]
PARAMS = LinearVAE(a=0.4, b=-0.1, c=0.2, d=-1.3, m=1.9, n=0.3)
ENCODERS = {f"optimum {beta:g}": exact.optimum(X, beta=beta, recon_var=V) for beta in (0.05, 1, 4, 14, 15.277, 16)} | {
    "c": PARAMS,
    "steep c": PARAMS._replace(c=0.9, d=-0.5),
    "c alone": PARAMS._replace(a=0.0, c=0.7),
    "at the upper clamp": PARAMS._replace(c=0.0, d=4.0),
    "beyond the upper clamp": PARAMS._replace(c=1.0, d=5.0),
    "wide and far": PARAMS._replace(a=3.0, c=0.0, d=4.0),
    "beyond the lower clamp": PARAMS._replace(c=0.1, d=-8.0),
    "large a": PARAMS._replace(a=20.0, c=0.0),
    "far from 0": PARAMS._replace(b=40.0),
}
each_encoder = pytest.mark.parametrize("params", ENCODERS.values(), ids=ENCODERS)
RNG = np.random.default_rng(6)
MANY = LinearVAE(*(np.reshape(number + 0.3 * RNG.standard_normal(6), (2, 3)) for number in PARAMS))
OF_ARRAYS = [activity, active_units, shuffle_increase, lambda x, params: np.array(latent_statistics(x, params))]


def normals(x, params):
    """Means and standard deviations of q(z given x), point by point."""
    return np.array(
        [(params.a * at + params.b, np.exp(np.clip(params.c * at + params.d, -6, 4) / 2)) for at in x.tolist()]
    ).T


def log_mixture(z, mu, sd):
    return logsumexp(-0.5 * ((z - mu) / sd) ** 2 - np.log(sd)) - 0.5 * np.log(2 * np.pi) - np.log(mu.size)


def under_the_mixture(f, x, params):
    """The mean of f(z, log q(z)) under q(z), by adaptive quadrature."""
    mu, sd = normals(x, params)

    def integrand(z):
        log_q = log_mixture(z, mu, sd)
        return np.exp(log_q) * f(z, log_q)

    lowest, highest = (mu - 10 * sd).min(), (mu + 10 * sd).max()
    middle = np.unique(np.concatenate([mu[::3], mu - 5 * sd, mu + 5 * sd])[::6])
    return quad(integrand, lowest, highest, points=middle, limit=600, epsabs=1e-9, epsrel=1e-9)[0]


def information(x, params):
    """Entropy of q(z) minus the mean entropy of the q(z given x)."""
    _, sd = normals(x, params)
    of_points = stats.norm.entropy(0, sd).mean()
    return under_the_mixture(lambda z, log_q: -log_q, x, params) - of_points


def kl_to_the_prior(x, params):
    return under_the_mixture(lambda z, log_q: log_q - stats.norm.logpdf(z), x, params)


def mean_kl(params):
    mu, sd = normals(X, params)
    return np.mean((mu**2 + sd**2 - 1) / 2 - np.log(sd))


@each_encoder
def test_latent_statistics_are_averages_over_the_data(params):
    mean = square = variance = 0.0
    for mu, sd in normals(X, params).T:
        mean, square, variance = mean + mu / 120, square + mu**2 / 120, variance + sd**2 / 120
    assert latent_statistics(X, params) == pytest.approx((mean, square, variance), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("x", [X, X + 3, data.standardize(data.penguins())], ids=["toy", "moved", "penguins"])
@pytest.mark.parametrize("beta", BETAS)
def test_mean_square_and_variance_are_1_together_at_every_exact_optimum(x, beta):
    of = latent_statistics(x, exact.optimum(x, beta=beta, recon_var=V))
    assert of.mean_square + of.variance == pytest.approx(1, abs=1e-12)
    assert of.mean == pytest.approx(0, abs=1e-12)


def test_at_the_clamp_they_are_not_1_together():
    of = latent_statistics(X, exact.optimum(X, beta=0.1, recon_var=0.02))
    assert of.mean_square + of.variance > 1.1


ORIGINAL = {1: {"lr": 0.025, "noise": DRAWS.beta1}, 4: {"beta": 4.0, "lr": 0.02, "noise": DRAWS.beta4}}


@pytest.mark.parametrize("settings", ORIGINAL.values(), ids=ORIGINAL)
def test_only_a_longer_training_than_the_originals_brings_them_to_1_together(settings):
    of = latent_statistics(X, train(X, recon_var=V, **settings).params)
    assert of.mean_square + of.variance > 1.07
    at_rest = latent_statistics(X, train(X, recon_var=V, **settings, steps=5000).params)
    assert at_rest.mean_square + at_rest.variance == pytest.approx(1, abs=1e-8)


@each_encoder
def test_the_aggregate_posterior_is_a_density_with_the_moments_of_the_mixture(params):
    mu, sd = normals(X, params)
    z = np.linspace((mu - 9 * sd).min(), (mu + 9 * sd).max(), 40_001)
    density = aggregate_posterior(z, X, params)
    mean, square = (np.trapezoid(z**power * density, z) for power in (1, 2))
    of = latent_statistics(X, params)
    assert np.trapezoid(density, z) == pytest.approx(1, abs=1e-9)
    assert mean == pytest.approx(of.mean, rel=1e-9, abs=1e-9)
    assert square == pytest.approx(of.mean_square + of.variance, rel=1e-9)
    np.testing.assert_allclose(density[::4000], [stats.norm.pdf(at, mu, sd).mean() for at in z[::4000]])


@each_encoder
def test_mutual_information_is_the_integral(params):
    assert mutual_information(X, params) == pytest.approx(information(X, params), abs=1e-6)


@each_encoder
def test_the_mean_kl_is_the_information_and_the_kl_of_the_aggregate_posterior_to_the_prior(params):
    kl = expected_terms(X, params, recon_var=V).kl
    assert kl == pytest.approx(mean_kl(params), rel=1e-9, abs=1e-12)
    parts = mutual_information(X, params) + kl_to_the_prior(X, params)
    assert parts == pytest.approx(kl, rel=1e-7, abs=2e-6)


@each_encoder
def test_the_information_is_never_above_log_n_and_never_above_the_mean_kl(params):
    assert 0 <= mutual_information(X, params) <= min(np.log(120), mean_kl(params)) + 1e-9


def test_codes_that_never_meet_tell_which_point_it_was():
    x = np.array([-2.0, -0.5, 1.0, 4.0])
    assert mutual_information(x, PARAMS._replace(a=200.0)) == pytest.approx(np.log(4), abs=1e-9)
    assert mutual_information(np.repeat(x, 5), PARAMS._replace(a=200.0)) == pytest.approx(np.log(4), abs=1e-9)
    assert mutual_information(x[:1], PARAMS) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("d", [-9.0, -6.0, -1.0, 4.0, 9.0])
def test_a_code_that_ignores_x_has_no_information(d):
    assert mutual_information(X, PARAMS._replace(a=0.0, c=0.0, d=d)) == pytest.approx(0, abs=1e-9)


@each_encoder
def test_neither_a_mirror_nor_a_shift_nor_another_decoder_changes_the_information(params):
    a, b, c, d, _, _ = params
    here = mutual_information(X, params)
    others = {"mirror of z": (X, -a, -b, c), "mirror of x": (-X, -a, b, -c), "shift": (X, a, b - 2.7, c)}
    for x, a, b, c in others.values():
        assert mutual_information(x, LinearVAE(a, b, c, d, m=-0.4, n=7.0)) == pytest.approx(here, abs=2e-9)


def test_a_change_of_the_unit_of_z_keeps_the_information():
    a, b, c, d, m, n = PARAMS
    wider = LinearVAE(2 * a, 2 * b, c, d + 2 * np.log(2), m, n)
    assert mutual_information(X, wider) == pytest.approx(mutual_information(X, PARAMS), abs=1e-9)


TABLE = """
0.05 2.86154 2.06592 0.795618 0.99673 9.14540
0.1  2.51497 1.76516 0.749805 0.99346 9.11540
0.25 2.05682 1.40016 0.656659 0.98365 9.02540
0.5  1.71025 1.16429 0.545955 0.96730 8.87540
1    1.36368 0.97332 0.390352 0.93461 8.57540
2    1.01710 0.80845 0.208648 0.86922 7.97540
4    0.67053 0.60610 0.064427 0.73843 6.77540
6    0.46780 0.44776 0.020035 0.60765 5.57540
8    0.32395 0.31830 0.005653 0.47686 4.37540
10   0.21238 0.21113 0.001254 0.34608 3.17540
12   0.12122 0.12106 0.000160 0.21529 1.97540
14   0.04415 0.04414 0.000004 0.08451 0.77540
"""


@pytest.mark.parametrize("row", TABLE.strip().splitlines(), ids=lambda row: f"beta {row.split()[0]}")
def test_at_the_optimum_they_are_those_of_the_theory(row):
    beta, kl, of_x, of_prior, active, shuffled = map(float, row.split())
    best = exact.optimum(X, beta=beta, recon_var=V)
    here, i = expected_terms(X, best, recon_var=V).kl, mutual_information(X, best)
    assert (here, i, activity(X, best), shuffle_increase(X, best)) == pytest.approx(
        (kl, of_x, active, shuffled), abs=5.1e-6
    )
    assert here - i == pytest.approx(of_prior, abs=5.1e-7)


@pytest.mark.parametrize(
    ("active", "beta", "kl", "shuffled"),
    [
        (0.03, 14.834, 0.01523, 0.27526),
        (0.01, 15.139, 0.00503, 0.09175),
        (0.001, 15.277, 0.0005, 0.00918),
        (0, 15.292, 0, 0),
    ],
)
def test_near_the_threshold_they_are_those_of_the_theory(active, beta, kl, shuffled):
    best = exact.optimum(X, beta=(1 - active) * X.var() / V, recon_var=V)
    assert (1 - active) * X.var() / V == pytest.approx(beta, abs=5.1e-4)
    assert expected_terms(X, best, recon_var=V).kl == pytest.approx(kl, abs=5.1e-6)
    assert mutual_information(X, best) == pytest.approx(kl, abs=5.1e-6)
    assert activity(X, best) == pytest.approx(active, abs=1e-12)
    assert shuffle_increase(X, best) == pytest.approx(shuffled, abs=5.1e-6)


@pytest.mark.parametrize("beta", BETAS)
def test_at_the_optimum_activity_is_1_minus_exp_of_minus_twice_the_rate(beta):
    best = exact.optimum(X, beta=beta, recon_var=V)
    rate, distortion = exact.rate_distortion(X, beta=beta, recon_var=V)
    assert activity(X, best) == pytest.approx(-np.expm1(-2 * rate), abs=1e-12)
    assert shuffle_increase(X, best) == pytest.approx(2 * (X.var() - distortion), abs=1e-12)


@each_encoder
def test_activity_is_the_variance_of_the_means(params):
    mu, _ = normals(X, params)
    assert activity(X, params) == pytest.approx(params.a**2 * stats.describe(X, ddof=0).variance, rel=1e-12)
    assert activity(X, params) == pytest.approx(np.mean((mu[:, None] - mu) ** 2) / 2, rel=1e-9)


@pytest.mark.parametrize(("beta", "threshold", "count"), [(14, 0.01, 1), (14, 0.08, 1), (14, 0.09, 0), (16, 0.01, 0)])
def test_a_unit_is_active_above_the_threshold(beta, threshold, count):
    assert active_units(X, exact.optimum(X, beta=beta, recon_var=V), threshold) == count


def test_a_unit_at_the_threshold_is_not_active():
    assert active_units(np.array([-1.0, 1.0]), PARAMS._replace(a=0.5), threshold=0.25) == 0
    assert active_units(X, PARAMS._replace(a=0.0, b=0.0), threshold=0.0) == 0


def test_by_convention_a_unit_dies_a_little_below_the_collapse():
    """Where 1 - beta v / s2 is 0.01."""
    last = 0.99 * X.var() / V
    best = exact.optimum(X, beta=np.array([1, last - 1e-6, last + 1e-6, 15.29, 16]), recon_var=V)
    np.testing.assert_array_equal(active_units(X, best), [1, 1, 0, 0, 0])


@pytest.mark.parametrize("judge", OF_ARRAYS, ids=["activity", "active units", "shuffle increase", "latent statistics"])
def test_arrays_of_parameters_are_judged_one_by_one(judge):
    answer = judge(X, MANY)
    for row, column in np.ndindex(2, 3):
        one = LinearVAE(*(values[row, column] for values in MANY))
        np.testing.assert_allclose(answer[..., row, column], judge(X, one), rtol=1e-12)


@each_encoder
def test_the_shuffle_increase_is_the_mean_over_all_pairs_of_points(params):
    """Of every z, 120 of them with their three points of a quadrature, for every x."""
    mu, sd = normals(X, params)
    eps, own, other = np.array(NODES), 0.0, 0.0
    for i, j in itertools.product(range(X.size), repeat=2):
        error = WEIGHTS @ (X[i] - params.m * (mu[j] + sd[j] * eps) - params.n) ** 2
        own, other = own + error * (i == j) / 120, other + error / 120**2
    assert shuffle_increase(X, params) == pytest.approx(other - own, rel=1e-8, abs=1e-9)
    assert shuffle_increase(X, params) == pytest.approx(2 * params.m * params.a * X.var(), rel=1e-9, abs=1e-12)


def test_a_decoder_that_ignores_z_loses_nothing():
    assert shuffle_increase(X, PARAMS._replace(m=0.0)) == 0
    assert shuffle_increase(X, PARAMS._replace(m=-PARAMS.m)) == -shuffle_increase(X, PARAMS) < 0


def test_codes_too_far_apart_to_be_integrated_are_refused_in_one_sentence():
    with pytest.raises(ValueError, match=r"^params spread the codes over [^\n]+\.$"):
        mutual_information(X, PARAMS._replace(a=1e6))


@pytest.mark.parametrize(("recon_var", "active"), [(1.13, 1), (1.14, 0)])
def test_a_code_just_below_the_threshold_is_there_and_need_not_count_as_in_use(recon_var, active):
    best = exact.optimum(X, beta=4.0, recon_var=recon_var)
    assert best.m > 0 and active_units(X, best) == active
