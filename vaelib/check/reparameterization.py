"""The exercises of lesson 2."""

import numpy as np

from vaelib import data, model
from vaelib.check.verdict import answer_of, judge

MU, LOGVAR = 0.4, 0.7
SIGMA = np.exp(LOGVAR / 2)


def reparameterize(attempt):
    """Say whether attempt(mu, logvar, eps) is the latent draw. Exercise 1 of lesson 2."""
    eps = -1.1
    right = model.reparameterize(MU, LOGVAR, eps)
    mistakes = {
        "that is (eps + mu) sigma: its mean is mu sigma, not mu.": (eps + MU) * SIGMA,
        "sigma is exp(logvar / 2): you used the variance.": MU + np.exp(LOGVAR) * eps,
        "sigma is exp(logvar / 2): you used the log-variance itself.": MU + LOGVAR * eps,
        "sigma is exp(logvar / 2), with a plus.": MU + np.exp(-LOGVAR / 2) * eps,
        "the noise is left out: that is mu.": MU,
        "the noise is not scaled: multiply eps by sigma.": MU + eps,
        "mu is left out.": SIGMA * eps,
        "the sign of the noise is wrong.": MU - SIGMA * eps,
        "the square root of logvar is not sigma; take exp(logvar / 2).": MU + np.sqrt(LOGVAR) * eps,
    }
    judge(answer_of(attempt, MU, LOGVAR, eps), right, f"z = {right:.4f}; it moves with mu and sigma.", mistakes)


def pathwise_slope_in_sigma(attempt):
    """Say whether attempt(mu, sigma, eps) estimates d E[z^2] / d sigma pathwise. Exercise 2 of lesson 2."""
    eps = data.seed_draws().demo
    z = MU + SIGMA * eps
    right = np.mean(2 * z * eps)
    mistakes = {
        "that is the slope in mu: dz / dsigma is eps, not 1.": np.mean(2 * z),
        "that is the sum over the draws; take the mean.": right * eps.size,
        "the derivative of z² is 2 z.": right / 2,
        "that is z², not its slope.": np.mean(z**2),
        "that is the exact slope, 2 sigma; estimate it from eps.": 2 * SIGMA,
        "multiply draw by draw, then take the mean.": 2 * np.mean(z) * np.mean(eps),
        "that is the score function; go through z instead.": np.mean(z**2 * (eps**2 - 1)) / SIGMA,
        "dz / dsigma is eps, not sigma eps.": right * SIGMA,
        "dz / dsigma is eps, not sigma.": np.mean(2 * z) * SIGMA,
    }
    praise = f"{right:.4f} from five draws; the exact slope is 2 sigma = {2 * SIGMA:.4f}."
    judge(answer_of(attempt, MU, SIGMA, eps), right, praise, mistakes)


def score_slope(attempt):
    """Say whether attempt(f, mu, sigma, eps) is the score-function slope with a leave-one-out baseline. Exercise 3."""
    eps, calls = data.seed_draws().demo, []

    def f(z):
        calls.append(z)
        return z**2 + 10

    answer = answer_of(attempt, f, MU, SIGMA, eps)
    value, score = f(MU + SIGMA * eps), eps / SIGMA
    others = (value.sum() - value) / (eps.size - 1)
    right = np.mean((value - others) * score)
    mistakes = {
        "the baseline contains the sample's own term; that shrinks the slope by 1/5.": np.mean(
            (value - value.mean()) * score
        ),
        "there is no baseline: subtract the mean of the other values.": np.mean(value * score),
        "the score in mu is eps / sigma; the division by sigma is missing, or you took z for eps.": right * SIGMA,
        "that baseline is f(mu), no mean of the other values.": np.mean((value - f(MU)) * score),
        "the score in mu is eps / sigma; you have a sigma too many below, or z for eps.": right / SIGMA,
        "that is the sum over the draws; take the mean.": right * eps.size,
        "the sign is wrong: f minus the baseline.": -right,
        "the mean of the others divides by 4, not by 5.": np.mean((value - others * 4 / 5) * score),
        "that is the pathwise slope; here f has no derivative to ask for.": np.mean(2 * (MU + SIGMA * eps)),
        "that is the slope in sigma.": np.mean((value - others) * (eps**2 - 1)) / SIGMA,
    }
    judge(answer, right, f"{right:.4f}, without a derivative of f, unbiased.", mistakes)
