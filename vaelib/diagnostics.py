"""Judges of any parameters, however they were found: does the code carry information about x?"""

from typing import NamedTuple

import numpy as np

from vaelib.domain import checked, data, non_negative, one, parameters
from vaelib.gaussian import mixture_density
from vaelib.model import encode

POINTS_PER_SIGMA = 8  # of the quadrature, in the narrowest q(z given x)
REACH = 9  # standard deviations beyond the outermost means
POINTS_AT_ONCE = 4096
WIDEST = 1e6  # spread of the codes, in standard deviations of the narrowest q(z given x), that can be integrated


class LatentStatistics(NamedTuple):
    """Averages over the data of q(z given x), as `latent_statistics` gives them."""

    mean: float  # E[mu]
    mean_square: float  # E[mu^2]
    variance: float  # E[sigma^2]


@checked(x=data, params=parameters)
def latent_statistics(x, params):
    """E[mu], E[mu^2] and E[sigma^2] over the data. x (N,) -> LatentStatistics of numbers, or of the parameters' shape.

    E[mu^2] + E[sigma^2] is 1 at every stationary point of the objective with beta > 0 and no clamp. Lesson 4.
    """
    mu, logvar = encode(x, params)
    statistics = mu, mu**2, np.exp(logvar)
    return LatentStatistics(*(values.mean(axis=-1) for values in statistics))


@checked(z=data, x=data, params=parameters)
def aggregate_posterior(z, x, params):
    """Density of q(z), the mean of q(z given x_i) over the data, per unit of z. z (K,), x (N,) -> (K,). Lesson 6."""
    mu, logvar = encode(x, params)
    return mixture_density(z, mu, np.exp(logvar))


@checked(x=data, params=parameters)
def mutual_information(x, params):
    """I(x; z) between the index of a data point and its z, in nats: between 0 and log N, never above the mean KL.

    Entropy of q(z) minus the mean entropy of q(z given x_i), by the trapezoidal rule, exact to 1e-6. x (N,) -> number.
    ValueError where the codes spread too far to be integrated. Lesson 6; Hoffman and Johnson 2016.
    """
    mu, logvar = encode(x, params)
    if mu.ndim > 1:
        raise ValueError(f"params has fields of shape {mu.shape[:-1]}; it must be six single numbers.")
    sigma = np.exp(0.5 * logvar)
    lowest, highest = (mu - REACH * sigma).min(), (mu + REACH * sigma).max()
    spread = (highest - lowest) / sigma.min()
    if not spread <= WIDEST:
        raise ValueError(
            f"params spread the codes over {spread:.3g} standard deviations; at most {WIDEST:g} are allowed."
        )
    count = int(spread * POINTS_PER_SIGMA) + 2
    grid = np.linspace(lowest, highest, count)
    blocks = (grid[first : first + POINTS_AT_ONCE] for first in range(0, count, POINTS_AT_ONCE))
    density = np.concatenate([mixture_density(block, mu, sigma**2) for block in blocks])
    entropy = -np.sum(density * np.log(np.maximum(density, np.finfo(float).tiny))) * (grid[1] - grid[0])
    of_points = 0.5 * np.mean(np.log(2 * np.pi * np.e) + logvar)
    return max(entropy - of_points, 0.0)


@checked(x=data, params=parameters)
def activity(x, params):
    """Variance over the data of E[z given x], (a x + b): how much the code's mean moves with x.

    x (N,) -> number; parameters of shape S -> S. Lesson 6; Burda, Grosse and Salakhutdinov 2016.
    """
    mu, _ = encode(x, params)
    return mu.var(axis=-1)


@checked(x=data, params=parameters, threshold=one(non_negative))
def active_units(x, params, threshold=0.01):
    """How many latent dimensions, here of one, have an activity above the threshold: 0 or 1.

    x (N,) -> int; parameters of shape S -> ints of S. The threshold 0.01 is a convention. Lesson 6; Burda et al. 2016.
    """
    return (activity.unchecked(x, params) > threshold).astype(int)[()]


@checked(x=data, params=parameters)
def shuffle_increase(x, params):
    """Expected increase of the mean squared error when each point gets the z of a point drawn at random.

    2 m Cov(x, mu), in squared units of x; 0 if x_hat does not vary with x's code, negative if it varies the wrong way.
    x (N,) -> number; parameters of shape S -> S. Lesson 6.
    """
    mu, _ = encode(x, params)
    m = params[4]
    return 2 * m * np.mean(mu * (x - x.mean()), axis=-1)
