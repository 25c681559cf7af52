"""Lesson 10: what its exercises tell. Its attempts are written in NumPy, as a test may run without PyTorch."""

import numpy as np
import pytest

from vaelib.gradients import finite_diff_grad
from vaelib.lessons.pytorch import check
from vaelib.model import START, LinearVAE
from vaelib.objective import elbo_terms

pytestmark = pytest.mark.pinned


def elbo(params):
    return elbo_terms(check.X, params, check.EPS, recon_var=0.30).elbo


def climb(steps, lr, slope_at):
    params = START
    for _ in range(steps):
        params = LinearVAE(*np.add(params, lr * np.array(slope_at(params))))
    return params


def loss_by_loops(x, x_hat, mu, logvar, recon_var):
    of_images = [
        sum((p - q) ** 2 for p, q in zip(*image, strict=True)) / recon_var
        + sum(m**2 + np.exp(l) - 1 - l for m, l in zip(*code, strict=True))
        for image, code in zip(zip(x, x_hat, strict=True), zip(mu, logvar, strict=True), strict=True)
    ]
    return sum(of_images) / len(of_images) / 2


def loss_of_a_beginner(x, x_hat, mu, logvar, recon_var):
    return np.mean((x - x_hat) ** 2) - 0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))


def mean_squared_error_and_kl(x, x_hat, mu, logvar, recon_var):
    kl = -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=1).mean()
    return np.mean((x - x_hat) ** 2) / (2 * recon_var) + kl


def without_zero_grad(steps, lr):
    kept = []

    def added_up(params):
        kept.append(finite_diff_grad(elbo, params, h=1e-5))
        return np.sum(kept, axis=0)

    return elbo(climb(steps, lr, added_up))


RECON_SLOPE = finite_diff_grad(lambda params: elbo_terms(check.X, params, check.EPS, recon_var=0.30).recon, START).a

RIGHT = {
    check.loss: {"loops": loss_by_loops},
    check.blocked_slope: {"by differences of a parabola": (4, RECON_SLOPE)},
    check.elbo_after: {
        "by differences": lambda steps, lr: elbo(
            climb(steps, lr, lambda params: finite_diff_grad(elbo, params, h=1e-5))
        )
    },
}
WRONG = {
    check.loss: {
        "too": loss_of_a_beginner,
        "the error is a mean over the pixels": mean_squared_error_and_kl,
    },
    check.blocked_slope: {"line 8 is right": (8, RECON_SLOPE), "as it stands": (4, 0.0)},
    check.elbo_after: {"zero_grad is missing": without_zero_grad},
}
