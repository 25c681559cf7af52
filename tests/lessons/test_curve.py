"""Lesson 8: what its exercises tell."""

import math

import numpy as np
import pytest
from scipy.special import logsumexp

from vaelib import two_heaps
from vaelib.lessons.curve import check

pytestmark = pytest.mark.pinned

# The exercises.


def threshold_by_loop(x, heap, v):
    squares = 0.0
    for point, own in zip(x, heap, strict=True):
        squares += (point - x[heap == own].mean()) ** 2
    return squares / len(x) / v


def importance_bound_of(taken_out):
    """L_K with that number taken out before exp and added after log."""
    return lambda w: np.log(np.mean(np.exp(w - taken_out(w)))) + taken_out(w)


def with_variance(variance):
    """The threshold with another variance of the left and the right heap than that within them."""
    return lambda x, heap, v: variance(x[heap == 0], x[heap == 1]) / v


RIGHT = {
    check.importance_bound: {
        "largest out": importance_bound_of(np.max),
        "scipy": lambda w: logsumexp(w, b=1 / len(w)),
        "two by two": lambda w: np.logaddexp.reduce(w) - np.log(len(w)),
        "a loop": lambda w: max(w) + math.log(sum(math.exp(each - max(w)) for each in w) / len(w)),
    },
    check.split_gap: {
        "point by point": lambda log_p, elbo, elbos: (
            np.mean(log_p - np.max(elbos, axis=0)),
            np.mean([max(column) - own for column, own in zip(elbos.T, elbo, strict=True)]),
        ),
        "what the encoder leaves over": lambda log_p, elbo, elbos: (
            (least := np.min(log_p - elbos, axis=0).mean()),
            np.mean(log_p - elbo) - least,
        ),
    },
    check.threshold_of_two_heaps: {
        "a loop": threshold_by_loop,
        "total less between": lambda x, heap, v: (
            (x.var() - np.where(heap, x[heap == 1].mean(), x[heap == 0].mean()).var()) / v
        ),
    },
}
WRONG = {
    check.importance_bound: {
        "mean of logarithms": lambda w: np.mean(w),
        "log K is missing": lambda w: np.logaddexp.reduce(w),
        "exp gives 0 or infinity": lambda w: np.log(np.mean(np.exp(w))),
        "the one to take out": importance_bound_of(lambda w: w[0]),
        "must be added again": lambda w: np.log(np.mean(np.exp(w - np.max(w)))),
    },
    check.split_gap: {
        "that is the amortisation": lambda p, own, of: (np.mean(of.max(axis=0) - own), np.mean(p - of.max(axis=0))),
        "a best q of its own": lambda p, own, of: (
            np.mean(p) - max(of.mean(axis=1)),
            max(of.mean(axis=1)) - own.mean(),
        ),
        "the whole gap": lambda p, own, of: (np.mean(p - own), np.mean(of.max(axis=0) - own)),
        "the amortisation: the sign": lambda p, own, of: (np.mean(p - of.max(axis=0)), np.mean(own - of.max(axis=0))),
    },
    check.threshold_of_two_heaps: {
        "the straight line's": lambda x, heap, v: x.var() / v,
        "between the heaps": lambda x, heap, v: np.where(heap, x[heap == 1].mean(), x[heap == 0].mean()).var() / v,
        "not the standard deviation": lambda x, heap, v: np.sqrt(threshold_by_loop(x, heap, v) / v),
        "turn the fraction": lambda x, heap, v: 1 / threshold_by_loop(x, heap, v),
        "the larger heap counts": with_variance(lambda left, right: (left.var() + right.var()) / 2),
    },
}


def test_the_thresholds_of_exercise_3_are_those_of_the_decoder_with_two_heaps():
    for x, heap, v in check.threshold_of_two_heaps.cases:
        right, _ = check.threshold_of_two_heaps.table(x, heap, v)
        assert right == pytest.approx(two_heaps.collapse_beta(x, recon_var=v), rel=1e-3)
