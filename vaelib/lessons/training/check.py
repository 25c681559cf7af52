"""The exercises of lesson 3."""

import functools

import numpy as np

from vaelib import data
from vaelib.exact import optimum
from vaelib.gradients import finite_diff_grad, pathwise_grad
from vaelib.lessons.answer import NoAnswer
from vaelib.lessons.verdict import exercise
from vaelib.model import START, LinearVAE, decode, encode
from vaelib.objective import elbo_terms, expected_terms
from vaelib.training import train

BETA, RECON_VAR, LR = 1.0, 0.3, 0.025
X, DRAWS = data.toy(), data.seed_draws()
HERE = START._replace(m=1.5)  # the slopes are asked for here, where no lesson has printed them
ELSEWHERE = LinearVAE(a=-0.3, b=0.4, c=0.1, d=-1.2, m=-0.8, n=0.5)


def _slope_case(params, eps, h):
    """A case of `slope_in_m`: f, which takes no other draws than eps, params, eps, h."""

    def f(params, draws):
        if np.shape(draws) != eps.shape or not np.allclose(draws, eps, rtol=1e-6):
            raise NoAnswer(
                "an evaluation used draws other than eps, so you measure their difference and not the slope."
            )
        return elbo_terms(X, params, draws, recon_var=RECON_VAR).objective(BETA)

    return f, params, eps, h


@exercise(
    # f is a parabola in m, so its central difference is the slope at any h; a large one leaves float32 room.
    cases=[_slope_case(HERE, DRAWS.start, 0.25), _slope_case(ELSEWHERE, DRAWS.beta1, 0.125)],
    praise="the slope in m is {:.4f}, from two evaluations with the same draws.",
)
def slope_in_m(f, params, eps, h):
    """Say whether attempt(f, params, eps, h) is the central difference in m. Exercise 1 of lesson 3."""
    slopes = finite_diff_grad(lambda params: f(params, eps), params, h)
    right = slopes.m
    up, here, down = (f(params._replace(m=params.m + step), eps) for step in (h, 0.0, -h))
    mistakes = {
        "the two points are 2 h apart, and you divided by h.": 2 * right,
        "you have the difference of two objectives; divide by their distance, 2 h.": up - down,
        "put the difference in brackets before you divide.": up - down / (2 * h),
        "put 2 * h in brackets: dividing by 2 and multiplying by h is not dividing by 2 h.": (up - down) / 2 * h,
        "the sign is wrong: take the objective at m + h minus the one at m - h.": -right,
        "that is a one-sided difference; step to both sides of m.": (up - here) / h,
        "that is a one-sided difference, to the left; step to both sides of m.": (here - down) / h,
    }
    return right, mistakes | {f"that is the slope in {name}; move m.": getattr(slopes, name) for name in "abcdn"}


@exercise(
    cases=[(X, HERE, DRAWS.start, RECON_VAR), (X[20:80], ELSEWHERE, DRAWS.beta1[:60], 1.4)],
    praise="{:.4f}, the number of exercise 1, without a step width h.",
)
def pathwise_slope_in_m(x, params, eps, recon_var):
    """Say whether attempt(x, params, eps, recon_var) is the pathwise slope in m. Exercise 2 of lesson 3."""
    mu, logvar = encode(x, params)
    z, z_by_logvar, z_by_var = (mu + spread * eps for spread in (np.exp(logvar / 2), logvar, np.exp(logvar)))
    right = pathwise_grad(x, params, eps, beta=BETA, recon_var=recon_var).m

    def slope(z, factor):
        return np.mean((x - decode(z, params)) * factor) / recon_var

    return right, {
        "that is the sum over the data; the objective is a mean.": right * x.size,
        "divide by recon_var: recon is minus the squared residual over 2 recon_var.": right * recon_var,
        "the square of the residual gives a factor 2, and recon has 2 recon_var below: they cancel.": right / 2,
        "recon has 2 recon_var below, which cancels the factor 2 of the square.": right * 2,
        "recon_var is a variance already; do not square it.": right / recon_var,
        "the sign is wrong: x_hat enters the residual x - x_hat with a minus.": -right,
        "you decoded mu: the noise is left out, z = mu + sigma eps.": slope(mu, mu),
        "the residual belongs to z, but you multiplied it by mu.": slope(z, mu),
        "d x_hat / d m is z: multiply each residual by its z before the mean.": slope(z, 1),
        "d x_hat / d m is z, the whole latent draw, not eps.": slope(z, eps),
        "d x_hat / d m is z, not m.": slope(z, params.m),
        "d x_hat / d m is z, not x.": slope(z, x),
        "multiply point by point, then take the mean; the mean of a product is not the product of the means.": slope(
            z, np.mean(z)
        ),
        "sigma is exp(logvar / 2): you used the log-variance itself.": slope(z_by_logvar, z_by_logvar),
        "sigma is exp(logvar / 2): you used the variance.": slope(z_by_var, z_by_var),
    }


@exercise(praise="{:.0f} steps, more than twice the original's 140.")
@functools.cache
def steps_to_regret():
    """Say whether `answer` is the number of steps until the regret is below 0.01. Exercise 3 of lesson 3."""
    best = expected_terms(X, optimum(X, recon_var=RECON_VAR), recon_var=RECON_VAR).objective(BETA)
    settings = {"recon_var": RECON_VAR, "lr": LR, "steps": 1500}
    exact_run, fixed_run = (train(X, noise=noise, **settings) for noise in ("exact", DRAWS.beta1))

    def steps_until(objective, regret=0.01):
        return 1 + int(np.argmax(best - objective < regret))

    right = steps_until(exact_run.history.objective)
    reported = steps_until(fixed_run.history.objective)
    of_fixed_run = steps_until(expected_terms(X, fixed_run.path, recon_var=RECON_VAR).objective(BETA))
    return right, {
        "history[0] is recorded after step 1, so the step is the index plus 1.": right - 1,
        "that is when the regret is below 0.001.": steps_until(exact_run.history.objective, regret=0.001),
        "that is when the run's own draws report it; the exercise asks for the exact expectation.": reported,
        "that is a run with the original's fixed draws; train with the exact expectation.": of_fixed_run,
        "the regret is best - objective, not the objective, and it starts above 0.01.": 1,
    }
