"""The exercises of lesson 1."""

import numpy as np

from vaelib.gaussian import gaussian_log_prob, kl_normal, kl_normal_to_standard
from vaelib.lessons.verdict import exercise


@exercise(cases=[(0.9, -1.3), (-1.6, 0.8), (-0.7, -0.4)], praise="{:.4f} nats, and 0 only at the prior.")
def kl(mu, logvar):
    """Say whether attempt(mu, logvar) is the KL to the standard normal. Exercise 1 of lesson 1."""
    right = kl_normal_to_standard(mu, logvar)
    var, sigma = np.exp(logvar), np.exp(logvar / 2)

    def with_variance(var):
        return 0.5 * (mu**2 + var - 1 - logvar)

    return right, {
        "the half in front is missing.": 2 * right,
        "the sign is wrong: a KL is never negative.": -right,
        "sigma² is exp(logvar): you used the log-variance itself.": with_variance(logvar),
        "exp(logvar / 2) is the standard deviation; the KL has the variance, exp(logvar).": with_variance(sigma),
        "sigma² is taken for the log-variance, so you exponentiate twice.": kl_normal_to_standard(mu, var),
        "sigma is taken for the log-variance, so you exponentiate twice.": kl_normal_to_standard(mu, sigma),
        "exp(logvar) is the variance already; do not square it.": with_variance(var**2),
        "logvar is the log-variance, and you used it as sigma.": 0.5 * (mu**2 + logvar**2 - 1 - np.log(logvar**2)),
        "the 1 is missing: at mu = 0, logvar = 0 the KL must be 0.": right + 0.5,
        "the 1 enters with a minus: at mu = 0, logvar = 0 the KL must be 0.": right + 1,
        "the half belongs to all four terms.": right + (var - 1 - logvar) / 2,
        "the log-variance enters with a minus.": right + logvar,
        "the log-variance is missing.": right + logvar / 2,
        "mu is squared.": right + (mu - mu**2) / 2,
        "that is the KL in the other direction, from the standard normal to q.": kl_normal(0.0, 1.0, mu, var),
    }


@exercise(cases=[(1.4, 0.5, 0.6), (-0.8, 0.9, 1.7), (-0.3, -1.2, 0.25)], praise="{:.4f} nats.")
def log_prob(x, mu, var):
    """Say whether attempt(x, mu, var) is the normal log density. Exercise 2 of lesson 1."""
    right = gaussian_log_prob(x, mu, var)
    square, constant = (x - mu) ** 2 / var, np.log(2 * np.pi * var)
    return right, {
        "the half in front is missing.": 2 * right,
        "the sign is wrong: far from mu the log density must fall.": -right,
        "that is the density; take its logarithm.": np.exp(right),
        "the term log(2 pi var) is missing: without it the density does not integrate to 1.": -square / 2,
        "the constant has the variance in it: log(2 pi var), not log(2 pi).": -(square + np.log(2 * np.pi)) / 2,
        "the constant has 2 pi in it: log(2 pi var), not log(var).": -(square + np.log(var)) / 2,
        "var is a variance already; do not square it.": gaussian_log_prob(x, mu, var**2),
        "var is a variance, not a log-variance.": gaussian_log_prob(x, mu, np.exp(var)),
        "var is a variance; no square root.": gaussian_log_prob(x, mu, np.sqrt(var)),
        "the distance x - mu is squared.": -((x - mu) / var + constant) / 2,
        "the squared distance is divided by var.": -((x - mu) ** 2 + constant) / 2,
        "the half belongs to both terms.": -square / 2 - constant,
        "the half belongs to both terms; it is missing before the first.": -square - constant / 2,
    }


@exercise(
    cases=[(1.7, 1.3, 0.4, 0.5), (-0.6, 0.8, 0.7, 1.2), (0.9, -0.7, -1.1, 1.6)],
    parts=("mean", "log-variance"),
    praise="mean {:.4f} and log-variance {:.4f}; with this q the gap is 0.",
)
def closing_q(x, m, n, recon_var):
    """Say whether attempt(x, m, n, recon_var) is the mean and log-variance of the best q. Exercise 3 of lesson 1."""
    total = m**2 + recon_var
    mean, var = m * (x - n) / total, recon_var / total
    of_mean = {
        "that inverts the decoder, (x - n) / m; the prior pulls the mean towards 0.": (x - n) / m,
        "subtract n from x first.": m * x / total,
        "divide by m² + recon_var.": m * (x - n),
        "m is squared in m² + recon_var.": m * (x - n) / (m + recon_var),
        "recon_var is a variance already; do not square it.": m * (x - n) / (m**2 + recon_var**2),
        "m is missing in front.": (x - n) / total,
        "the mean is pulled to x - n, not away from it: check the sign.": -mean,
    }
    of_logvar = {
        "that is the variance; return its logarithm.": var,
        "that is the standard deviation; return the log-variance.": np.sqrt(var),
        "that is the log of the standard deviation; the log-variance is twice as much.": np.log(var) / 2,
        "the logarithm of the variance, not of its inverse.": -np.log(var),
        "that is log(recon_var), the noise of x; q is over z.": np.log(recon_var),
        "m is squared in m² + recon_var.": np.log(recon_var / (m + recon_var)),
        "the total m² + recon_var belongs below, not m² alone.": np.log(recon_var / m**2),
        "recon_var is missing above: the variance is recon_var / (m² + recon_var).": -np.log(total),
        "that is the share that the code explains, m² / (m² + recon_var); you want the rest.": np.log(m**2 / total),
    }
    return (mean, np.log(var)), (of_mean, of_logvar)
