"""Formulas of the normal distribution. Variances are variances, `logvar` is a log-variance; nothing is checked."""

import numpy as np

from vaelib.domain import SMALLEST_VARIANCE, without_complaint


@without_complaint
def gaussian_log_prob(x, mu, var):
    """Log density of N(mu, var) at x, in nats.

    -((x - mu)^2 / var + log(2 pi var)) / 2, with `var` kept at 1e-8 or above so that no division by zero occurs.
    Any shapes that broadcast. Lesson 1.
    """
    var = np.maximum(var, SMALLEST_VARIANCE)
    return -0.5 * ((x - mu) ** 2 / var + np.log(2 * np.pi * var))


@without_complaint
def kl_normal_to_standard(mu, logvar):
    """KL(N(mu, exp(logvar)) to N(0, 1)), in nats, never negative.

    (mu^2 + exp(logvar) - 1 - logvar) / 2, where expm1 is exp - 1 without rounding below 0. Any shapes that broadcast.
    Lesson 1; Kingma and Welling 2013.
    """
    return 0.5 * (mu * mu + (np.expm1(logvar) - logvar))


@without_complaint
def kl_normal(mu1, var1, mu2, var2):
    """KL(N(mu1, var1) to N(mu2, var2)), in nats, never negative.

    (var1 / var2 + (mu1 - mu2)^2 / var2 - 1 - log(var1 / var2)) / 2. Any shapes that broadcast. Lesson 1.
    """
    ratio = var1 / var2
    return 0.5 * (ratio + (mu1 - mu2) ** 2 / var2 - 1.0 - np.log(ratio))


@without_complaint
def gaussian_density(x, mu, var):
    """Density of N(mu, var) at x, per unit of x: exp(gaussian_log_prob). Any shapes that broadcast. Lesson 2."""
    return np.exp(gaussian_log_prob(x, mu, var))


@without_complaint
def mixture_density(z, mu, var):
    """Density at each z of the equal mixture of the normals N(mu_i, var_i), per unit of z.

    The mean over i of the densities. z (K,), mu and var (N,) -> (K,). Lesson 5.
    """
    return gaussian_density(np.asarray(z)[:, None], mu, var).mean(axis=1)
