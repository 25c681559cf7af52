"""The model: six numbers, a straight line in and a straight line out."""

from typing import NamedTuple

import numpy as np

from vaelib.domain import without_complaint

LOGVAR_RANGE = (-6.0, 4.0)


class LinearVAE(NamedTuple):
    """The six parameters: mu = a x + b, logvar = c x + d, x_hat = m z + n.

    Each is a number, or an array with one entry per run. A gradient is a `LinearVAE` too, one slope in each slot.
    """

    a: float
    b: float
    c: float
    d: float
    m: float
    n: float


START = LinearVAE(a=0.2, b=0.0, c=-0.1, d=-0.5, m=0.7, n=0.0)


def per_point(parameter):
    """An array of parameters with one more, last axis, along which the data points lie; a number as it is."""
    return parameter[..., None] if getattr(parameter, "ndim", 0) else parameter


@without_complaint
def encode(x, params):
    """Mean and log-variance of q(z given x).

    mu = a x + b, logvar = c x + d held within LOGVAR_RANGE. x (N,) -> mu (N,), logvar (N,); parameters of shape S
    -> S + (N,). Lesson 3.
    """
    a, b, c, d = map(per_point, params[:4])
    mu = a * x + b
    lowest, highest = LOGVAR_RANGE
    logvar = np.minimum(np.maximum(c * x + d, lowest), highest)
    return mu, logvar


@without_complaint
def reparameterize(mu, logvar, eps):
    """The latent draw z = mu + sigma eps with sigma = exp(logvar / 2). Any shapes that broadcast. Lesson 2."""
    sigma = np.exp(0.5 * logvar)
    return mu + sigma * eps


@without_complaint
def decode(z, params):
    """The reconstruction x_hat = m z + n, in the unit of x, without observation noise. z (N,) -> (N,). Lesson 3."""
    m, n = map(per_point, params[4:])
    return m * z + n


@without_complaint
def generate(z, params, *, recon_var=0.0, eps=0.0):
    """New data from latent values z: m z + n + sqrt(recon_var) eps, in the unit of x.

    z drawn from N(0, 1) makes them samples of the model. As called without recon_var and eps, the observation noise is
    left out. z (K,), eps (K,) -> (K,). Lesson 5.
    """
    return decode(z, params) + np.sqrt(recon_var) * eps


@without_complaint
def interpolate(x_from, x_to, t, params):
    """The straight path between the latent means of two points, and its reconstruction.

    z = (1 - t) mu(x_from) + t mu(x_to). t (K,) -> z (K,), x_hat (K,). Lesson 5.
    """
    (mu_from, _), (mu_to, _) = encode(x_from, params), encode(x_to, params)
    z = (1 - t) * mu_from + t * mu_to
    return z, decode(z, params)
