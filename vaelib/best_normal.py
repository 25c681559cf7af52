"""The normal distribution that comes closest to a true posterior: what the best encoder would say of each x."""

import functools

import numpy as np

from vaelib.curved_model import encode, log_likelihood, steepness
from vaelib.gaussian import gaussian_density, gaussian_log_prob, kl_normal_to_standard
from vaelib.quadrature import even_grid

END, SMALLEST_WIDTH = 7.5, 0.02  # of the grid of eps: bends up to 20 times as steep as 1 / sigma are resolved
SCANNED = np.linspace(-6, 6, 301)  # means that are tried,
WIDTHS = (0.03, 0.06, 0.12, 0.25, 0.5, 1.0)  # each with these standard deviations
ROUNDS_OF_ALL, ROUNDS_OF_BEST = 12, 60
SMALLEST_GAIN = 1e-6  # nats, and share of a step


def normal_moments(x, mu, logvar, params, *, recon_var):
    """The means under N(mu, sigma^2) of log p(x given z) and of its first and second derivative in z.

    On a dense grid of eps; the derivatives by parts, mean of f' = mean of f eps / sigma and mean of f'' = mean of
    f (eps^2 - 1) / sigma^2. x (N,), mu and logvar (..., N) -> three of (..., N).
    """
    sigma = np.exp(0.5 * logvar)
    _, of_bend = steepness(params, recon_var=recon_var)
    eps, width = even_grid(-END, END, max(SMALLEST_WIDTH, 0.4 / max(1.0, of_bend * sigma.max())))
    weights = width * gaussian_density(eps, 0.0, 1.0) * np.stack([np.ones_like(eps), eps, eps**2 - 1])
    z = mu + sigma * eps.reshape(-1, *(1 for _ in mu.shape))
    means = np.tensordot(weights, log_likelihood(x, z, params, recon_var=recon_var), 1)
    return means[0], means[1] / sigma, means[2] / sigma**2


def elbo_of_encoder_and_of_best(x, params, *, recon_var):
    """The ELBO of each data point at the encoder's q and at the best normal q, each (N,), nats.

    The best of several climbs: from the encoder's q, and for each of WIDTHS from its best mean on a grid.
    """
    mu, logvar = encode(x, params)
    scanned = _scan(x, params, recon_var)
    logvars = np.log(np.square(WIDTHS))[:, None] + np.zeros(x.size)
    mus, logvars = np.concatenate([[mu], scanned]), np.concatenate([[logvar], logvars])
    elbos, mus, logvars = _climb(x, mus, logvars, params, recon_var, ROUNDS_OF_ALL)
    best = elbos.argmax(axis=0), np.arange(x.size)
    reached, _, _ = _climb(x, mus[best], logvars[best], params, recon_var, ROUNDS_OF_BEST)
    return _climb(x, mu, logvar, params, recon_var, 0)[0], reached


def _scan(x, params, recon_var):
    """For each width the mean with the highest ELBO, roughly: -> (widths, N)."""
    log_joint = log_likelihood(x, SCANNED[:, None], params, recon_var=recon_var)
    log_joint += gaussian_log_prob(SCANNED[:, None], 0.0, 1.0)
    return SCANNED[(_shares() @ log_joint).argmax(axis=1)]


@functools.cache
def _shares():
    """Of every node in the mean over a normal around every other: (widths, means, nodes), the last axis of sum 1."""
    weights = gaussian_density(SCANNED, SCANNED[:, None], np.square(WIDTHS)[:, None, None])
    return weights / weights.sum(axis=-1, keepdims=True)  # at the ends a part of them is missing


def _climb(x, mu, logvar, params, recon_var, rounds):
    """Newton's steps in mean and precision, shortened wherever they would lead down. -> elbo, mu, logvar."""

    def look(mu, logvar):
        recon, slope, curvature = normal_moments(x, mu, logvar, params, recon_var=recon_var)
        return recon - kl_normal_to_standard(mu, logvar), slope - mu, 1 - curvature

    here, step = (mu, logvar, *look(mu, logvar)), np.ones_like(mu)
    for _ in range(rounds):
        mu, logvar, elbo, slope, due = here
        precision = np.exp(-logvar)
        moved = np.maximum((1 - step) * precision + step * due, precision / 4)
        there = mu + step * slope / moved, -np.log(moved)
        there = (*there, *look(*there))
        better = there[2] > elbo
        arrived = np.where(better, there[2] - elbo, step) < SMALLEST_GAIN
        here = tuple(np.where(better, new, old) for new, old in zip(there, here, strict=True))
        step = np.where(better, np.minimum(2 * step, 1), step / 4)
        if arrived.all():
            break
    return here[2], here[0], here[1]
