"""Lesson 9: what its hunt tells of lines and of programs, mended or not."""

import numpy as np
import pytest

from learner import said
from vaelib import network
from vaelib.lessons import verdict
from vaelib.lessons.digits import check

pytestmark = pytest.mark.pinned

PROGRAMS = {check.first_program: 7, check.second_program: 5, check.third_program: 9}
each_program = pytest.mark.parametrize("exercise", PROGRAMS, ids=lambda exercise: exercise.__name__)


def program(x, net, eps, *, sigma=np.exp, of_error=lambda x: 1 / len(x), of_kl=lambda mu: 1 / len(mu)):
    """A program of the hunt with its places for a mistake left open: sigma of half the log-variance, two weights."""
    t = np.tanh(x @ net.encoder_in.T + net.encoder_in_bias)
    mu, logvar = np.hsplit(t @ net.encoder_out.T + net.encoder_out_bias, 2)
    z = mu + sigma(0.5 * logvar) * eps
    h = np.tanh(z @ net.decoder_in.T + net.decoder_in_bias)
    of_x_hat = (x - (h @ net.decoder_out.T + net.decoder_out_bias)) / 0.03 * of_error(x)
    of_h = of_x_hat @ net.decoder_out * (1 - h**2)
    of_z = of_h @ net.decoder_in
    of_mu = of_z - mu * of_kl(mu)
    of_logvar = 0.5 * (of_z * (z - mu) - (np.exp(logvar) - 1) * of_kl(mu))
    of_both = np.hstack([of_mu, of_logvar])
    of_t = of_both @ net.encoder_out * (1 - t**2)
    layers = (of_t, x), (of_both, t), (of_h, z), (of_x_hat, h)
    return network.Network(*(slope for of, inputs in layers for slope in (of.T @ inputs, of.sum(axis=0))))


def attempt(line, **changed):
    """A function of a case, as the tests of all exercises ask it: the line, and the slope along a direction."""

    def answer(*case):
        slopes = np.concatenate([slope.ravel() for slope in program(*case, **changed)])
        return line, sum(slope * np.cos(place) for place, slope in enumerate(slopes))

    return answer


RIGHT = {
    check.first_program: {
        "by the count": attempt(7),
        "a mean of sums": attempt(np.int64(7), of_error=lambda x: x.shape[1] / x.size),
    },
    check.second_program: {
        "half inside": attempt(5),
        "a root": attempt(5, sigma=lambda half: np.sqrt(np.exp(2 * half))),
    },
    check.third_program: {
        "by the count": attempt(9),
        "a mean of sums": attempt(9.0, of_kl=lambda mu: mu.shape[1] / mu.size),
    },
}
WRONG = {
    check.first_program: {
        "line 10 is right: the slope of the KL": attempt(10),
        "line 3 is right: half the log-variance": attempt(3),
        "the program as it was": attempt(7, of_error=lambda x: 1 / x.size),
        "divide by the pixels and not": attempt(7, of_error=lambda x: 1 / x.shape[1]),
        "a sum over the batch": attempt(7, of_error=lambda x: 1.0),
        "do not multiply": attempt(7, of_error=lambda x: x.shape[1] / len(x)),
        "not its square": attempt(7, of_error=lambda x: 1 / 0.03 / len(x)),
        "recon_var is gone": attempt(7, of_error=lambda x: 0.03 / len(x)),
        "the KL has changed": lambda x, net, eps: attempt(7, of_kl=lambda mu: 1 / x.size)(x, net, eps),
    },
    check.second_program: {
        "line 4 is right: the exponential": attempt(4),
        "the program as it was": attempt(5, sigma=lambda half: np.exp(2 * half)),
        "the variance squared": attempt(5, sigma=lambda half: np.exp(4 * half)),
        "inside the exponential": attempt(5, sigma=lambda half: 0.5 * np.exp(2 * half)),
        "never negative": attempt(5, sigma=lambda half: 2 * half),
        "every draw has sigma 1": attempt(5, sigma=np.ones_like),
        "no longer a VAE": attempt(5, sigma=np.zeros_like),
        "a small spread": attempt(5, sigma=lambda half: np.exp(-half)),
    },
    check.third_program: {
        "line 10 is right: the slope of the KL": attempt(10),
        "the program as it was": attempt(9, of_kl=lambda mu: 1 / mu.size),
        "the wrong axis": attempt(9, of_kl=lambda mu: 1 / mu.shape[1]),
        "the KL is a sum": attempt(9, of_kl=lambda mu: 1.0),
        "the KL is gone": attempt(9, of_kl=lambda mu: 0.0),
        "a factor for them": attempt(9, of_kl=lambda mu: mu.shape[1] / len(mu)),
    },
}


@each_program
def test_a_line_and_a_program_are_judged_as_the_learner_hands_them_in(capsys, exercise):
    line = PROGRAMS[exercise]
    assert said(capsys, exercise, (line, program)).startswith(f"Right: line {line}. ")
    assert said(capsys, exercise, (..., program)) == verdict.NOT_TRIED
    assert f"the line: line {line + 1} is right" in said(capsys, exercise, (line + 1, program))
    assert "as a Network" in said(capsys, exercise, (line, lambda *case: list(program(*case))))
    assert "TypeError" in said(capsys, exercise, (line, None))
    downhill = (line, lambda *case: network.Network(*(-slope for slope in program(*case))))
    assert "Right" not in said(capsys, exercise, downhill)


@each_program
def test_twenty_wrong_guesses_are_each_told_something_of_their_own(exercise):
    _, mistakes = exercise.expected()
    of_lines, of_slopes = mistakes[0]
    assert sorted([*of_lines.values(), PROGRAMS[exercise]]) == list(range(1, len(of_lines) + 2))
    assert len(of_lines) + len(of_slopes) >= 20


def test_each_case_tells_images_latents_and_pixels_apart():
    for x, net, eps in check.first_program.cases:
        counts = {*x.shape, eps.shape[1], len(net.encoder_in)}
        assert len(counts) == 4 and np.abs(network.encode(x, net)[1]).min() > 1e-3
