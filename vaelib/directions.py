"""The linear VAE of D numbers and K latents: which directions of the data it keeps, by training and in closed form.

Encoder q(z given x) = N(A (x - mean), diag(exp(logvar))), decoder N(W z + mean, recon_var) for each of the D numbers.
All terms are per data point, summed over its D numbers and its K latents, in nats. Lesson 7.
"""

import reprlib
from typing import NamedTuple

import numpy as np

from vaelib import adam
from vaelib.domain import checked, non_negative, one, positive, rows, variance, whole_number
from vaelib.objective import Terms
from vaelib.training import History

START_SCALE = 0.05
SETTINGS = {"latents": whole_number(1), "beta": one(positive), "recon_var": one(variance)}


class Directions(NamedTuple):
    """The parameters; row k of A and column k of W belong to latent k."""

    A: np.ndarray  # (K, D)
    W: np.ndarray  # (D, K)
    logvar: np.ndarray  # (K,), the same for every x
    mean: np.ndarray  # (D,)


class Run(NamedTuple):
    """What a training run leaves behind; in `path`, A, W and logvar have a first axis of steps, the mean stays."""

    params: Directions  # after the last step
    history: History  # after each step, (steps,), at the recon_var of that step
    path: Directions  # after each step
    rates: np.ndarray  # the KL of each latent after each step, (steps, K), nats
    recon_var: np.ndarray  # after each step, (steps,)


def parameters(name, value, x):
    """`value` as `Directions` that fit the D numbers of each data point in x."""
    shapes = [np.shape(field) for field in value] if isinstance(value, tuple) else []
    latents, numbers = shapes[2][0] if len(shapes) == 4 and shapes[2] else 0, x.shape[1]
    if shapes != [(latents, numbers), (numbers, latents), (latents,), (numbers,)]:
        given = ", ".join(map(str, shapes)) or f"no shapes, being {reprlib.repr(value)}"
        due = f"(K, {numbers}), ({numbers}, K), (K,), ({numbers},)"
        raise ValueError(f"{name} has {given}; its A, W, logvar and mean must have {due}.")
    return Directions(*(np.asarray(field, float) for field in value))


def START(K, D, rng):
    """Where training starts: small random weights, codes as wide as the prior. K latents, D numbers -> `Directions`."""
    A, W = START_SCALE * rng.standard_normal((K, D)), START_SCALE * rng.standard_normal((D, K))
    return Directions(A, W, np.zeros(K), np.zeros(D))


@checked(x=rows, params=parameters, recon_var=one(variance))
def expected_terms(x, params, *, recon_var):
    """The exact terms, averaged over the data: x (N, D) -> `Terms` of numbers.

    recon = -(D log(2 pi recon_var) + error / recon_var) / 2, where error = |x - x_hat|^2, expected over z ~ q;
    kl = sum over the latents of (mu^2 + sigma^2 - 1 - logvar) / 2.
    """
    error, rates, _ = _expected(_moments(x, params.mean), *params[:3])
    return Terms(_recon(error, recon_var, x.shape[1]), rates.sum())


@checked(x=rows, params=parameters, beta=one(non_negative), recon_var=one(variance))
def expected_grad(x, params, *, beta=1.0, recon_var):
    """The exact slope of recon - beta kl in every parameter, by the chain rule, as `Directions`. x (N, D)."""
    moments, away = _moments(x, params.mean), x.mean(axis=0) - params.mean
    _, _, products = _expected(moments, *params[:3])
    missed = away - params.W @ (params.A @ away)
    of_mean = (missed - params.A.T @ (params.W.T @ missed)) / recon_var + beta * params.A.T @ (params.A @ away)
    return Directions(*_slopes(moments, params.W, params.logvar, *products, beta, recon_var), of_mean)


@checked(x=rows, **SETTINGS | {"beta": one(non_negative)}, lr=one(positive), steps=whole_number(1))
def train(x, *, latents, beta=1.0, recon_var, lr, steps, rng, learn_recon_var=False):
    """Full-batch ascent on recon - beta kl by Adam, lr falling linearly to 0, from `START` around the data's mean.

    The expectation over z is exact: `rng` draws the start and nothing else. With learn_recon_var the logarithm of
    recon_var is learned as well, from recon_var on. Numbers that are not finite, after an lr that is far too large,
    are a result, not an error. -> `Run`.
    """
    mean, numbers = x.mean(axis=0), x.shape[1]
    moments = _moments(x, mean)
    learned = (*START(latents, numbers, rng)[:3], np.log(recon_var))
    params, places = adam.flat(learned), adam.places(learned)
    slopes, state = np.zeros_like(params), adam.start((params,))
    of_A, of_W, of_logvar, _ = adam.fields(slopes, places)
    path, terms, rates = np.empty((steps, params.size)), np.empty((steps, 2)), np.empty((steps, latents))
    for step in range(steps + 1):
        A, W, logvar, log_v = adam.fields(params, places)
        v = np.exp(log_v)
        error, rate, products = _expected(moments, A, W, logvar)
        if step:
            path[step - 1], terms[step - 1], rates[step - 1] = params, (_recon(error, v, numbers), rate.sum()), rate
        of_A[:], of_W[:], of_logvar[:] = _slopes(moments, W, logvar, *products, beta, v)
        slopes[-1] = (error / v - numbers) / 2 if learn_recon_var else 0.0
        (params,), state = adam.step((params,), (slopes,), state, lr * (1 - step / steps))
    recon, kl = terms.T
    A, W, logvar, log_v = adam.fields(path, places)
    last = Directions(A[-1], W[-1], logvar[-1], mean)
    return Run(last, History(recon, kl, recon - beta * kl), Directions(A, W, logvar, mean), rates, np.exp(log_v))


def _moments(x, mean):
    """The mean of (x - mean) (x - mean)^T, (D, D)."""
    return (x - mean).T @ (x - mean) / len(x)


def _recon(error, v, numbers):
    """The reconstruction term of a data point with so many numbers."""
    return -0.5 * (numbers * np.log(2 * np.pi * v) + error / v)


def _expected(moments, A, W, logvar):
    """The squared error and the KL of each latent, and what both are made of.

    These products are the moments of code and data (K, D), of z with itself (K, K), and W^T W (K, K).
    """
    z_with_x, gram = A @ moments, W.T @ W
    z_with_z = z_with_x @ A.T
    z_with_z.flat[:: len(z_with_z) + 1] += np.exp(logvar)
    error = moments.trace() - 2 * np.vdot(z_with_x, W.T) + np.vdot(z_with_z, gram)
    return error, 0.5 * (z_with_z.diagonal() - 1 - logvar), (z_with_x, z_with_z, gram)


def _slopes(moments, W, logvar, z_with_x, z_with_z, gram, beta, v):
    of_A = (W.T @ moments - gram @ z_with_x) / v - beta * z_with_x
    of_W = (z_with_x.T - W @ z_with_z) / v
    of_logvar = 0.5 * (beta - np.exp(logvar) * (gram.diagonal() / v + beta))
    return of_A, of_W, of_logvar


@checked(x=rows)
def spectrum(x):
    """The variances of the data along their principal directions, and these directions.

    The eigenvalues of the covariance (divided by N), falling, and its unit eigenvectors as columns.
    x (N, D) -> eigenvalues (D,), vectors (D, D).
    """
    eigenvalues, vectors = np.linalg.eigh(_moments(x, x.mean(axis=0)))
    return np.maximum(eigenvalues[::-1], 0), vectors[:, ::-1]


@checked(x=rows, **SETTINGS)
def in_use(x, *, latents, beta=1.0, recon_var):
    """How many latents the optimum uses: the eigenvalues above beta recon_var, the level, among the first `latents`."""
    return int(np.sum(spectrum.unchecked(x)[0][:latents] > beta * recon_var))


@checked(x=rows, **SETTINGS)
def rates(x, *, latents, beta=1.0, recon_var):
    """The KL of each latent at the optimum: half log(eigenvalue / (beta recon_var)), not below 0. -> (K,), nats.

    A latent beyond the D numbers of a data point has nothing to say: 0.
    """
    return -0.5 * optimum.unchecked(x, latents=latents, beta=beta, recon_var=recon_var).logvar


@checked(x=rows, **SETTINGS)
def optimum(x, *, latents, beta=1.0, recon_var):
    """The parameters with the highest expected objective, in closed form, columns by falling eigenvalue.

    Along the principal direction u of a variance lambda above the level beta v, lesson 4's line: W_k = m u with
    m^2 = lambda - beta v, A_k = m / lambda u, sigma^2 = beta v / lambda. A latent below the level is 0, with sigma 1.
    """
    eigenvalues, vectors = spectrum.unchecked(x)
    kept, level = min(latents, x.shape[1]), beta * recon_var
    eigenvalues = np.append(eigenvalues, np.zeros(latents))[:latents]  # 0 where there are more latents than numbers
    m = np.sqrt(np.maximum(eigenvalues - level, 0))
    W = np.zeros((x.shape[1], latents))
    W[:, :kept] = vectors[:, :kept] * m[:kept]
    A = W.T / np.maximum(eigenvalues, level)[:, None]
    return Directions(A, W, -np.log(np.maximum(eigenvalues / level, 1)), x.mean(axis=0))


@checked(x=rows, params=parameters, recon_var=one(variance))
def log_evidence(x, params, *, recon_var):
    """log p(x) of each data point: the model's density is N(mean, W W^T + recon_var I). x (N, D) -> (N,), nats."""
    covariance = params.W @ params.W.T + recon_var * np.eye(x.shape[1])
    away = x - params.mean
    distance = np.sum(away * np.linalg.solve(covariance, away.T).T, axis=1)
    return -0.5 * (distance + np.linalg.slogdet(2 * np.pi * covariance)[1])


@checked(x=rows, latents=whole_number(1), beta=one(positive))
def best_recon_var(x, *, latents, beta=1.0):
    """The recon_var with the highest optimum, which a decoder that learns it should arrive at.

    With k latents in use it is (sum of the eigenvalues left out) / (D - beta k): at beta 1 the mean of what is left
    out. Of the k that agree with their own level the one with the highest objective. ValueError where nothing is left
    out: then no value is the best.
    """
    eigenvalues, numbers = spectrum.unchecked(x)[0], x.shape[1]
    kept = min(latents, numbers)
    left_out = np.append(np.cumsum(eigenvalues[::-1])[::-1], 0.0)  # with 0, 1, ... latents in use
    if left_out[kept] <= numbers * np.finfo(float).eps * eigenvalues[0] and beta * kept <= numbers:
        raise ValueError(f"latents is {latents}; it must be fewer than the directions in which the data vary.")
    agreeing = []
    for k in range(kept + 1):
        v = left_out[k] / (numbers - beta * k) if beta * k < numbers else np.inf
        if np.sum(eigenvalues[:kept] > beta * v) == k and 0 < v < np.inf:
            error = left_out[k] + k * beta * v
            agreeing.append((_recon(error, v, numbers) - beta * np.log(eigenvalues[:k] / (beta * v)).sum() / 2, v))
    return float(max(agreeing)[1])
