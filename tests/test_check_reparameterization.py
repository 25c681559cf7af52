"""The exercises of lesson 2: what a learner may write, and the verdict made for it."""

import numpy as np

from learner import said
from vaelib import check


def others(values):
    """The mean of the other values, for each value, in a loop over all of them."""
    return np.array([np.delete(values, place).mean() for place in range(values.size)])


def score_slope(f, mu, sigma, eps):
    values = f(mu + sigma * eps)
    return np.mean((values - others(values)) * eps / sigma)


def score_slope_in_sigma(f, mu, sigma, eps):
    values = f(mu + sigma * eps)
    return np.mean((values - others(values)) * (eps**2 - 1) / sigma)


def own_term_in_the_baseline(f, mu, sigma, eps):
    values = f(mu + sigma * eps)
    return np.mean((values - values.mean()) * eps / sigma)


def z_for_eps(f, mu, sigma, eps):
    z = mu + sigma * eps
    return np.mean((f(z) - others(f(z))) * z / sigma)


def others_divided_by_all(f, mu, sigma, eps):
    values = f(mu + sigma * eps)
    return np.mean((values - (values.sum() - values) / values.size) * eps / sigma)


def difference_in_sigma(mu, sigma, eps, h=1e-3):
    return np.mean((mu + (sigma + h) * eps) ** 2 - (mu + (sigma - h) * eps) ** 2) / (2 * h)


def difference_along_the_path(f, mu, sigma, eps, h=1e-3):
    return np.mean((f(mu + h + sigma * eps) - f(mu - h + sigma * eps)) / (2 * h))


RIGHT = {
    check.reparameterize: {
        "with sigma named": lambda mu, logvar, eps: eps * np.sqrt(np.exp(logvar)) + mu,
        "as an array": lambda mu, logvar, eps: np.array(mu + np.exp(0.5 * logvar) * eps),
    },
    check.pathwise_slope_in_sigma: {
        "multiplied out": lambda mu, sigma, eps: 2 * mu * eps.mean() + 2 * sigma * np.mean(eps**2),
        "in a loop": lambda mu, sigma, eps: sum(2 * (mu + sigma * e) * e for e in eps) / len(eps),
        "by differences": difference_in_sigma,
    },
    check.score_slope: {
        "in a loop": score_slope,
        "own term out, scaled": lambda *args: own_term_in_the_baseline(*args) * 5 / 4,
    },
}

WRONG = {
    check.reparameterize: {
        "(eps + mu) sigma": lambda mu, logvar, eps: (eps + mu) * np.exp(logvar / 2),
        "with a plus": lambda mu, logvar, eps: mu + np.exp(-0.5 * logvar) * eps,
        "the square root of logvar": lambda mu, logvar, eps: mu + np.sqrt(logvar) * eps,
        "is too": lambda mu, logvar, eps: mu - np.exp(logvar / 2) * abs(eps),  # right where eps < 0
    },
    check.pathwise_slope_in_sigma: {
        "the derivative of z²": lambda mu, sigma, eps: np.mean((mu + sigma * eps) * eps),
        "that is the exact slope": lambda mu, sigma, eps: 2 * sigma,
        "that is the score function": lambda mu, sigma, eps: np.mean(
            (mu + sigma * eps) ** 2 * (eps**2 / sigma - 1 / sigma)
        ),
        "not sigma eps": lambda mu, sigma, eps: np.mean(2 * (mu + sigma * eps) * sigma * eps),
        "4.17537 is too large": lambda mu, sigma, eps: np.sum(2 * (mu + sigma * eps) * eps) / 5,  # right of five draws
    },
    check.score_slope: {
        "the division by sigma is missing": lambda f, mu, sigma, eps: sigma * score_slope(f, mu, sigma, eps),
        "a sigma too many below": lambda f, mu, sigma, eps: score_slope(f, mu, sigma, eps) / sigma,
        "contains the sample's own term": own_term_in_the_baseline,
        "or you took z for eps": z_for_eps,
        "that baseline is f(mu)": lambda f, mu, sigma, eps: np.mean((f(mu + sigma * eps) - f(mu)) * eps / sigma),
        "the sign is wrong": lambda f, mu, sigma, eps: score_slope(lambda z: -f(z), mu, sigma, eps),
        "divides by 4, not by 5": others_divided_by_all,
        "that is the pathwise slope": difference_along_the_path,
        "that is the slope in sigma": score_slope_in_sigma,
    },
}


def test_the_function_of_the_score_slope_may_be_called_draw_by_draw(capsys):
    def attempt(f, mu, sigma, eps):
        values = np.array([f(mu + sigma * draw) for draw in eps])
        return sum((values - others(values)) * eps / sigma) / 5

    assert said(capsys, check.score_slope, attempt).startswith("Right: ")


def test_noise_of_its_own_is_noticed(capsys):
    rng = np.random.default_rng(0)
    line = said(capsys, check.reparameterize, lambda mu, logvar, eps: rng.normal(mu, np.exp(logvar / 2)))
    assert line == "Not yet: two calls give two answers: use what you are given, no random numbers of your own."


def test_a_number_beside_an_array_is_told_so_and_raises_nothing(capsys):
    line = said(capsys, check.pathwise_slope_in_sigma, lambda mu, sigma, eps: (mu + sigma * eps, 1.0))
    assert line.startswith("Not yet: one number is wanted")


def test_eps_changed_in_place_does_not_change_the_right_score_slope(capsys):
    def attempt(f, mu, sigma, eps):
        values = f(mu + sigma * eps)
        others = (values.sum() - values) / (eps.size - 1)
        eps /= sigma
        return np.mean((values - others) * eps)

    assert said(capsys, check.score_slope, attempt).startswith("Right: ")
