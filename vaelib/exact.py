"""What training should arrive at, in closed form: an independent witness that uses no objective and no training.

xbar and s2 are the mean and the variance (divided by N) of the data; v is recon_var.
"""

import numpy as np

from vaelib.domain import checked, data, non_negative, parameters, variance
from vaelib.gaussian import gaussian_log_prob, kl_normal_to_standard
from vaelib.model import LOGVAR_RANGE, LinearVAE, per_point


@checked(x=data, beta=non_negative, recon_var=variance)
def optimum(x, *, beta=1.0, recon_var):
    """The parameters with the highest expected objective, the solution with m >= 0, clamp included.

    With w = m^2 + beta v, the best w is s2 (or beta v where that is larger: collapse, m = 0); then a = m / w,
    b = -a xbar, c = 0, d = log(beta v / w), n = xbar. Where d would fall below the clamp, w = sqrt(beta v s2 / sigma^2)
    with sigma^2 at the clamp. beta, recon_var of shape S -> LinearVAE of S. ValueError for beta = 0. Lesson 4.
    """
    if np.any(beta == 0):
        raise ValueError("beta is 0; it must be above 0, because without the KL term there is no optimum.")
    product = beta * recon_var
    smallest = np.exp(LOGVAR_RANGE[0])
    w = np.maximum(x.var(), product)
    clamped = product < w * smallest
    w = np.where(clamped, np.sqrt(product * x.var() / smallest), w)[()]
    m = np.sqrt(w - product)
    a = m / w
    d = np.where(clamped, LOGVAR_RANGE[0], np.log(product / w))[()]
    none = np.zeros_like(a)[()]
    return LinearVAE(a, none - a * x.mean(), none, d, m, none + x.mean())


@checked(x=data, recon_var=variance)
def collapse_beta(x, *, recon_var):
    """The smallest beta at which the optimum ignores x: s2 / recon_var. recon_var of shape S -> S. Lesson 6."""
    return x.var() / recon_var


@checked(x=data, params=parameters, recon_var=variance)
def log_evidence(x, params, *, recon_var):
    """log p(x) of each data point, in nats: the model's density of x is N(n, m^2 + recon_var).

    x (N,) -> (N,); parameters or recon_var of shape S -> S + (N,). Lesson 1.
    """
    m, n = map(per_point, params[4:])
    return gaussian_log_prob(x, n, m**2 + per_point(recon_var))


@checked(x=data, params=parameters, recon_var=variance)
def true_posterior(x, params, *, recon_var):
    """Mean and variance of p(z given x), the distribution that q stands in for.

    m (x - n) / (m^2 + v) and v / (m^2 + v), by Bayes' rule. x (N,) -> mean (N,), var (N,). Lesson 1.
    """
    m, n, recon_var = map(per_point, (*params[4:], recon_var))
    total = m**2 + recon_var
    return m * (x - n) / total, recon_var / total + np.zeros_like(x)


@checked(x=data, beta=non_negative, recon_var=variance)
def rate_distortion(x, *, beta, recon_var):
    """Rate (mean KL, nats) and distortion (mean squared error of x_hat, in squared units of x) at the optimum.

    log(s2 / D) / 2 and D = beta v while the code is in use; 0 and s2 above the threshold; along the clamp from the
    parameters. beta, recon_var of shape S -> two of S. ValueError for beta = 0. Lesson 4; Alemi et al. 2018.
    """
    a, _, _, d, m, _ = optimum.unchecked(x, beta=beta, recon_var=recon_var)
    rate = kl_normal_to_standard(a * x.std(), d)  # mu has mean 0 and standard deviation a sqrt(s2)
    distortion = (1 - m * a) ** 2 * x.var() + m**2 * np.exp(d)
    return rate, distortion


@checked(x=data, beta=non_negative, recon_var=variance)
def largest_stable_lr(x, *, beta, recon_var):
    """The learning rate above which gradient ascent on the expected objective cannot settle on the optimum.

    2 / the largest eigenvalue of the curvature (the negative Hessian) there. beta, recon_var of shape S -> S.
    ValueError for beta = 0. Lesson 3.
    """
    largest = np.linalg.eigvalsh(_curvature(x, beta, recon_var))[..., -1]
    return 2 / largest


def _curvature(x, beta, recon_var):
    """The negative Hessian of the expected objective at the optimum, (..., 6, 6), rows in the order a b c d m n.

    At the optimum mu and the residual average to 0; held by the clamp, c and d have no effect.
    """
    beta, v = np.broadcast_arrays(beta, recon_var)
    a, _, _, d, m, _ = optimum.unchecked(x, beta=beta, recon_var=v)
    mean, square, s2 = x.mean(), np.mean(x**2), x.var()
    var = np.exp(d)
    of_mu = m**2 / v + beta
    of_logvar = np.where(d > LOGVAR_RANGE[0], 0.5 * of_mu * var, 0.0)
    between = np.where(d > LOGVAR_RANGE[0], m * var / v, 0.0)
    entries = {
        "aa": of_mu * square, "ab": of_mu * mean, "bb": of_mu,
        "am": (2 * m * a - 1) * s2 / v, "an": m * mean / v, "bn": m / v,
        "cc": of_logvar * square, "cd": of_logvar * mean, "dd": of_logvar,
        "cm": between * mean, "dm": between,
        "mm": (a**2 * s2 + var) / v, "nn": 1 / v,
    }  # fmt: skip
    matrix = np.zeros((*beta.shape, 6, 6))
    for pair, value in entries.items():
        row, column = map(LinearVAE._fields.index, pair)
        matrix[..., row, column] = matrix[..., column, row] = value
    return matrix
