"""The exercises of lesson 3: what a learner may write, and the verdict made for it."""

import numpy as np

from learner import said
from vaelib import check


def moved(params, h, name="m"):
    return params._replace(**{name: getattr(params, name) + h})


def central(name):
    def attempt(f, params, eps, h):
        return (f(moved(params, h, name), eps) - f(moved(params, -h, name), eps)) / (2 * h)

    return attempt


def fresh_draws(f, params, eps, h):
    rng = np.random.default_rng(0)
    up = f(moved(params, h), rng.standard_normal(eps.size))
    return (up - f(moved(params, -h), rng.standard_normal(eps.size))) / (2 * h)


def with_z(factor):
    """The slope with `factor(residual, z, params, x)` in the place of residual * z, averaged."""

    def attempt(x, params, eps, recon_var):
        sigma = np.exp((params.c * x + params.d) / 2)
        z = params.a * x + params.b + sigma * eps
        return factor(x - params.m * z - params.n, z, params, x) / recon_var

    return attempt


pathwise = with_z(lambda residual, z, params, x: np.mean(residual * z))


def with_spread(spread):
    def attempt(x, params, eps, recon_var):
        z = params.a * x + params.b + spread(params.c * x + params.d) * eps
        return np.mean((x - params.m * z - params.n) * z) / recon_var

    return attempt


def times_eps(x, params, eps, recon_var):
    return with_z(lambda residual, *rest: np.mean(residual * eps))(x, params, eps, recon_var)


RIGHT = {
    check.slope_in_m: {
        "central": central("m"),
        "half a difference": lambda f, p, eps, h: 0.5 * (f(moved(p, h), eps) - f(moved(p, -h), eps)) / h,
    },
    check.pathwise_slope_in_m: {
        "by hand": pathwise,
        "as an array": lambda *args: np.array(pathwise(*args)),
        "as a dot product": with_z(lambda residual, z, params, x: residual @ z / len(x)),
    },
    check.steps_to_regret: {"a whole number": 334, "of numpy": np.int64(334)},
}

WRONG = {
    check.slope_in_m: {
        "2 h apart, and you divided by h": lambda f, p, eps, h: (f(moved(p, h), eps) - f(moved(p, -h), eps)) / h,
        "the sign is wrong": lambda f, p, eps, h: (f(moved(p, -h), eps) - f(moved(p, h), eps)) / (2 * h),
        "draws other than eps": fresh_draws,
        "put the difference in brackets": lambda f, p, eps, h: f(moved(p, h), eps) - f(moved(p, -h), eps) / (2 * h),
        "put 2 * h in brackets": lambda f, p, eps, h: (f(moved(p, h), eps) - f(moved(p, -h), eps)) / 2 * h,
        "a one-sided difference; step": lambda f, p, eps, h: (f(moved(p, h), eps) - f(p, eps)) / h,
        "to the left; step": lambda f, p, eps, h: (f(p, eps) - f(moved(p, -h), eps)) / h,
    }
    | {f"that is the slope in {name}; move m": central(name) for name in "abcdn"},
    check.pathwise_slope_in_m: {
        "that is the sum": with_z(lambda residual, z, params, x: np.sum(residual * z)),
        "divide by recon_var": lambda x, p, eps, v: pathwise(x, p, eps, 1.0),
        "cancels the factor 2": with_z(lambda residual, z, params, x: 2 * np.mean(residual * z)),
        "they cancel": lambda x, p, eps, v: pathwise(x, p, eps, 2 * v),
        "do not square it": lambda x, p, eps, v: pathwise(x, p, eps, v**2),
        "the noise is left out": lambda x, p, eps, v: pathwise(x, p, 0 * eps, v),
        "not eps": times_eps,
        "point by point": with_z(lambda residual, z, params, x: residual.mean() * z.mean()),
        "you used the log-variance": with_spread(lambda logvar: logvar),
        "you used the variance": with_spread(np.exp),
    },
    check.steps_to_regret: {
        "the index plus 1": 333,
        "the run's own draws report it": 214,
        "with the original's fixed draws": 738,
        "best - objective": 1,
        "below 0.001": 571,
        "100 is too small": 100,
        "2000 is too large": 2000,
    },
}


def test_an_objective_rounded_to_float32_still_has_the_right_slope_in_m(capsys):
    def attempt(f, params, eps, h):
        up, down = (np.float32(f(moved(params, step), eps.astype(np.float32))) for step in (h, -h))
        return (up - down) / np.float32(2 * h)

    assert said(capsys, check.slope_in_m, attempt).startswith("Right: ")


def test_eps_changed_in_place_does_not_change_the_right_slope_in_m(capsys):
    def attempt(x, params, eps, recon_var):
        z = eps
        z *= np.exp((params.c * x + params.d) / 2)
        z += params.a * x + params.b
        return np.mean((x - params.m * z - params.n) * z) / recon_var

    assert said(capsys, check.pathwise_slope_in_m, attempt).startswith("Right: ")
