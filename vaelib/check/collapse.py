"""The exercises of lesson 6."""

import numpy as np

from vaelib import data, diagnostics, exact, model, objective
from vaelib.check.verdict import NOT_TRIED, answer_of, judge, untried
from vaelib.model import LinearVAE

PARAMS = LinearVAE(a=0.4, b=-0.1, c=0.0, d=-1.5, m=1.7, n=0.2)


def shuffle(attempt):
    """Say whether attempt(x, z, order, params) is the increase of the squared error by a shuffle. Exercise 1."""
    x, eps = data.toy(), data.seed_draws().start
    z = model.reparameterize(*model.encode(x, PARAMS), eps)
    order = np.random.default_rng(6).permutation(x.size)
    own, other = (x - model.decode(each, PARAMS) for each in (z, z[order]))
    right = diagnostics.shuffle_test(x, PARAMS, eps, order)
    mistakes = {
        "the sign is wrong: the error with the shuffled z comes first.": -right,
        "that is the error with the shuffled z; subtract the one with the own z.": np.mean(other**2),
        "that is the error with the own z; it is to be subtracted.": np.mean(own**2),
        "that is the sum over the data; take the mean.": right * x.size,
        "take the squares of the errors.": np.mean(np.abs(other)) - np.mean(np.abs(own)),
        "take squares, not roots: the difference of the root mean squares is something else.": (
            np.sqrt(np.mean(other**2)) - np.sqrt(np.mean(own**2))
        ),
        "compare z with x only after decoding it.": np.mean((x - z[order]) ** 2) - np.mean((x - z) ** 2),
    }
    judge(answer_of(attempt, x, z, order, PARAMS), right, f"{right:.4f}: the decoder does use z.", mistakes)


def threshold(attempt):
    """Say whether attempt(x, recon_var) is the beta from which on the optimum is collapsed. Exercise 2 of lesson 6."""
    x, recon_var = data.penguins() / 10, 0.7
    right = float(exact.collapse_beta(x, recon_var=recon_var))
    mistakes = {
        "that is the standard deviation of x over recon_var; take the variance.": x.std() / recon_var,
        "recon_var is a variance already; do not square it.": x.var() / recon_var**2,
        "recon_var is a variance already; no root.": x.var() / np.sqrt(recon_var),
        "the mean of x² is not the variance: subtract the mean first.": np.mean(x**2) / recon_var,
        "divide by N, not by N - 1: the objective is a mean over the data.": x.var(ddof=1) / recon_var,
        "that is the threshold of the product beta recon_var; divide by recon_var.": x.var(),
        "turn the fraction round.": recon_var / x.var(),
        "that is the threshold for standardized data; these have another variance.": 1 / recon_var,
    }
    praise = f"{right:.4f} for flipper lengths in centimetres; another unit, another threshold."
    judge(answer_of(attempt, x, recon_var), right, praise, mistakes)


def fool(answer):
    """Say whether the original's test misses a collapse at the first recon_var and cries wolf at the second.

    Data with variance 1, both runs at their optimum, beta 1 and beta 4. Exercise 3 of lesson 6.
    """
    if untried(answer):
        print(NOT_TRIED)
        return
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        print("Not yet: two numbers are wanted, the recon_var of silence and the recon_var of alarm.")
        return
    for name, recon_var, collapsed in zip(("first", "second"), answer, (True, False), strict=True):
        if (
            isinstance(recon_var, bool)
            or not isinstance(recon_var, int | float | np.number)
            or not 1e-3 <= recon_var <= 100
        ):
            print(f"Not yet: the {name} recon_var is {recon_var!r}; it must be a number from 0.001 to 100.")
            return
        if fault := _not_fooled(recon_var, collapsed):
            print(f"Not yet: at the {name} recon_var, {recon_var:g}, {fault}")
            return
    print("Right: the test is silent where the code is gone, and alarmed where it is in use.")


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
