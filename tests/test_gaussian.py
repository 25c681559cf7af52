"""Formulas of the normal distribution against quadrature and scipy.stats."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from vaelib.gaussian import (
    gaussian_density,
    gaussian_log_prob,
    kl_normal,
    kl_normal_to_standard,
    mixture_density,
)

pytestmark = pytest.mark.pinned

NORMALS = [(0.0, 1.0), (0.7, 0.45), (-2.0, 3.0), (5.0, 0.01)]
every_normal = pytest.mark.parametrize(("mu", "var"), NORMALS)


def integral(f, mu, var):
    """Integral of f over the 12 standard deviations on either side of mu."""
    reach = 12 * np.sqrt(var)
    return quad(f, mu - reach, mu + reach, points=[mu], epsabs=1e-12, epsrel=1e-12)[0]


@every_normal
def test_the_density_integrates_to_1(mu, var):
    assert integral(lambda x: gaussian_density(x, mu, var), mu, var) == pytest.approx(1, abs=1e-10)


@every_normal
def test_the_log_density_is_that_of_scipy(mu, var):
    x = np.linspace(-6, 6, 25)
    assert gaussian_log_prob(x, mu, var) == pytest.approx(norm.logpdf(x, mu, np.sqrt(var)), rel=1e-12)


@pytest.mark.parametrize("var", [0.0, -1.0, 1e-9])
def test_the_variance_is_kept_at_the_floor(var):
    assert gaussian_log_prob(0.3, 0.2, var) == pytest.approx(norm.logpdf(0.3, 0.2, 1e-4))


@every_normal
@pytest.mark.parametrize(("mu2", "var2"), NORMALS[:3])
def test_the_kl_divergence_is_the_integral_that_defines_it(mu, var, mu2, var2):
    def log_ratio_weighted(x):
        return norm.pdf(x, mu, np.sqrt(var)) * (norm.logpdf(x, mu, np.sqrt(var)) - norm.logpdf(x, mu2, np.sqrt(var2)))

    assert kl_normal(mu, var, mu2, var2) == pytest.approx(integral(log_ratio_weighted, mu, var), abs=1e-9)


@every_normal
def test_both_kl_formulas_agree_on_the_prior(mu, var):
    assert kl_normal_to_standard(mu, np.log(var)) == pytest.approx(kl_normal(mu, var, 0.0, 1.0), rel=1e-12)


def test_the_kl_divergence_is_zero_for_equal_normals_and_positive_for_all_others():
    mu, logvar = np.meshgrid(np.linspace(-3, 3, 13), np.linspace(-6, 4, 21))
    equal = (mu == 0) & (logvar == 0)
    assert ((kl_normal_to_standard(mu, logvar) == 0) == equal).all()
    assert ((kl_normal(mu, np.exp(logvar), 0.0, 1.0) == 0) == equal).all()
    assert kl_normal_to_standard(mu, logvar).min() == kl_normal(mu, np.exp(logvar), 0.0, 1.0).min() == 0


@pytest.mark.parametrize("sign", [-1, 1])
def test_rounding_does_not_make_the_kl_divergence_negative_close_to_the_prior(sign):
    logvar = sign * np.logspace(-12, -1, 1000)
    assert kl_normal_to_standard(0.0, logvar).min() >= 0
    assert kl_normal(0.0, 1.0 + logvar, 0.0, 1.0).min() >= 0


def test_a_mixture_of_one_is_the_normal_itself():
    z = np.linspace(-3, 3, 7)
    assert mixture_density(z, np.array([0.5]), np.array([0.2])) == pytest.approx(norm.pdf(z, 0.5, np.sqrt(0.2)))


def test_a_mixture_has_the_moments_of_its_parts():
    """Integral 1, the mean of the means, and the variance within plus the variance between."""
    mu, var = np.array([-2.0, 0.3, 1.5]), np.array([0.2, 1.0, 0.05])
    z, width = np.linspace(-12, 12, 20_001, retstep=True)
    density = mixture_density(z, mu, var)
    assert density.shape == z.shape
    integral, first, second = (width * np.sum(density * z**power) for power in (0, 1, 2))
    assert [integral, first, second - first**2] == pytest.approx([1, mu.mean(), var.mean() + mu.var()])


@pytest.mark.parametrize("formula", [gaussian_log_prob, gaussian_density])
def test_the_formulas_broadcast(formula):
    x, mu, var = np.zeros((4, 1, 1)), np.ones((3, 1)), np.full(2, 0.5)
    assert formula(x, mu, var).shape == (4, 3, 2)
    assert kl_normal(mu, var, mu, var).shape == (3, 2)
