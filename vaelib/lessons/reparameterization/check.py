"""The exercises of lesson 2."""

import math

import numpy as np

from vaelib import data, model
from vaelib.lessons.verdict import exercise

SIGMA = math.exp(0.35)
DRAWS = data.seed_draws()


@exercise(
    cases=[(0.4, 0.7, -1.1), (-0.8, -0.9, 0.6), (1.3, 0.3, 1.7)], praise="z = {:.4f}; it moves with mu and sigma."
)
def reparameterize(mu, logvar, eps):
    """Say whether attempt(mu, logvar, eps) is the latent draw. Exercise 1 of lesson 2."""
    sigma = np.exp(logvar / 2)
    return model.reparameterize(mu, logvar, eps), {
        "that is (eps + mu) sigma: its mean is mu sigma, not mu.": (eps + mu) * sigma,
        "sigma is exp(logvar / 2): you used the variance.": mu + np.exp(logvar) * eps,
        "sigma is exp(logvar / 2): you used the log-variance itself.": mu + logvar * eps,
        "sigma is exp(logvar / 2), with a plus.": mu + np.exp(-logvar / 2) * eps,
        "the noise is left out: that is mu.": mu,
        "the noise is not scaled: multiply eps by sigma.": mu + eps,
        "mu is left out.": sigma * eps,
        "the sign of the noise is wrong.": mu - sigma * eps,
        "the square root of logvar is not sigma; take exp(logvar / 2).": mu + np.sqrt(logvar) * eps,
    }


@exercise(
    cases=[(0.4, SIGMA, DRAWS.demo), (-1.2, 0.5, DRAWS.prior), (0.9, 2.3, DRAWS.start[:5])],
    praise=f"{{:.4f}} from five draws; the exact slope is 2 sigma = {2 * SIGMA:.4f}.",
)
def pathwise_slope_in_sigma(mu, sigma, eps):
    """Say whether attempt(mu, sigma, eps) estimates d E[z^2] / d sigma pathwise. Exercise 2 of lesson 2."""
    z = mu + sigma * eps
    right = np.mean(2 * z * eps)
    return right, {
        "that is the slope in mu: dz / dsigma is eps, not 1.": np.mean(2 * z),
        "that is the sum over the draws; take the mean.": right * eps.size,
        "the derivative of z² is 2 z.": right / 2,
        "that is z², not its slope.": np.mean(z**2),
        "that is the exact slope, 2 sigma; estimate it from eps.": 2 * sigma,
        "multiply draw by draw, then take the mean.": 2 * np.mean(z) * np.mean(eps),
        "that is the score function; go through z instead.": np.mean(z**2 * (eps**2 - 1)) / sigma,
        "dz / dsigma is eps, not sigma eps.": right * sigma,
        "dz / dsigma is eps, not sigma.": np.mean(2 * z) * sigma,
    }


@exercise(
    cases=[(lambda z: z**2 + 10, 0.4, SIGMA, DRAWS.demo), (np.cosh, -1.2, 0.5, DRAWS.start[:5])],
    praise="{:.4f}, without a derivative of f, unbiased.",
)
def score_slope(f, mu, sigma, eps):
    """Say whether attempt(f, mu, sigma, eps) is the score-function slope with a leave-one-out baseline. Exercise 3."""
    z, score = mu + sigma * eps, eps / sigma
    value = f(z)
    others = (value.sum() - value) / (eps.size - 1)
    right, own_term_too = np.mean((value - others) * score), np.mean((value - value.mean()) * score)
    return right, {
        "the baseline contains the sample's own term; that shrinks the slope by 1/5.": own_term_too,
        "there is no baseline: subtract the mean of the other values.": np.mean(value * score),
        "the score in mu is eps / sigma; the division by sigma is missing, or you took z for eps.": right * sigma,
        "that baseline is f(mu), no mean of the other values.": np.mean((value - f(mu)) * score),
        "the score in mu is eps / sigma; you have a sigma too many below, or z for eps.": right / sigma,
        "that is the sum over the draws; take the mean.": right * eps.size,
        "the sign is wrong: f minus the baseline.": -right,
        "the mean of the others divides by 4, not by 5.": np.mean((value - others * 4 / 5) * score),
        "that is the pathwise slope; here f has no derivative to ask for.": np.mean(f(z + 1e-3) - f(z - 1e-3)) / 2e-3,
        "that is the slope in sigma.": np.mean((value - others) * (eps**2 - 1)) / sigma,
    }
