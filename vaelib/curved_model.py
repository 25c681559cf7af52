"""A VAE of one number and one latent whose lines may bend, and whose decoder may have two heaps of its own.

Straight lines as in lessons 1 to 6, to which hidden units add bends: each unit is a tanh of a line. No units are the
straight line. Lesson 8.
"""

import functools
import reprlib
from typing import NamedTuple

import numpy as np

from vaelib.domain import checked, one_of, whole_number, without_complaint
from vaelib.gaussian import gaussian_log_prob

KINDS = {
    "encoder": one_of("straight", "curved"),
    "decoder": one_of("straight", "curved", "two heaps"),
    "hidden": whole_number(1),
}
START_LINES = (0.3, 0.0, 0.0, -1.0, 0.7)  # a, b, c, d, m: encoder and decoder agree which way is up
LINE_SCALE, IN_SCALE, OUT_SCALE = 0.1, 2.0, 0.1  # random: of lines, of units' insides, of what units add


class Curve(NamedTuple):
    """All weights, of E hidden units in the encoder and H in the decoder, and of J heaps, 1 or 2.

    mu = a x + b + encoder_out[0] t and logvar = c x + d + encoder_out[1] t with t = tanh(encoder_in[0] x +
    encoder_in[1]); p(x given z) = mean over j of N(n[j] + m z + decoder_out t, recon_var) with t = tanh(decoder_in[0] z
    + decoder_in[1]). A gradient is a `Curve` too.
    """

    a: float
    b: float
    c: float
    d: float
    m: float
    n: np.ndarray  # (J,)
    encoder_in: np.ndarray  # (2, E), slope and offset of each unit
    encoder_out: np.ndarray  # (2, E), what each unit adds to mu and to logvar
    decoder_in: np.ndarray  # (2, H)
    decoder_out: np.ndarray  # (H,)


def curve(name, value):
    """`value` as a `Curve` whose shapes fit each other."""
    shapes = [np.shape(field) for field in value] if isinstance(value, Curve) else [(0,)] * 10
    encoder, decoder = shapes[6][1:], shapes[8][1:]
    due = [()] * 5 + [shapes[5][:1], (2, *encoder), (2, *encoder), (2, *decoder), decoder]
    if shapes != due or shapes[5] == (0,):
        raise ValueError(f"{name} is {reprlib.repr(value)}; it must be a Curve whose shapes fit each other.")
    return Curve(*(np.asarray(field, float)[()] for field in value))


@checked(**KINDS)
def start(*, encoder, decoder, hidden, rng):
    """Where training starts: gentle lines, and bends of all places and widths that change them little. -> `Curve`.

    encoder "straight" or "curved"; decoder "straight", "curved" or "two heaps" (straight, around -1 and 1); `hidden`
    units in each curve. rng is a numpy random Generator.
    """
    E, H = hidden * (encoder == "curved"), hidden * (decoder == "curved")
    lines = START_LINES + LINE_SCALE * rng.standard_normal(5)
    n = np.array([-1.0, 1.0]) if decoder == "two heaps" else np.zeros(1)
    scaled = (IN_SCALE, (2, E)), (OUT_SCALE, (2, E)), (IN_SCALE, (2, H)), (OUT_SCALE, (H,))
    return Curve(*lines, n, *(scale * rng.standard_normal(shape) for scale, shape in scaled))


def units(values, weights):
    """The hidden units tanh(slope value + offset): values (V,), weights (2, H) -> (H, V)."""
    slopes, offsets = weights
    return np.tanh(np.multiply.outer(slopes, values) + offsets[:, None])


@without_complaint
def encode(x, params):
    """Mean and log-variance of q(z given x). x (N,) -> mu (N,), logvar (N,)."""
    t = units(x, params.encoder_in)
    mu = params.a * x + params.b + params.encoder_out[0] @ t
    return mu, params.c * x + params.d + params.encoder_out[1] @ t


@without_complaint
def decode(z, params):
    """The mean of each heap of p(x given z), in the unit of x. z of shape S -> (J, *S)."""
    line = params.m * np.asarray(z)
    for slope, offset, out in zip(*params.decoder_in, params.decoder_out, strict=True):
        line = line + out * np.tanh(slope * z + offset)
    return np.stack([line + n for n in params.n])


def log_likelihood(x, z, params, *, recon_var):
    """log p(x given z), in nats: the logarithm of the mean over the heaps. x and z of shapes that broadcast."""
    of_heaps = (gaussian_log_prob(x, x_hat, recon_var) for x_hat in decode(z, params))
    return functools.reduce(np.logaddexp, of_heaps) - np.log(len(params.n))


def steepness(params, *, recon_var):
    """How fast things can change with z, at most, per unit of z: x_hat in steps of the decoder's sd, and any bend."""
    slopes = np.abs(params.decoder_in[0])
    x_hat = abs(params.m) + slopes @ np.abs(params.decoder_out)
    from_heap_to_heap = abs(params.m) * np.ptp(params.n) / (2 * recon_var)
    return x_hat / np.sqrt(recon_var), np.max(slopes, initial=from_heap_to_heap)


def slopes(x, params, eps, *, beta, recon_var):
    """The slope in every weight of recon - beta kl with these draws, by the chain rule, as a `Curve`.

    recon is the mean of log p(x given z) over the data and the draws, with z = mu + sigma eps. x (N,), eps (M, N).
    """
    # Forward: encoder, draws, decoder.
    t = units(x, params.encoder_in)
    mu = params.a * x + params.b + params.encoder_out[0] @ t
    sigma = np.exp(0.5 * (params.c * x + params.d + params.encoder_out[1] @ t))
    z = (mu + sigma * eps).ravel()
    h = units(z, params.decoder_in)
    missed = np.tile(x, len(eps)) - (params.m * z + params.decoder_out @ h) - params.n[:, None]
    # Backward: each heap pulls by its share in p(x given z).
    of_heaps = missed / (recon_var * z.size)
    if len(params.n) > 1:
        log_shares = -(missed**2) / (2 * recon_var)
        shares = np.exp(log_shares - log_shares.max(axis=0))
        of_heaps *= shares / shares.sum(axis=0)
    of_x_hat = of_heaps.sum(axis=0)
    of_h = np.multiply.outer(params.decoder_out, of_x_hat) * (1 - h * h)
    of_z = (params.m * of_x_hat + params.decoder_in[0] @ of_h).reshape(eps.shape)
    of_mu = of_z.sum(axis=0) - beta * mu / x.size
    of_logvar = 0.5 * (sigma * np.sum(of_z * eps, axis=0) + beta * (1 - sigma**2) / x.size)
    of_both = np.stack([of_mu, of_logvar])
    of_t = (params.encoder_out.T @ of_both) * (1 - t * t)
    return Curve(
        *(of_mu @ x, of_mu.sum(), of_logvar @ x, of_logvar.sum(), of_x_hat @ z, of_heaps.sum(axis=1)),
        encoder_in=np.stack([of_t @ x, of_t.sum(axis=1)]),
        encoder_out=of_both @ t.T,
        decoder_in=np.stack([of_h @ z, of_h.sum(axis=1)]),
        decoder_out=h @ of_x_hat,
    )
