"""The exercises of lesson 5: what a learner may write, and the verdict made for it."""

import math

import numpy as np

from learner import said
from vaelib import check


def decode(z, params):
    return params.m * z + params.n


def sample(z, params, recon_var, eps):
    return params.m * z + params.n + recon_var**0.5 * eps


def with_noise(scale):
    return lambda z, params, recon_var, eps: decode(z, params) + scale(recon_var) * eps


def between(x_from, x_to, t):
    return x_from + t * (x_to - x_from)


def path(x_from, x_to, t, params):
    z = params.a * between(x_from, x_to, t) + params.b
    return z, decode(z, params)


def other_z(formula):
    """The path with another z, which is decoded as it should be."""

    def attempt(x_from, x_to, t, params):
        z = formula(x_from, x_to, t, params)
        return z, decode(z, params)

    return attempt


def other_x_hat(formula):
    return lambda x_from, x_to, t, params: (path(x_from, x_to, t, params)[0], formula(x_from, x_to, t, params))


def variance(beta, recon_var, s2):
    return s2 - beta * recon_var + recon_var if beta * recon_var < s2 else recon_var


RIGHT = {
    check.generate: {
        "by hand": sample,
        "as an array": lambda *args: np.array(sample(*args)),
    },
    check.interpolate: {
        "encoding the point between": path,
        "mixing the reconstructions": lambda x_from, x_to, t, p: (
            path(x_from, x_to, t, p)[0],
            (1 - t) * decode(p.a * x_from + p.b, p) + t * decode(p.a * x_to + p.b, p),
        ),
        "as a list of arrays": lambda *args: list(map(np.array, path(*args))),
    },
    check.generated_variance: {
        "by cases": variance,
        "clipped": lambda beta, recon_var, s2: np.clip(s2 - (beta - 1) * recon_var, recon_var, None),
    },
}

WRONG = {
    check.generate: {
        "n is left out": lambda z, params, v, eps: params.m * z + np.sqrt(v) * eps,
        "the sign of the noise": with_noise(lambda v: -np.sqrt(v)),
        "before the decoder": lambda z, params, v, eps: decode(z + np.sqrt(v) * eps, params),
        "it is not encoded": lambda z, params, v, eps: sample(params.a * z + params.b, params, v, eps),
        "is too": with_noise(lambda v: np.sqrt(v) if v < 1 else 1.0),  # right at a recon_var below 1
    },
    check.interpolate: {
        "z comes first": lambda *args: path(*args)[::-1],
        "the x_hat: n is left out": other_x_hat(lambda *args: args[3].m * path(*args)[0]),
        "the other way round": other_z(lambda x_from, x_to, t, p: path(x_to, x_from, t, p)[0]),
        "at the other end": other_z(lambda x_from, x_to, t, p: p.a * x_from + p.b + t * (p.a * x_to + p.b)),
        "b is left out": other_z(lambda x_from, x_to, t, p: (1 - t) * p.a * x_from + t * p.a * x_to),
        "decodes a point of the data": other_x_hat(lambda x_from, x_to, t, p: decode(between(x_from, x_to, t), p)),
    },
    check.generated_variance: {
        "If you wrote beta recon_var for the noise": lambda beta, v, s2: max(s2 - beta * v, 0) + beta * v,
        "you took its root": lambda beta, v, s2: math.sqrt(max(s2 - beta * v, 0)) + v,
        "not beta alone": lambda beta, v, s2: max(s2 - beta, 0) + v,
        "whatever beta is": lambda beta, v, s2: s2 - beta * v + v if beta * v < s2 else beta * v,
    },
}


def test_the_variance_is_asked_for_on_both_sides_of_the_collapse():
    assert [beta * v < s2 for beta, v, s2 in check.generated_variance.cases] == [True, True, True, False, False]


def test_a_variance_that_is_right_in_one_case_only_is_told_in_which_it_is_not(capsys):
    in_use = said(capsys, check.generated_variance, lambda beta, v, s2: v if beta * v < s2 else variance(beta, v, s2))
    collapsed = said(capsys, check.generated_variance, lambda beta, v, s2: s2 - (beta - 1) * v)
    assert "the variance at beta 2, recon_var 0.4, s2 2.5: " in in_use
    assert "the variance at beta 9, recon_var 0.4, s2 2.5: " in collapsed


def test_one_case_left_undone_is_not_tried_yet(capsys):
    assert said(capsys, check.generated_variance, lambda beta, v, s2: ... if beta * v > s2 else 0.0).startswith(
        "Not tried"
    )


def test_a_root_of_a_negative_number_raises_nothing(capsys):
    assert said(capsys, check.generated_variance, lambda beta, v, s2: (s2 - beta * v) ** 0.5).startswith("Not yet: ")
