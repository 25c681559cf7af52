"""A VAE of two small networks on images: how it learns, in mini-batches, and what it is worth, by draws. Lesson 9."""

from typing import NamedTuple

import numpy as np

from vaelib import adam
from vaelib.domain import checked, non_negative, one, positive, rows, whole_number
from vaelib.encoder_decoder import LIKELIHOOD, Network, backward, encode, forward, log_likelihood, network, start, terms
from vaelib.encoder_decoder import decode as decode
from vaelib.encoder_decoder import slope_in_log_recon_var as slope_in_log_recon_var
from vaelib.encoder_decoder import slopes as slopes
from vaelib.objective import Terms
from vaelib.quadrature import log_sum_exp
from vaelib.training import History

UPDATES, PRODUCTS = 15, 2**24  # from one report to the next: so many at most, fewer where each takes long
DRAWS = 10  # of `expected_terms`, for each image
DRAWS_AT_ONCE = 2000  # of `importance_log_evidence`


class Run(NamedTuple):
    """What a training run leaves behind, or has so far: a report after every few updates, R of them."""

    params: Network  # after the last update
    recon_var: float  # after the last update
    history: History  # at each report, (R,): means over the last updates, as many as an epoch has
    test: History | None  # at each report, (R,): means over the test images, each with one draw that stays
    updates: np.ndarray  # how many had been made at each report, (R,)


def train(images, **settings):
    """All updates at once: the last `Run` of `steps`, whose arguments these are."""
    *_, last = steps(images, **settings)
    return last


@checked(
    images=rows, latents=whole_number(1), hidden=whole_number(0), beta=one(non_negative), lr=one(positive),
    epochs=whole_number(1), batch=whole_number(1), **LIKELIHOOD,
)  # fmt: skip
def steps(
    images, *, latents, hidden, beta=1.0, recon_var, lr, epochs, batch, rng, learn_recon_var=False,
    likelihood="normal", test=None,
):  # fmt: skip
    """Ascent on recon - beta kl by Adam, lr falling linearly to 0: a generator of the `Run` so far, 20 ms apart.

    Each epoch deals the images (N, D) out anew, into batches of nearly the same size, `batch` at most; each update has
    fresh draws. hidden: units in each network, 0 for straight lines. With learn_recon_var its logarithm is learned too.
    likelihood "normal", or "bernoulli" for pixels from 0 to 1. `test` images (T, D) are looked at and not learned from.
    `rng` draws the start around the mean image, then order and eps.
    """
    bias, pixels = images.mean(axis=0), images.shape[1]
    if test is not None and rows("test", test).shape[1] != pixels:
        raise ValueError(f"test has {np.shape(test)[1]} columns; it must have {pixels}, as many as images.")
    if likelihood == "bernoulli":
        if images.min() < 0 or images.max() > 1:
            raise ValueError(f"images go from {images.min():g} to {images.max():g}; a pixel must be from 0 to 1.")
        share = (bias * len(images) + 0.5) / (len(images) + 1)  # neither 0 nor 1
        bias = np.log(share / (1 - share))
    params = start(pixels, latents, hidden, rng, bias)
    watching = None if test is None else (test, rng.spawn(1)[0].standard_normal((len(test), latents)))
    batches = -(-len(images) // batch)
    learn = learn_recon_var and likelihood == "normal"
    learning = _updates(images, params, lr, epochs, batches, rng, recon_var, learn, beta, likelihood)
    every = PRODUCTS * batches // (len(images) * sum(map(np.size, params)))
    return _reports(learning, epochs * batches, np.clip(every, 1, UPDATES), batches, watching, beta, likelihood)


def _updates(images, params, lr, epochs, batches, rng, recon_var, learn, beta, likelihood):
    """After each update its weights and its recon_var, and the terms of its batch before it."""
    learned = (*params, np.log(recon_var))
    state = adam.start(learned)
    for _ in range(epochs):
        for x in (images[part] for part in np.array_split(rng.permutation(len(images)), batches)):
            eps = rng.standard_normal((len(x), len(params.encoder_out_bias) // 2))
            with np.errstate(all="ignore"):
                found = forward(params, x, eps)
                before = terms(x, found, recon_var=recon_var, likelihood=likelihood)
                slopes = backward(params, x, found, beta=beta, recon_var=recon_var, likelihood=likelihood)
                of_log_v = slope_in_log_recon_var(before.recon, x.shape[1], recon_var) if learn else 0.0
                rate = lr * (1 - state.steps / (epochs * batches))
                learned, state = adam.step(learned, (*slopes, of_log_v), state, rate)
                *weights, log_v = learned
                params, recon_var = Network(*weights), float(np.exp(log_v)) if learn else recon_var
            yield params, recon_var, before


def _reports(learning, total, every, batches, watching, beta, likelihood):
    """The run so far, after `every` few of its `total` updates; an epoch has so many batches."""
    updates = np.append(np.arange(every, total, every), total)
    taught, learned, held_out = [], [], []
    for made in updates:
        while len(taught) < made:
            params, recon_var, before = next(learning)
            taught.append(before)
        with np.errstate(all="ignore"):
            learned.append(np.mean(taught[-batches:], axis=0))
            if watching:
                test, eps = watching
                held_out.append(terms(test, forward(params, test, eps), recon_var=recon_var, likelihood=likelihood))
            history, of_test = (traces and _history(np.array(traces), beta) for traces in (learned, held_out))
        yield Run(params, recon_var, history, of_test or None, updates[: len(learned)])


def _history(traces, beta):
    recon, kl = traces.T
    return History(recon, kl, recon - beta * kl)


@checked(images=rows, **LIKELIHOOD)
def expected_terms(images, params, rng, *, recon_var, likelihood="normal"):
    """What the weights are worth: the terms averaged over these images, recon estimated by DRAWS draws for each.

    images (N, D), learned from or held out -> `Terms` of numbers.
    """
    shape = encode(images, params)[0].shape
    passes = (forward(params, images, rng.standard_normal(shape)) for _ in range(DRAWS))
    kind = {"recon_var": recon_var, "likelihood": likelihood}
    return Terms(*np.mean([terms(images, found, **kind) for found in passes], axis=0))


@checked(x=rows, params=network, draws=whole_number(2), **LIKELIHOOD)
def importance_log_evidence(x, params, rng, draws, *, recon_var, likelihood="normal"):
    """log p(x) of each image and its standard error, estimated by so many draws of z from q: x (N, D) -> two of (N,).

    log of the mean of the weights p(x given z) p(z) / q(z given x). Too low on average; where q misses a place that
    matters much too low, and the standard error does not know it. Burda et al. 2015.
    """
    latents = len(params.encoder_out_bias) // 2
    log_weights, log_p, error = np.empty(draws), np.empty(len(x)), np.empty(len(x))
    for index, image in enumerate(x):
        for first in range(0, draws, DRAWS_AT_ONCE):
            some = log_weights[first : first + DRAWS_AT_ONCE]
            eps = rng.standard_normal((some.size, latents))
            found = forward(params, image[None], eps)
            some[:] = log_likelihood(image, found.output, recon_var=recon_var, likelihood=likelihood)
            some += 0.5 * np.sum(eps**2 - found.z**2 + found.logvar, axis=1)
        log_p[index] = log_sum_exp(log_weights) - np.log(draws)
        error[index] = np.exp(log_weights - log_p[index]).std() / np.sqrt(draws)
    return log_p, error
