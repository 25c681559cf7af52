"""Gradient ascent on the objective, one run or thousands of runs in the same loop."""

from typing import NamedTuple

import numpy as np

from vaelib.domain import checked, data, draws, finite_parameters, non_negative, one, positive, variance, whole_number
from vaelib.gradients import expected_grad, pathwise_grad
from vaelib.model import START, LinearVAE
from vaelib.objective import elbo_terms, expected_terms

NUMBERS_AT_ONCE = 2**18  # 2 MB: an array of `_terms_along` is larger only where one step of all runs is


class History(NamedTuple):
    """The terms after each update, in nats per data point, each of shape (steps, ...)."""

    recon: np.ndarray
    kl: np.ndarray
    objective: np.ndarray


class Run(NamedTuple):
    """What a training run leaves behind; `...` is the shape of beta, recon_var, lr and start together."""

    params: LinearVAE  # after the last step, each of shape (...)
    history: History
    path: LinearVAE  # after each step, each of shape (steps, ...)
    diverged: np.ndarray  # the index in history of the first number that is not finite, or -1


@checked(
    x=data,
    beta=non_negative,
    recon_var=variance,
    lr=positive,
    steps=whole_number(1),
    start=finite_parameters,
    warmup=whole_number(0),
    free_bits=one(non_negative),
)
def train(x, *, beta=1.0, recon_var, lr, steps=140, noise, start=START, rng=None, warmup=0, free_bits=0.0):
    """Full-batch gradient ascent on recon - beta max(kl, free_bits) from `start`: params += lr * slope, `steps` times.

    noise: an array (N,) of fixed draws, "fresh" (new draws each step from `rng`, the same for all runs) or "exact" (the
    expectation). beta, recon_var and lr broadcast: every combination is trained at once. warmup: steps over which beta
    rises linearly from 0. history has the terms of the path, with the final beta and the draws that led there, which
    makes it slightly optimistic with fresh draws.
    A run that diverges is a result, not an error: see `Run`. ValueError for arguments out of range. Lesson 3.
    """
    beta, recon_var, lr, *start = _together(beta, recon_var, lr, *start)
    eps = _eps(noise, x, steps, rng)
    params = LinearVAE(*start)
    path = np.empty((6, steps, *beta.shape))
    for step in range(steps):
        weight = beta * min(step / warmup, 1.0) if warmup else beta
        if free_bits:
            kl = expected_terms.unchecked(x, params, recon_var=recon_var).kl
            weight = np.where(kl > free_bits, weight, 0.0)
        slopes = _slopes(x, params, eps[step], weight, recon_var)
        params = LinearVAE(*(value + lr * slope for value, slope in zip(params, slopes, strict=True)))
        path[:, step] = params
    recon, kl = _terms_along(path, x, eps, recon_var)
    objective = recon - beta * np.maximum(kl, free_bits)
    return _result(path, History(recon, kl, objective))


def _together(*values):
    """The values in one common shape; numbers stay numbers."""
    try:
        return [value[()] for value in np.broadcast_arrays(*values)]
    except ValueError:
        shapes = ", ".join(str(np.shape(value)) for value in values)
        names = "beta, recon_var, lr and the six of start"
        raise ValueError(f"{names} have shapes {shapes}; they must broadcast to one shape.") from None


def _eps(noise, x, steps, rng):
    """One entry per step: draws (N,), or None for the exact expectation."""
    if np.ndim(noise):
        return np.broadcast_to(draws("noise", noise, x), (steps, x.size))
    if noise == "exact":
        return [None] * steps
    if noise != "fresh":
        raise ValueError(f'noise is {noise!r}; it must be an array of draws, "fresh" or "exact".')
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f'rng is {rng!r}; with noise="fresh" it must be a numpy random Generator.')
    return rng.standard_normal((steps, x.size))


def _slopes(x, params, eps, beta, recon_var):
    if eps is None:
        return expected_grad.unchecked(x, params, beta=beta, recon_var=recon_var)
    return pathwise_grad.unchecked(x, params, eps, beta=beta, recon_var=recon_var)


def _terms_along(path, x, eps, recon_var):
    """recon and kl at every step of the path, several steps in one computation as long as memory stays small."""
    steps, *runs = path.shape[1:]
    block = max(1, NUMBERS_AT_ONCE // (x.size * max(1, recon_var.size)))
    terms = np.empty((2, steps, *runs))
    for first in range(0, steps, block):
        now = slice(first, first + block)
        params = LinearVAE(*path[:, now])
        if eps[0] is None:
            terms[:, now] = expected_terms.unchecked(x, params, recon_var=recon_var)
        else:
            of_runs = eps[now].reshape(-1, *(1 for _ in runs), x.size)
            terms[:, now] = elbo_terms.unchecked(x, params, of_runs, recon_var=recon_var)
    return terms


def _result(path, history):
    """The run, with NaN from the first step on at which anything is not finite."""
    broken = ~np.isfinite([*path, *history]).all(axis=0)
    broken = np.logical_or.accumulate(broken, axis=0)
    diverged = np.where(broken[-1], broken.argmax(axis=0), -1)[()]
    path = LinearVAE(*np.where(broken, np.nan, path))
    history = History(*np.where(broken, np.nan, history))
    return Run(LinearVAE(*(values[-1] for values in path)), history, path, diverged)
