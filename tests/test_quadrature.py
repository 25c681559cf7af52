"""The grid, the sum of exponentials and the stratified draws against scipy and against what independent draws do."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import kstest, norm

from vaelib.quadrature import MOST_NODES, even_grid, log_sum_exp, stratified_normal

pytestmark = pytest.mark.pinned


@pytest.mark.parametrize("lowest, highest, width", [(-3.0, 5.0, 0.3), (0.0, 1.0, 7.0), (-9.0, 9.0, 0.5)])
def test_the_grid_is_even_reaches_both_ends_and_is_no_wider_than_asked(lowest, highest, width):
    nodes, found = even_grid(lowest, highest, width)
    assert (nodes[0], nodes[-1]) == (lowest, highest)
    np.testing.assert_allclose(np.diff(nodes), found, rtol=1e-9)
    assert found <= width < found * (1 + 2 / (nodes.size - 1)) or nodes.size == 2


@pytest.mark.parametrize("width", [1e-300, np.nan, 0.0])
def test_the_grid_stays_small_whatever_is_asked(width):
    assert even_grid(-1.0, 1.0, width)[0].size == MOST_NODES


def test_the_sum_over_the_nodes_is_the_integral_of_what_has_died_away_at_both_ends():
    def bent(z):
        return norm.pdf(z) * np.tanh(2 * z + 1) ** 2

    nodes, width = even_grid(-9, 9, 0.2)
    assert width * bent(nodes).sum() == pytest.approx(quad(bent, -9, 9, epsabs=1e-13)[0], abs=1e-8)
    nodes, width = even_grid(-9, 9, 0.1)
    assert width * bent(nodes).sum() == pytest.approx(quad(bent, -9, 9, epsabs=1e-13)[0], abs=1e-12)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_the_log_of_a_sum_of_exponentials_neither_overflows_nor_vanishes(axis):
    values = np.random.default_rng(0).normal(size=(4, 5, 6)) * 900
    np.testing.assert_allclose(log_sum_exp(values, axis=axis), logsumexp(values, axis=axis), rtol=1e-14)
    with np.errstate(all="raise"):
        assert log_sum_exp(np.array([-2000.0, 0.0, -3000.0])) == 0


STRATA, SHAPE = 8, (20, 120)


@pytest.fixture(scope="module")
def eps():
    return stratified_normal(np.random.default_rng(0), STRATA, SHAPE)


def test_each_slice_of_the_normal_distribution_gives_one_draw(eps):
    assert eps.shape == (STRATA, *SHAPE)
    places = norm.cdf(eps) * STRATA
    assert (np.floor(places) == np.arange(STRATA)[:, None, None]).all()
    within = places - np.arange(STRATA)[:, None, None]
    np.testing.assert_allclose(within, np.broadcast_to(within[0], within.shape), atol=1e-4)


def test_the_draws_together_are_standard_normal_and_each_slice_is_uniform_in_quantiles(eps):
    assert kstest(eps.ravel()[::7], "norm").pvalue > 0.01
    for index, of_slice in enumerate(eps):
        assert kstest(norm.cdf(of_slice).ravel() * STRATA - index, "uniform").pvalue > 0.001
    many = stratified_normal(np.random.default_rng(1), 1, (300_000,))
    assert [np.mean(many**power) for power in (1, 2, 4)] == pytest.approx([0, 1, 3], abs=0.02)


def test_a_draw_is_the_quantile_that_scipy_gives():
    uniform = np.random.default_rng(3).random((2000,))
    draws = stratified_normal(np.random.default_rng(3), 4, (2000,))
    due = norm.ppf((np.arange(4)[:, None] + uniform) / 4)
    np.testing.assert_allclose(draws, due, atol=1e-4)


def test_means_of_stratified_draws_scatter_far_less_than_those_of_independent_ones(eps):
    for of_draws in (lambda eps: eps, lambda eps: eps**2, lambda eps: np.tanh(3 * eps + 1)):
        stratified = of_draws(eps).mean(axis=0).std()
        independent = of_draws(np.random.default_rng(2).standard_normal(eps.shape)).mean(axis=0).std()
        assert stratified < 0.6 * independent


def test_the_same_generator_gives_the_same_draws_and_goes_on():
    rng = np.random.default_rng(5)
    first, second = stratified_normal(rng, 3, (4,)), stratified_normal(rng, 3, (4,))
    np.testing.assert_array_equal(first, stratified_normal(np.random.default_rng(5), 3, (4,)))
    assert not np.array_equal(first, second)


def test_the_ends_of_the_quantiles_are_finite():
    class Ends:
        def random(self, shape):
            return np.array([0.0, 1 - 2**-53])

    assert np.abs(stratified_normal(Ends(), 1, (2,))).max() == pytest.approx(8.3, abs=0.3)
