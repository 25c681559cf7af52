"""The exercises of lesson 3."""

import numpy as np

from vaelib import data
from vaelib.check.verdict import answer_of, judge
from vaelib.exact import optimum
from vaelib.gradients import finite_diff_grad, pathwise_grad
from vaelib.model import START, decode, encode, reparameterize
from vaelib.objective import elbo_terms, expected_terms
from vaelib.training import train

BETA, RECON_VAR, LR = 1.0, 0.3, 0.025
HERE = START._replace(m=1.5)  # the slopes are asked for here, where no lesson has printed them


def slope_in_m(attempt):
    """Say whether attempt(f, params, eps, h) is the central difference in m. Exercise 1 of lesson 3."""
    x, eps, h = data.toy(), data.seed_draws().start, 1e-3
    draws_used = []

    def objective(params, eps):
        draws_used.append(eps)
        return elbo_terms(x, params, eps, recon_var=RECON_VAR).objective(BETA)

    answer = answer_of(attempt, objective, HERE, eps, h)
    if any(np.shape(draws) != eps.shape or np.any(draws != eps) for draws in draws_used):
        print("Not yet: an evaluation used draws other than eps, so you measure their difference and not the slope.")
        return
    slopes = finite_diff_grad(lambda params: objective(params, eps), HERE, h)
    right = slopes.m
    up, here, down = (objective(HERE._replace(m=HERE.m + step), eps) for step in (h, 0.0, -h))
    mistakes = {
        "the two points are 2 h apart, and you divided by h.": 2 * right,
        "you have the difference of two objectives; divide by their distance, 2 h.": up - down,
        "put the difference in brackets before you divide.": up - down / (2 * h),
        "put 2 * h in brackets: dividing by 2 and multiplying by h is not dividing by 2 h.": (up - down) / 2 * h,
        "the sign is wrong: take the objective at m + h minus the one at m - h.": -right,
        "that is a one-sided difference; step to both sides of m.": (up - here) / h,
        "that is a one-sided difference, to the left; step to both sides of m.": (here - down) / h,
    }
    mistakes |= {f"that is the slope in {name}; move m.": getattr(slopes, name) for name in "abcdn"}
    judge(answer, right, f"the slope in m is {right:.4f}, from two evaluations with the same draws.", mistakes)


def pathwise_slope_in_m(attempt):
    """Say whether attempt(x, params, eps, recon_var) is the pathwise slope in m. Exercise 2 of lesson 3."""
    x, eps = data.toy(), data.seed_draws().start
    answer = answer_of(attempt, x, HERE, eps, RECON_VAR)
    mu, logvar = encode(x, HERE)
    z = reparameterize(mu, logvar, eps)
    residual = x - decode(z, HERE)
    right = pathwise_grad(x, HERE, eps, beta=BETA, recon_var=RECON_VAR).m

    def slope_with_spread(spread):
        z = mu + spread * eps
        return np.mean((x - decode(z, HERE)) * z) / RECON_VAR

    mistakes = {
        "that is the sum over the data; the objective is a mean.": right * x.size,
        "divide by recon_var: recon is minus the squared residual over 2 recon_var.": right * RECON_VAR,
        "the square of the residual gives a factor 2, and recon has 2 recon_var below: they cancel.": right / 2,
        "recon has 2 recon_var below, which cancels the factor 2 of the square.": right * 2,
        "recon_var is a variance already; do not square it.": right / RECON_VAR,
        "the sign is wrong: x_hat enters the residual x - x_hat with a minus.": -right,
        "you decoded mu: the noise is left out, z = mu + sigma eps.": np.mean((x - decode(mu, HERE)) * mu) / RECON_VAR,
        "the residual belongs to z, but you multiplied it by mu.": np.mean(residual * mu) / RECON_VAR,
        "d x_hat / d m is z: multiply each residual by its z before the mean.": np.mean(residual) / RECON_VAR,
        "d x_hat / d m is z, the whole latent draw, not eps.": np.mean(residual * eps) / RECON_VAR,
        "d x_hat / d m is z, not m.": HERE.m * np.mean(residual) / RECON_VAR,
        "d x_hat / d m is z, not x.": np.mean(residual * x) / RECON_VAR,
        "multiply point by point, then take the mean; the mean of a product is not the product of the means.": (
            np.mean(residual) * np.mean(z) / RECON_VAR
        ),
        "sigma is exp(logvar / 2): you used the log-variance itself.": slope_with_spread(logvar),
        "sigma is exp(logvar / 2): you used the variance.": slope_with_spread(np.exp(logvar)),
    }
    judge(answer, right, f"{right:.4f}, the number of exercise 1, without a step width h.", mistakes, tolerance=1e-6)


def steps_to_regret(answer):
    """Say whether `answer` is the number of steps until the regret is below 0.01. Exercise 3 of lesson 3."""
    x, fixed = data.toy(), data.seed_draws().beta1
    best = expected_terms(x, optimum(x, recon_var=RECON_VAR), recon_var=RECON_VAR).objective(BETA)
    settings = {"recon_var": RECON_VAR, "lr": LR, "steps": 1500}
    exact_run, fixed_run = (train(x, noise=noise, **settings) for noise in ("exact", fixed))

    def steps_until(objective, regret=0.01):
        return 1 + int(np.argmax(best - objective < regret))

    right = steps_until(exact_run.history.objective)
    expected_of_fixed = expected_terms(x, fixed_run.path, recon_var=RECON_VAR).objective(BETA)
    mistakes = {
        "history[0] is recorded after step 1, so the step is the index plus 1.": right - 1,
        "that is when the regret is below 0.001.": steps_until(exact_run.history.objective, regret=0.001),
        "that is when the run's own draws report it; the exercise asks for the exact expectation.": steps_until(
            fixed_run.history.objective
        ),
        "that is a run with the original's fixed draws; train with the exact expectation.": steps_until(
            expected_of_fixed
        ),
        "the regret is best - objective, not the objective, and it starts above 0.01.": 1,
    }
    judge(answer, right, f"{right} steps, more than twice the original's 140.", mistakes, tolerance=0)
