"""The exercises of lesson 6."""

import reprlib

import numpy as np

from vaelib import data, exact, model, objective
from vaelib.lessons.answer import NoAnswer, number_of, untried
from vaelib.lessons.verdict import NOT_TRIED, exercise, printed
from vaelib.model import LinearVAE

X, DRAWS = data.toy(), data.seed_draws()
PARAMS = LinearVAE(a=0.4, b=-0.1, c=0.0, d=-1.5, m=1.7, n=0.2)
OTHER_PARAMS = LinearVAE(a=-0.5, b=0.3, c=0.0, d=-0.5, m=-1.1, n=-0.4)


def _shuffled(x, eps, params):
    """A case of the shuffle test: x, z, order, params."""
    z = model.reparameterize(*model.encode(x, params), eps)
    return x, z, np.random.default_rng(6).permutation(x.size), params


@exercise(
    cases=[_shuffled(X, DRAWS.start, PARAMS), _shuffled(X[20:80], DRAWS.beta1[:60], OTHER_PARAMS)],
    praise="{:.4f}: the decoder does use z.",
)
def shuffle(x, z, order, params):
    """Say whether attempt(x, z, order, params) is the increase of the squared error by a shuffle. Exercise 1."""
    own, other = (x - model.decode(each, params) for each in (z, z[order]))
    squared_own, squared_other = np.mean(own**2), np.mean(other**2)
    right, of_roots = squared_other - squared_own, np.sqrt(squared_other) - np.sqrt(squared_own)
    return right, {
        "the sign is wrong: the error with the shuffled z comes first.": -right,
        "that is the error with the shuffled z; subtract the one with the own z.": squared_other,
        "that is the error with the own z; it is to be subtracted.": squared_own,
        "that is the sum over the data; take the mean.": right * x.size,
        "take the squares of the errors.": np.mean(np.abs(other)) - np.mean(np.abs(own)),
        "take squares, not roots: the difference of the root mean squares is something else.": of_roots,
        "compare z with x only after decoding it.": np.mean((x - z[order]) ** 2) - np.mean((x - z) ** 2),
    }


@exercise(
    cases=[(data.penguins() / 10, 0.7), (X, 0.3), (X[:70] - 1, 1.6)],
    praise="{:.4f} for flipper lengths in centimetres; another unit, another threshold.",
)
def threshold(x, recon_var):
    """Say whether attempt(x, recon_var) is the beta from which on the optimum is collapsed. Exercise 2 of lesson 6."""
    return exact.collapse_beta(x, recon_var=recon_var), {
        "that is the standard deviation of x over recon_var; take the variance.": x.std() / recon_var,
        "recon_var is a variance already; do not square it.": x.var() / recon_var**2,
        "recon_var is a variance already; no root.": x.var() / np.sqrt(recon_var),
        "the mean of x² is not the variance: subtract the mean first.": np.mean(x**2) / recon_var,
        "divide by N, not by N - 1: the objective is a mean over the data.": x.var(ddof=1) / recon_var,
        "that is the threshold of the product beta recon_var; divide by recon_var.": x.var(),
        "turn the fraction round.": recon_var / x.var(),
        "that is the threshold for standardized data; these have another variance.": 1 / recon_var,
    }


@printed
def fool(answer):
    """Say whether the original's test misses a collapse at the first recon_var and cries wolf at the second.

    Data with variance 1, both runs at their optimum, beta 1 and beta 4. Exercise 3 of lesson 6.
    """
    if untried(answer):
        return NOT_TRIED
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return "Not yet: two numbers are wanted, the recon_var of silence and the recon_var of alarm."
    for name, given, collapsed in zip(("first", "second"), answer, (True, False), strict=True):
        recon_var = number_of(given)
        if isinstance(recon_var, NoAnswer) or not 1e-3 <= recon_var <= 100:
            return f"Not yet: the {name} recon_var is {reprlib.repr(given)}; it must be a number from 0.001 to 100."
        if fault := _not_fooled(recon_var, collapsed):
            return f"Not yet: at the {name} recon_var, {recon_var:g}, {fault}"
    return "Right: the test is silent where the code is gone, and alarmed where m is not yet 0."


def _not_fooled(recon_var, collapsed):
    """Why the original's test is not fooled at this recon_var; none if it is."""
    x = data.standardize(data.penguins())
    optima = [exact.optimum(x, beta=beta, recon_var=recon_var) for beta in (1.0, 4.0)]
    of_1, of_4 = (objective.expected_terms(x, each, recon_var=recon_var) for each in optima)
    alarm = of_4.kl < 0.01 and of_4.recon < of_1.recon - 0.3
    if collapsed != (optima[1].m == 0):
        return "beta 4 has not collapsed." if collapsed else "beta 4 has collapsed, so an alarm would be right."
    if alarm == collapsed:
        fall = of_1.recon - of_4.recon
        return f"the test is right: KL {of_4.kl:.3f}, and recon falls by {fall:.2f}."
    return ""
