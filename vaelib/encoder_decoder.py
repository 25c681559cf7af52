"""The two networks of a VAE of images, lesson 7's lines with hidden units between: forward, and slopes. Lesson 9.

Terms are per image, summed over its D pixels and its K latents, in nats. The likelihood is "normal", or "bernoulli" for
pixels from 0 to 1, which has no recon_var.
"""

import reprlib
from typing import NamedTuple

import numpy as np

from vaelib.domain import checked, non_negative, one, one_of, rows, variance
from vaelib.gaussian import kl_normal_to_standard
from vaelib.objective import Terms

FIRST_CONTRAST = 0.1  # of decoded images, before training
LIKELIHOOD = {"recon_var": one(variance), "likelihood": one_of("normal", "bernoulli")}


class Network(NamedTuple):
    """All weights, of D pixels, K latents and H hidden units in each network. A gradient is a `Network` too.

    mu and logvar: encoder_out t + encoder_out_bias with t = tanh(encoder_in x + encoder_in_bias). x_hat: decoder_out h
    + decoder_out_bias with h = tanh(decoder_in z + decoder_in_bias). Where H is 0 these are lesson 7's straight lines,
    t = x and h = z.
    """

    encoder_in: np.ndarray  # (H, D)
    encoder_in_bias: np.ndarray  # (H,)
    encoder_out: np.ndarray  # (2 K, H), or (2 K, D) where H is 0
    encoder_out_bias: np.ndarray  # (2 K,)
    decoder_in: np.ndarray  # (H, K)
    decoder_in_bias: np.ndarray  # (H,)
    decoder_out: np.ndarray  # (D, H), or (D, K) where H is 0
    decoder_out_bias: np.ndarray  # (D,)


class Forward(NamedTuple):
    """What the way forward finds, and the way back needs: a row for each of N images."""

    t: np.ndarray  # hidden units of the encoder, (N, H)
    mu: np.ndarray  # (N, K)
    logvar: np.ndarray  # (N, K)
    z: np.ndarray  # (N, K)
    h: np.ndarray  # hidden units of the decoder, (N, H)
    output: np.ndarray  # x_hat, for the Bernoulli likelihood log(x_hat / (1 - x_hat)), (N, D)


def _shapes(D, K, H):
    return (H, D), (H,), (2 * K, H or D), (2 * K,), (H, K), (H,), (D, H or K), (D,)


def network(name, value, x):
    """`value` as a `Network` whose shapes fit each other and the D pixels of x."""
    K, H = (np.size(value[3]) // 2, np.size(value[1])) if isinstance(value, Network) else (0, 0)
    if not K or tuple(map(np.shape, value)) != _shapes(x.shape[1], K, H):
        due = f"a Network whose shapes fit each other and {x.shape[1]} pixels"
        raise ValueError(f"{name} is {reprlib.repr(value)}; it must be {due}.")
    return value


def start(D, latents, hidden, rng, bias=0.0):
    """Where training starts: random weights, every decoded image close to the decoder's `bias`. -> `Network`.

    Weights from N(0, 1 / how many a line adds up), the decoder's last ones smaller; `bias` is a number or (D,).
    """
    shapes = _shapes(D, latents, hidden)
    params = [
        rng.standard_normal(shape) / np.sqrt(shape[-1]) if len(shape) > 1 else np.zeros(shape) for shape in shapes
    ]
    return Network(*params[:6], FIRST_CONTRAST * params[6], params[7] + bias)


def _units(inputs, weights, bias):
    return np.tanh(inputs @ weights.T + bias) if len(bias) else inputs


def forward(params, x, eps):
    """Encoder, draw z = mu + sigma eps, decoder. x (N, D), eps (N, K)."""
    t = _units(x, params.encoder_in, params.encoder_in_bias)
    both, K = t @ params.encoder_out.T + params.encoder_out_bias, len(params.encoder_out_bias) // 2
    mu, logvar = both[:, :K], both[:, K:]
    z = mu + np.exp(0.5 * logvar) * eps
    h = _units(z, params.decoder_in, params.decoder_in_bias)
    return Forward(t, mu, logvar, z, h, h @ params.decoder_out.T + params.decoder_out_bias)


def backward(params, x, found, *, beta, recon_var, likelihood):
    """From the decoder's output back to the encoder's input, `found` by `forward`: see `slopes`."""
    t, mu, logvar, z, h, output = found
    N, H = len(x), len(params.encoder_in_bias)
    of_output = (x - _mean(output, likelihood)) / (N * recon_var if likelihood == "normal" else N)
    of_h = of_output @ params.decoder_out
    of_decoder_in = (of_h * (1 - h * h))[:, :H]
    of_z = of_decoder_in @ params.decoder_in if H else of_h
    of_mu = of_z - beta * mu / N
    of_logvar = 0.5 * (of_z * (z - mu) - beta * np.expm1(logvar) / N)
    of_encoder_out = np.hstack([of_mu, of_logvar])
    of_encoder_in = (of_encoder_out @ params.encoder_out * (1 - t * t))[:, :H]
    lines = (of_encoder_in, x), (of_encoder_out, t), (of_decoder_in, z), (of_output, h)
    return Network(*(slope for of, inputs in lines for slope in (of.T @ inputs, of.sum(axis=0))))


def _mean(output, likelihood):
    return output if likelihood == "normal" else 0.5 + 0.5 * np.tanh(0.5 * output)


@checked(x=rows, params=network, eps=rows, beta=one(non_negative), **LIKELIHOOD)
def slopes(params, x, eps, *, beta, recon_var, likelihood="normal"):
    """The slope of recon - beta kl in every weight, averaged over the images, by the chain rule, as a `Network`.

    recon = log p(x given z) with one draw z = mu + sigma eps for each image. x (N, D), eps (N, K).
    """
    found = forward(params, x, eps)
    return backward(params, x, found, beta=beta, recon_var=recon_var, likelihood=likelihood)


def log_likelihood(x, output, *, recon_var, likelihood):
    """log p(x given z) of each image: x and output (N, D) -> (N,)."""
    if likelihood == "normal":
        missed = x - output
        return -0.5 * (np.vecdot(missed, missed) / recon_var + x.shape[-1] * np.log(2 * np.pi * recon_var))
    return np.sum(x * output - np.maximum(output, 0) - np.log1p(np.exp(-np.abs(output))), axis=1)


def terms(x, found, *, recon_var, likelihood):
    """The two terms, averaged over the images, recon with the draws that `forward` had."""
    recon = log_likelihood(x, found.output, recon_var=recon_var, likelihood=likelihood)
    return Terms(recon.mean(), kl_normal_to_standard(found.mu, found.logvar).sum(axis=1).mean())


def slope_in_log_recon_var(recon, pixels, recon_var):
    """The slope of recon = -(D log(2 pi v) + error / v) / 2 in log v, which is (error / v - D) / 2."""
    return -recon - 0.5 * pixels * (1 + np.log(2 * np.pi * recon_var))


@checked(x=rows, params=network)
def encode(x, params):
    """Mean and log-variance of q(z given x): x (N, D) -> mu (N, K), logvar (N, K)."""
    return forward(params, x, 0.0)[1:3]


@checked(z=rows, likelihood=LIKELIHOOD["likelihood"])
def decode(z, params, *, likelihood="normal"):
    """The mean of each pixel: z (N, K) -> x_hat (N, D)."""
    h = _units(z, params.decoder_in, params.decoder_in_bias)
    return _mean(h @ params.decoder_out.T + params.decoder_out_bias, likelihood)
