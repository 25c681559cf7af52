"""The exercises of lesson 4: what a learner may write, and the verdict made for it."""

import math

import numpy as np
import pytest

from learner import said
from vaelib import check, data
from vaelib.training import train


def rate(beta, recon_var, s2):
    return max(0.5 * math.log(s2 / (beta * recon_var)), 0.0)


def in_use(formula):
    """The formula below the threshold, 0 above it."""
    return lambda beta, v, s2: formula(beta, v, s2) if beta * v < s2 else 0.0


RIGHT = {
    check.same_training: {
        "as the lesson writes it": (2.0, 0.04),
        "as a list": [2, 0.04],
        "as numpy numbers": (np.int64(2), np.float64(4.0 * 0.02 / 2)),
        "computed": (4 * 0.3 / 0.6, 4 * 0.02 * 0.6 / (4 * 0.3)),
    },
    check.optimal_rate: {
        "by hand": rate,
        "clipped": lambda *args: np.maximum(0.5 * np.log(args[2] / (args[0] * args[1])), 0),
        "by cases": in_use(lambda beta, v, s2: -0.5 * np.log(beta * v / s2)),
        "as the logarithm of a root": in_use(lambda beta, v, s2: math.log(math.sqrt(s2 / v / beta))),
        "as an array": lambda *args: np.array(rate(*args)),
    },
    check.product_of_code: {
        "by hand": 0.064,
        "as weights": 0.002 / (2 * (1 / 64)),
        "as half of a product": 64 * 0.002 / 2,
        "as an array": np.array(0.064),
    },
}

WRONG = {
    check.same_training: {
        "the beta: the product beta recon_var must stay 1.2: a larger": (8.0, 0.01),
        "so lr must be larger": (2.0, 0.01),
        "the lr: 0.08 is the lr for beta 1": (2.0, 0.08),
        "the beta: 3 is too large": (3.0, 0.04),
        "the lr: 0.03 is too small": (2.0, 0.03),
    },
    check.optimal_rate: {
        "the sign is wrong": in_use(lambda beta, v, s2: 0.5 * math.log(v * beta / s2)),
        "that is in bits": in_use(lambda beta, v, s2: 0.5 * math.log2(s2 / v / beta)),
        "recon_var is a variance already": lambda beta, v, s2: max(0.5 * math.log(s2 / (beta * v**2)), 0.0),
        "the other way round": lambda beta, v, s2: max(0.5 * math.log(beta * v / s2), 0.0),
        "the formula goes below 0": lambda beta, v, s2: 0.5 * math.log(s2 / v / beta),
    },
    check.product_of_code: {
        "recon is a sum over them": 0.002 / 2,
        "its weight is 1/64 and not 64": 0.002 / (2 * 64),
        "you multiplied by 2": 2 * 64 * 0.002,
        "a half is missing": 64 * 0.002,
        "and twice that is below": 0.002 / 64,
        "turn the fraction round": 2 * (1 / 64) / 0.002,
        "0.1 is too large": 0.1,
    },
}


@pytest.mark.parametrize(("beta", "lr", "same"), [(2.0, 0.04, True), (2.0, 0.02, False), (4.0, 0.02, False)])
def test_the_same_training_is_one_with_the_same_numbers_at_every_step(capsys, beta, lr, same):
    x, noise = data.toy(), data.seed_draws().beta4
    one = train(x, beta=4.0, recon_var=0.3, lr=0.02, noise=noise)
    other = train(x, beta=beta, recon_var=0.6, lr=lr, noise=noise)
    assert np.allclose(one.path, other.path, atol=1e-10) == same
    assert said(capsys, check.same_training, (beta, lr)).startswith("Right: ") == same


def test_the_rate_is_asked_for_on_both_sides_of_the_collapse():
    assert [beta * v < s2 for beta, v, s2 in check.optimal_rate.cases] == [True, True, True, False, False]


def test_a_rate_that_is_wrong_on_one_side_only_is_told_on_which(capsys):
    active = said(capsys, check.optimal_rate, lambda beta, v, s2: 0.1 * (beta * v < s2))
    collapsed = said(capsys, check.optimal_rate, lambda beta, v, s2: 0.5 * math.log(s2 / (beta * v)))
    assert "the rate at beta 3, recon_var 0.4, s2 5: 0.1 is too small." in active
    assert "the rate at beta 20, recon_var 0.4, s2 5: " in collapsed


def test_one_side_left_undone_is_not_tried_yet(capsys):
    line = said(capsys, check.optimal_rate, lambda beta, v, s2: ... if beta * v > s2 else rate(beta, v, s2))
    assert line.startswith("Not tried yet")


def test_the_code_of_exercise_3_has_the_slopes_of_a_model_with_that_product():
    """A mean over 64 squared errors plus 0.002 KL is, up to a factor, -recon + beta KL at beta recon_var 0.064."""
    errors, kl = np.random.default_rng(0).uniform(1, 5, (2, 6))

    def loss(error, kl):
        return error / 64 + 0.002 * kl

    def objective(error, kl, recon_var):
        return -error / (2 * recon_var) - 0.064 / recon_var * kl

    for recon_var in (0.05, 1.0):
        ratio = [objective(*pair, recon_var) / loss(*pair) for pair in zip(errors, kl, strict=True)]
        assert ratio == pytest.approx([-32 / recon_var] * 6)
