"""The exercises of lesson 8."""

import numpy as np

from vaelib import data
from vaelib.lessons.verdict import exercise
from vaelib.quadrature import log_sum_exp

HARMLESS = [-1.9, -3.2, -0.8, -6.5, -2.4], [0.7, 2.1, -1.2]
EXTREME = [-1000.5, -1003.0, -999.5], [800.5, 803.0], [-2500.0, -3.0, -5.5]  # exp gives 0 or inf; in the last of shares
X, HEAP = data.toy(), np.repeat([0, 1], 60)
LOG_P, ELBO = np.array([-1.1, -2.3, -0.9]), np.array([-1.6, -3.0, -1.1])
ELBOS = np.array([[-1.3, -3.4, -4.1], [-1.9, -2.45, -1.7], [-3.6, -2.8, -1.0], [-2.2, -2.6, -1.9]])


@exercise(
    cases=[(np.array(log_weights),) for log_weights in HARMLESS + EXTREME],
    where="where the first log weight is {0[0]:g}: ",
    praise="{:.4f} for the first x, and no weight is too small or too large.",
)
def importance_bound(log_weights):
    """Say whether attempt(log_weights) is L_K, from the K log weights of one x. Exercise 1 of lesson 8."""
    K, largest = log_weights.size, log_weights.max()
    right, as_written = log_sum_exp(log_weights) - np.log(K), np.log(np.mean(np.exp(log_weights)))
    if np.isinf(as_written):
        return right, {"exp gives 0 or infinity: take the largest log weight out first.": as_written}
    if np.isinf(np.exp(np.ptp(log_weights))):
        return right, {"exp gives infinity: the one to take out is the largest.": np.inf}
    return right, {
        "that is the mean of logarithms, an ELBO; L_K is the logarithm of a mean.": log_weights.mean(),
        "that is the logarithm of the sum: log K is missing.": right + np.log(K),
        "divide by K inside the logarithm.": (right + np.log(K)) / K,
        "that is the mean of the weights; take its logarithm.": np.exp(right),
        "that is the largest log weight alone; all of them count.": largest,
        "what you took out must be added again.": right - largest,
    }


@exercise(
    cases=[(LOG_P, ELBO, ELBOS), (LOG_P[:2] - 0.5, ELBO[:2] - 0.4, ELBOS[:, :2] - 0.7)],
    parts=("approximation", "amortisation"),
    praise="{:.3f} nats are the price of a normal q, {:.3f} that of one encoder for all x.",
)
def split_gap(log_p, elbo, elbos):
    """Say whether attempt(log_p, elbo, elbos) is (approximation, amortisation), means over the data. Exercise 2.

    log_p (N,) and elbo (N,), the encoder's, of each x; elbos (M, N) of M normal q's, the best for each x among them.
    """
    log_p, elbo, best = log_p.mean(), elbo.mean(), elbos.max(axis=0).mean()
    approximation, amortisation = log_p - best, best - elbo
    taken_for_best = {
        "each x has a best q of its own: first the maximum for each x, then the mean.": elbos.mean(axis=1).max(),
        "that is the mean over the M q's; the best counts.": elbos.mean(),
        "that is the best ELBO of all; each x has its own.": elbos.max(),
    }
    of_approximation = {hint: log_p - other for hint, other in taken_for_best.items()} | {
        "that is the amortisation: what this encoder's q misses of the best one.": amortisation,
        "that is the whole gap, log p(x) - ELBO.": log_p - elbo,
        "the sign is wrong: no q has an ELBO above log p(x).": -approximation,
    }
    of_amortisation = {hint: other - elbo for hint, other in taken_for_best.items()} | {
        "that is the approximation: what the best normal q misses of log p(x).": approximation,
        "that is the whole gap, log p(x) - ELBO.": log_p - elbo,
        "the sign is wrong: the encoder's q is not above the best one.": -amortisation,
    }
    return (approximation, amortisation), (of_approximation, of_amortisation)


@exercise(
    cases=[(X, HEAP, 0.3), (X[20:] + 1.5, HEAP[20:], 0.1), (X[:90] - 1, HEAP[:90], 0.2)],
    praise="{:.4f} for our data; with a straight decoder it is 15.29.",
)
def threshold_of_two_heaps(x, heap, recon_var):
    """Say whether attempt(x, heap, recon_var) is the beta from which on two heaps far apart ignore z. Exercise 3.

    heap (N,) is 0 or 1: to which of the two each x belongs.
    """
    left, right = x[heap == 0], x[heap == 1]
    within = (left.size * left.var() + right.size * right.var()) / x.size
    mistakes = {
        "that is the straight line's threshold; two heaps need no z to tell them apart.": x.var() / recon_var,
        "that is the variance between the heaps; z could only say more within them.": (x.var() - within) / recon_var,
        "the larger heap counts for more: take the mean over all points.": (left.var() + right.var()) / 2 / recon_var,
        "take the variance within the heaps, not the standard deviation.": np.sqrt(within) / recon_var,
        "divide by N: the objective is a mean over the data.": within * x.size / (x.size - 2) / recon_var,
        "that is the threshold of the product beta recon_var; divide by recon_var.": within,
        "turn the fraction round.": recon_var / within,
    }
    threshold = within / recon_var
    return threshold, {hint: number for hint, number in mistakes.items() if not np.isclose(number, threshold)}
