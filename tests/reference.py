"""Training in slow loops over single numbers, as in the notebook the course grew from: an oracle and a yardstick.

It shares nothing with vaelib: each formula is written out here once more, in plain Python. Beside it the three nodes
at which a weighted sum of a polynomial in eps, up to the fifth power, is its mean over eps ~ N(0, 1), without error.
"""

import math
from statistics import mean

START = (0.2, 0.0, -0.1, -0.5, 0.7, 0.0)  # a, b, c, d, m, n
LOWEST_LOGVAR, HIGHEST_LOGVAR = -6.0, 4.0
H = 1e-3
NODES, WEIGHTS = (-math.sqrt(3), 0.0, math.sqrt(3)), (1 / 6, 2 / 3, 1 / 6)


def log_density(x, mu, var):
    return -0.5 * ((x - mu) ** 2 / var + math.log(2 * math.pi * var))


def kl_to_standard_normal(mu, logvar):
    return 0.5 * (mu * mu + math.exp(logvar) - 1.0 - logvar)


def reference_objective(x, params, eps, *, beta, recon_var, average=mean):
    """Averages over the data, with one draw per point: objective, recon, kl."""
    a, b, c, d, m, n = params
    objectives, recons, kls = [], [], []
    for point, draw in zip(x, eps, strict=True):
        mu = a * point + b
        logvar = max(min(c * point + d, HIGHEST_LOGVAR), LOWEST_LOGVAR)
        z = mu + math.exp(0.5 * logvar) * draw
        recon = log_density(point, m * z + n, recon_var)
        kl = kl_to_standard_normal(mu, logvar)
        objectives.append(recon - beta * kl)
        recons.append(recon)
        kls.append(kl)
    return average(objectives), average(recons), average(kls)


def reference_slopes(x, params, eps, **question):
    """Central differences of the objective: 12 evaluations, all with the same draws."""
    slopes = []
    for place in range(len(params)):
        above, below = list(params), list(params)
        above[place] += H
        below[place] -= H
        upper, _, _ = reference_objective(x, above, eps, **question)
        lower, _, _ = reference_objective(x, below, eps, **question)
        slopes.append((upper - lower) / (2 * H))
    return slopes


def reference_train(x, eps, *, beta, recon_var, lr, steps=140, average=mean):
    """The parameters after the last step, and (objective, recon, kl) after every step.

    `average` is the original's `statistics.mean` unless told: it adds in exact fractions, which is most of the time.
    """
    x, eps, params = [float(point) for point in x], [float(draw) for draw in eps], list(START)
    question = {"beta": beta, "recon_var": recon_var, "average": average}
    trace = []
    for _ in range(steps):
        slopes = reference_slopes(x, params, eps, **question)
        params = [value + lr * slope for value, slope in zip(params, slopes, strict=True)]
        trace.append(reference_objective(x, params, eps, **question))
    return params, trace
