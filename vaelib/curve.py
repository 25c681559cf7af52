"""The VAE of one number with a curved or a strong decoder: how it learns, and what it is worth, exactly.

One latent means that every integral over z is a sum over a dense grid: log p(x), the true posterior and the gap need no
formula of their own. Training draws its eps afresh at every update and never sees that grid. Lesson 8.
"""

from typing import NamedTuple

import numpy as np

from vaelib import adam
from vaelib.best_normal import elbo_of_encoder_and_of_best, normal_moments
from vaelib.curved_model import KINDS, Curve, curve, encode, log_likelihood, slopes, start, steepness
from vaelib.data import HEAPS
from vaelib.domain import checked, data, non_negative, one, positive, rows, variance, whole_number, without_complaint
from vaelib.gaussian import gaussian_log_prob, kl_normal_to_standard
from vaelib.objective import Terms
from vaelib.quadrature import even_grid, log_sum_exp, stratified_normal
from vaelib.training import NUMBERS_AT_ONCE, History

DRAWS = 8  # at each update, for each data point
UPDATES = 10  # from one report to the next
NEGLIGIBLE = 30  # nats below the largest value: 1e-13 of it

VALUES = {"x": data, "params": curve, "recon_var": one(variance)}
SETTINGS = {"beta": one(non_negative), "recon_var": one(variance), "lr": one(positive), "steps": whole_number(1)}


class Run(NamedTuple):
    """What a training run leaves behind, or has so far: a report after every few updates, R of them."""

    params: Curve  # after the last update
    history: History  # at each report, (R,), on the dense grid
    updates: np.ndarray  # how many had been made at each report, (R,)


def train(x, **settings):
    """All updates at once: the last `Run` of `steps`, whose arguments these are."""
    *_, last = steps(x, **settings)
    return last


@checked(x=data, **KINDS, **SETTINGS)
def steps(x, *, encoder, decoder, hidden, beta=1.0, recon_var, lr, steps, rng):
    """Full-batch ascent on recon - beta kl by Adam, lr falling linearly to 0: a generator of the `Run` so far.

    The reports are at most 20 ms apart. Each update has draws of its own, stratified: DRAWS for each data point, one in
    each slice of the normal distribution. encoder "straight" or "curved", decoder "straight", "curved" or "two heaps";
    hidden units in each curve. `rng` draws the start, then eps. x (N,).
    """
    params = start.unchecked(encoder=encoder, decoder=decoder, hidden=hidden, rng=rng)
    return _reports(x, params, beta, recon_var, lr, steps, rng)


def _reports(x, params, beta, recon_var, lr, steps, rng):
    state, terms = adam.start(params), []
    updates = np.append(np.arange(UPDATES, steps, UPDATES), steps)
    for made in updates:
        while state.steps < made:
            rate = lr * (1 - state.steps / steps)
            params, state = _ascend(x, params, state, rate, rng, beta, recon_var)
        terms.append(expected_terms(x, params, recon_var=recon_var))
        recon, kl = np.transpose(terms)
        yield Run(params, History(recon, kl, recon - beta * kl), updates[: len(terms)])


@without_complaint
def _ascend(x, params, state, lr, rng, beta, recon_var):
    """One update, with draws of its own."""
    eps = stratified_normal(rng, DRAWS, x.shape)
    uphill = slopes(x, params, eps, beta=beta, recon_var=recon_var)
    params, state = adam.step(params, uphill, state, lr)
    return Curve(*params), state


@checked(**VALUES)
def expected_terms(x, params, *, recon_var):
    """What the parameters are worth: the exact terms, averaged over the data. x (N,) -> `Terms` of numbers.

    recon = integral of q(z given x) log p(x given z), on a grid dense enough for the widest q and the steepest bend.
    """
    mu, logvar = encode(x, params)
    recon, _, _ = normal_moments(x, mu, logvar, params, recon_var=recon_var)
    return Terms(recon.mean(), kl_normal_to_standard(mu, logvar).mean())


@checked(**VALUES)
def log_evidence(x, params, *, recon_var):
    """log p(x) of each data point, the logarithm of the integral of p(x given z) p(z). x (N,) -> (N,), nats."""
    z, width = _latent_grid(x, params, recon_var)
    blocks = np.array_split(x, x.size * z.size // NUMBERS_AT_ONCE + 1)
    return np.concatenate([log_sum_exp(_log_joint(of, z, params, recon_var)) for of in blocks]) + np.log(width)


def _log_joint(x, z, params, recon_var):
    """log p(x given z) p(z): x (N,), z (G,) -> (N, G)."""
    return log_likelihood(x[:, None], z, params, recon_var=recon_var) + gaussian_log_prob(z, 0.0, 1.0)


def _latent_grid(x, params, recon_var):
    """Nodes where p(x given z) p(z) is not negligible, closer together than any posterior is wide, and their width."""
    rough = np.linspace(-8, 8, 161)
    highest = _log_joint(x, rough, params, recon_var).max(axis=1).min()
    reach = np.sqrt(2 * (NEGLIGIBLE - 0.5 * np.log(recon_var) - highest))
    of_x_hat, of_bend = steepness(params, recon_var=recon_var)
    return even_grid(-reach, reach, 0.4 / max(np.hypot(1, of_x_hat), of_bend))


@checked(x_grid=data, params=curve, recon_var=one(variance))
def density(x_grid, params, *, recon_var):
    """The model's density at each x, per unit of x: exp(log_evidence). x_grid (K,) -> (K,)."""
    return np.exp(log_evidence.unchecked(x_grid, params, recon_var=recon_var))


@checked(z_grid=data, **VALUES)
def true_posterior(z_grid, x, params, *, recon_var):
    """The density of p(z given x) at each z, per unit of z, by Bayes' rule. z_grid (K,), x (N,) -> (N, K)."""
    evidence = log_evidence.unchecked(x, params, recon_var=recon_var)
    return np.exp(_log_joint(x, z_grid, params, recon_var) - evidence[:, None])


@checked(**VALUES)
def gap(x, params, *, recon_var):
    """log p(x) - ELBO of each data point in its two parts, each (N,), nats, 0 or above: x (N,) -> two of (N,).

    approximation = KL(best normal q to p(z given x)), what no normal distribution can do; amortisation = what this
    encoder's q misses of the best one.
    """
    of_encoder, of_best = elbo_of_encoder_and_of_best(x, params, recon_var=recon_var)
    approximation = log_evidence.unchecked(x, params, recon_var=recon_var) - of_best
    return np.maximum(approximation, 0), of_best - of_encoder


def draws_of_each(name, value, x):
    """`value` as the float array (K, N) of standard normal draws, K for each data point."""
    draws = rows(name, value)
    if draws.shape[1] != x.size:
        raise ValueError(f"{name} has {draws.shape[1]} columns; it must have one for each of the {x.size} data points.")
    return draws


@checked(**VALUES, draws=draws_of_each)
def importance_bound(x, params, draws, *, recon_var):
    """The importance-weighted bound L_K of each data point: log of the mean of K weights. -> (N,), nats.

    A weight is p(x given z) p(z) / q(z given x) at z = mu + sigma eps. On average the ELBO for K = 1, and never above
    log p(x); draws (K, N) are the eps. Burda et al. 2015.
    """
    mu, logvar = encode(x, params)
    z = mu + np.exp(0.5 * logvar) * draws
    log_q = gaussian_log_prob(draws, 0.0, 1.0) - 0.5 * logvar
    log_weights = log_likelihood(x, z, params, recon_var=recon_var) + gaussian_log_prob(z, 0.0, 1.0) - log_q
    return log_sum_exp(log_weights, axis=0) - np.log(len(draws))


@checked(params=curve, recon_var=one(variance))
def divergence_from_truth(params, *, recon_var):
    """KL(the toy's recipe to the model's density of x), in nats, never negative: what more data would not change.

    The integral of t (log t - log p) over x, t the two heaps from which the toy was drawn.
    """
    ends = [(mean - 6 * sd, mean + 6 * sd) for mean, sd in HEAPS]
    x, width = even_grid(np.min(ends), np.max(ends), 0.02)
    log_truth = np.logaddexp(*(gaussian_log_prob(x, mean, sd**2) for mean, sd in HEAPS)) - np.log(2)
    missed = log_truth - log_evidence.unchecked(x, params, recon_var=recon_var)
    return width * np.sum(np.exp(log_truth) * missed)
