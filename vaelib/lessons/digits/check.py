"""The exercises of lesson 9: three programs with one mistake each, found by its line and mended."""

import functools

import numpy as np

from vaelib import adam, network
from vaelib.lessons.answer import NoAnswer
from vaelib.lessons.verdict import Exercise

RECON_VAR = 0.03  # of the three programs
WHY_RIGHT = {
    "encoder": "these are the encoder's lines, as in round 1.",
    "variance": "the exponential of a log-variance is a variance.",
    "sigma": "half the log-variance, then the exponential, is sigma.",
    "draw": "mean plus sigma times eps, as in round 1.",
    "decoder": "these are the decoder's lines, as in round 1.",
    "count": "the slope is a mean over the images of the batch.",
    "error": "the squared error of one image is a sum over pixels, divided by 2 recon_var.",
    "back": "this only hands slopes on, by the chain rule.",
    "kl": "the slope of the KL in mu is mu.",
    "logvar": "half of (z - mu) comes from the draw, half of (sigma^2 - 1) from the KL.",
}
ANN = "encoder encoder sigma draw decoder decoder error back back kl logvar back back back"
BEN = "count encoder encoder variance draw decoder decoder error back back kl logvar back back back"
CEM = "encoder encoder draw decoder decoder error back back share kl logvar back back back"


class Hunt(Exercise):
    """Judges (line, program): the number of the wrong line, and the mended program by its slope along one direction."""

    def __call__(self, attempt):
        """Print the verdict; an attempt may also be a function of (x, net, eps) that returns line and slope."""
        super().__call__(attempt if callable(attempt) else lambda *case: (attempt[0], _slope(attempt[1](*case))))


def _slope(slopes):
    """Of all weights, along a direction in which each has a part of its own."""
    if not isinstance(slopes, network.Network):
        raise NoAnswer("the program must return all its slopes, as a Network.")
    flat = adam.flat(slopes)
    return flat @ np.cos(np.arange(flat.size))


def _case(seed, pixels, latents, hidden, count):
    """A few pale images, a network for them with a large KL and log-variances away from 0, and draws."""
    rng = np.random.default_rng(seed)
    net = network.start(pixels, latents, hidden, rng, bias=0.5)
    net = net._replace(encoder_out_bias=np.repeat([3.0, 0.8], latents) * rng.standard_normal(2 * latents))
    return rng.uniform(0.4, 0.6, size=(count, pixels)), net, rng.standard_normal((count, latents))


def hunt(praise):
    """Make a `Hunt` of the table below."""
    cases = [_case(0, 6, 3, 4, 5), _case(1, 10, 2, 7, 3)]
    return functools.partial(Hunt, praise=praise, cases=cases, parts=("line", "slope"))


def _slopes(x, net, eps, mistakes):
    """The right slope, and what each mistake gives, a hint with the (beta, recon_var, eps) to which it amounts."""

    def slope(beta, v, draws):
        return _slope(network.slopes(net, x, draws, beta=beta, recon_var=v))

    return slope(1.0, RECON_VAR, eps), {hint: slope(*amounts_to) for hint, amounts_to in mistakes.items()}


def _lines(roles, wrong):
    """What to say of each line that is not the wrong one."""
    numbered = enumerate(roles.split(), start=1)
    return {f"line {line} is right: {WHY_RIGHT[role]}": line for line, role in numbered if line != wrong}


@hunt(praise="line {:g}. A mean over pixels made the level 64 times as high, and all directions drowned.")
def first_program(x, net, eps):
    """Say whether attempt is (line, program), Ann's wrong line and her program mended. Exercise 1 of lesson 9."""
    N, D = x.shape
    v = RECON_VAR
    mistakes = {
        "that is the program as it was: mend the line, and run its cell again.": (1.0, v * D, eps),
        "now you divide by the pixels and not by the images.": (1.0, v * D / N, eps),
        "now recon is a sum over the batch; the KL is a mean over it.": (1.0, v / N, eps),
        "a sum over the pixels needs no factor: do not multiply by their count.": (1.0, v / D, eps),
        "recon has recon_var in it, not its square.": (1.0, v * v, eps),
        "recon_var is gone: the error is divided by it.": (1.0, 1.0, eps),
        "the KL has changed as well: one line is wrong, no other.": (1 / D, v, eps),
    }
    right, slopes = _slopes(x, net, eps, mistakes)
    return (7.0, right), (_lines(ANN, 7), slopes)


@hunt(praise="line {:g}. The draw had the variance where sigma belongs: the decoder learned from other codes.")
def second_program(x, net, eps):
    """Say whether attempt is (line, program), Ben's wrong line and his program mended. Exercise 2 of lesson 9."""
    _, logvar = network.encode(x, net)
    sigma, v = np.exp(0.5 * logvar), RECON_VAR
    mistakes = {
        "that is the program as it was: mend the line, and run its cell again.": (1.0, v, sigma * eps),
        "now the draw has the variance squared; sigma is its root.": (1.0, v, sigma**3 * eps),
        "the half belongs to the log-variance, inside the exponential.": (1.0, v, 0.5 * sigma * eps),
        "that is the log-variance itself; sigma is never negative.": (1.0, v, logvar / sigma * eps),
        "now every draw has sigma 1; then the KL's sigma is not the draw's.": (1.0, v, eps / sigma),
        "without a draw this is no longer a VAE: recon lacks the spread of q.": (1.0, v, 0.0 * eps),
        "divided by sigma: a small sigma must make a small spread.": (1.0, v, eps / sigma**2),
    }
    right, slopes = _slopes(x, net, eps, mistakes)
    return (5.0, right), (_lines(BEN, 5), slopes)


@hunt(praise="line {:g}. A mean over the latents made beta an eighth: good copies, and codes far too dear.")
def third_program(x, net, eps):
    """Say whether attempt is (line, program), Cem's wrong line and his program mended. Exercise 3 of lesson 9."""
    (N, D), K = x.shape, eps.shape[1]
    v = RECON_VAR
    mistakes = {
        "that is the program as it was: mend the line, and run its cell again.": (1 / K, v, eps),
        "that is the wrong axis: divided by the latents, added over the images.": (N / K, v, eps),
        "now the KL is a sum over the batch; recon is a mean over it.": (float(N), v, eps),
        "the KL is gone: nothing holds the codes near the prior.": (0.0, v, eps),
        "a mean over the latents was too little; a factor for them is too much.": (float(K), v, eps),
        "the pixels have no part in the KL.": (1 / D, v, eps),
        "recon has changed as well: one line is wrong, no other.": (1.0, v * D, eps),
    }
    right, slopes = _slopes(x, net, eps, mistakes)
    return (9.0, right), (_lines(CEM, 9), slopes)
