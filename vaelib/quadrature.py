"""Integrals over one number: an even grid, sums of exponentials without overflow, draws out of every quantile."""

import functools
from statistics import NormalDist

import numpy as np

from vaelib.domain import without_complaint

MOST_NODES = 20_000
TABLE_END, TABLE_WIDTH = 8.5, 0.005  # no quantile of a float below 1 lies farther out


def even_grid(lowest, highest, width):
    """Evenly spaced nodes from lowest to highest and how far apart they are: at most `width`, if MOST_NODES suffice.

    The integral of a function that has died away at both ends is the sum over the nodes times that distance; for a
    smooth function the error falls faster than any power of it. -> nodes (G,), distance.
    """
    enough = width * (MOST_NODES - 1) > highest - lowest
    nodes = np.linspace(lowest, highest, int(np.ceil((highest - lowest) / width)) + 1 if enough else MOST_NODES)
    return nodes, nodes[1] - nodes[0]


@without_complaint
def log_sum_exp(values, axis=-1):
    """log sum exp(values) along the axis, the largest value taken out first, so that nothing overflows."""
    largest = np.max(values, axis=axis, keepdims=True)
    return np.log(np.sum(np.exp(values - largest), axis=axis)) + np.squeeze(largest, axis=axis)


def stratified_normal(rng, strata, shape):
    """Standard normal draws, one out of each of `strata` equally likely slices. -> (strata, *shape).

    eps_i = inverse normal of (i + U) / strata, i = 0 ... strata - 1, with one uniform U for each place in shape. Each
    draw alone is standard normal over its slice, all together over everything; their mean scatters far less than that
    of independent draws. shape is a tuple.
    """
    quantiles = (np.arange(strata).reshape(-1, *(1 for _ in shape)) + rng.random(shape)) / strata
    return np.interp(quantiles, *_inverse_normal())


@functools.cache
def _inverse_normal():
    """Quantiles and the points of the standard normal distribution that belong to them; straight lines in between."""
    points = even_grid(-TABLE_END, TABLE_END, TABLE_WIDTH)[0]
    return np.array([NormalDist().cdf(point) for point in points]), points
