"""The exercises of lesson 1: what a learner may write, and the verdict made for it."""

import math

import numpy as np
from scipy import stats

from learner import said
from vaelib import check


def written_for_logvar(mu, logvar):
    return 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar)


def total(m, recon_var):
    return m**2 + recon_var


def mean(x, m, n, recon_var):
    return m * (x - n) / total(m, recon_var)


def logvar(m, recon_var):
    return np.log(recon_var / total(m, recon_var))


def other_mean(formula):
    return lambda x, m, n, recon_var: (formula(x, m, n, recon_var), logvar(m, recon_var))


def other_logvar(formula):
    return lambda x, m, n, recon_var: (mean(x, m, n, recon_var), formula(m, recon_var))


RIGHT = {
    check.kl: {
        "with its minus outside": lambda mu, logvar: -0.5 * (1 + logvar - mu**2 - np.exp(logvar)),
        "by sigma": lambda mu, logvar: (mu**2 + math.exp(logvar / 2) ** 2 - 1) / 2 - math.log(math.exp(logvar / 2)),
    },
    check.log_prob: {
        "scipy": lambda x, mu, var: stats.norm.logpdf(x, mu, np.sqrt(var)),
        "log of the density": lambda x, mu, var: np.log(
            np.exp(-((x - mu) ** 2) / (2 * var)) / np.sqrt(2 * np.pi * var)
        ),
    },
    check.closing_q: {
        "by precision": lambda x, m, n, v: (m * (x - n) / v / (1 + m**2 / v), -np.log(1 + m**2 / v)),
        "as a list": lambda x, m, n, v: [mean(x, m, n, v), logvar(m, v)],
    },
}

WRONG = {
    check.kl: {
        "is the variance already": lambda mu, logvar: 0.5 * (mu**2 + np.exp(logvar) ** 2 - 1 - logvar),
        "the 1 enters with a minus": lambda mu, logvar: 0.5 * (mu**2 + np.exp(logvar) + 1 - logvar),
        "the log-variance is missing": lambda mu, logvar: 0.5 * (mu**2 + np.exp(logvar) - 1),
        "sigma² is taken for the log-variance": lambda mu, logvar: written_for_logvar(mu, np.exp(logvar)),
        "the 1 is missing": lambda mu, logvar: 0.5 * (mu**2 + np.exp(logvar) - logvar),
        "the half belongs to all four": lambda mu, logvar: 0.5 * mu**2 + np.exp(logvar) - 1 - logvar,
        "the log-variance enters with a minus": lambda mu, logvar: 0.5 * (mu**2 + np.exp(logvar) - 1 + logvar),
        "mu is squared": lambda mu, logvar: 0.5 * (mu + np.exp(logvar) - 1 - logvar),
        "in the other direction": lambda mu, logvar: 0.5 * ((1 + mu**2) / np.exp(logvar) - 1 + logvar),
        "is too": lambda mu, logvar: 0.5 * (mu * abs(mu) + np.exp(logvar) - 1 - logvar),  # right where mu > 0
    },
    check.log_prob: {
        "take its logarithm": lambda x, mu, var: stats.norm.pdf(x, mu, np.sqrt(var)),
        "not a log-variance": lambda x, mu, var: stats.norm.logpdf(x, mu, np.exp(0.5 * var)),
        "no square root": lambda x, mu, var: stats.norm.logpdf(x, mu, var**0.25),
        "the half belongs to both terms.": lambda x, mu, var: -0.5 * (x - mu) ** 2 / var - np.log(2 * np.pi * var),
        "missing before the first": lambda x, mu, var: -((x - mu) ** 2) / var - 0.5 * np.log(2 * np.pi * var),
        "is too large": lambda x, mu, var: -0.5 * ((x - mu) * abs(x - mu) / var + np.log(2 * np.pi * var)),
    },
    check.closing_q: {
        "not of its inverse": other_logvar(lambda m, v: np.log(m**2 / v + 1)),
        "recon_var is missing above": other_logvar(lambda m, v: np.log(1 / total(m, v))),
        "the mean: that inverts the decoder": other_mean(lambda x, m, n, v: (x - n) / m),
        "the mean: m is squared": other_mean(lambda x, m, n, v: m * (x - n) / (m + v)),
        "that is the standard deviation": other_logvar(lambda m, v: np.sqrt(v / total(m, v))),
        "the log of the standard deviation": other_logvar(lambda m, v: np.log(np.sqrt(v / total(m, v)))),
        "the log-variance: m is squared": other_logvar(lambda m, v: np.log(v / (m + v))),
        "the share that the code explains": other_logvar(lambda m, v: np.log(m**2 / total(m, v))),
        "the mean: 0.565217 is": other_mean(lambda x, m, n, v: m * abs(x - n) / total(m, v)),  # right where x > n
    },
}


def test_a_wrong_mean_is_named_before_a_wrong_log_variance(capsys):
    line = said(capsys, check.closing_q, lambda x, m, n, v: ((x - n) / m, v / total(m, v)))
    assert "the mean: that inverts the decoder" in line and "log-variance" not in line


def test_mean_and_log_variance_the_other_way_round_are_not_right(capsys):
    line = said(capsys, check.closing_q, lambda x, m, n, v: (logvar(m, v), mean(x, m, n, v)))
    assert line.startswith("Not yet: the mean: ")
