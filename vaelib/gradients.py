"""Slopes of the objective recon - beta kl in the six parameters, three ways."""

import numpy as np

from vaelib.domain import checked, data, draws, non_negative, one, parameters, positive, variance
from vaelib.model import LOGVAR_RANGE, LinearVAE, decode, encode, per_point


@checked(params=parameters, h=one(positive))
def finite_diff_grad(f, params, h=1e-3):
    """Central differences of f(params) in each parameter: (f(p + h) - f(p - h)) / (2 h), 12 evaluations of f.

    f takes a LinearVAE and must use the same draws in every call (common random numbers). -> LinearVAE. Lesson 3.
    """
    params = LinearVAE(*params)

    def slope(name):
        here = getattr(params, name)
        up, down = params._replace(**{name: here + h}), params._replace(**{name: here - h})
        return (f(up) - f(down)) / (2 * h)

    return LinearVAE(*map(slope, LinearVAE._fields))


def _chain_rule(x, logvar, slope_mu, slope_logvar, slope_m, slope_n):
    """From slopes per data point to slopes in the parameters, averaged over the data.

    mu = a x + b and logvar = c x + d; where the clamp holds logvar, c and d have no effect.
    """
    lowest, highest = LOGVAR_RANGE
    slope_logvar = slope_logvar * ((logvar > lowest) & (logvar < highest))
    slopes = (
        np.vecdot(slope_mu, x),
        slope_mu.sum(axis=-1),
        np.vecdot(slope_logvar, x),
        slope_logvar.sum(axis=-1),
        slope_m.sum(axis=-1),
        slope_n.sum(axis=-1),
    )
    return LinearVAE(*(slope / x.size for slope in slopes))


@checked(x=data, params=parameters, eps=draws, beta=non_negative, recon_var=variance)
def pathwise_grad(x, params, eps, *, beta, recon_var):
    """The slopes of `elbo_terms(...).objective(beta)` at fixed draws eps, by the chain rule through z = mu + sigma eps.

    An unbiased estimate of `expected_grad`. x (N,), eps (N,) -> LinearVAE of numbers; parameters, beta and recon_var
    of shape S -> LinearVAE whose slots broadcast to S. Lessons 2 and 3; Kingma and Welling 2013, Rezende et al. 2014.
    """
    beta, m = map(per_point, (beta, params[4]))
    mu, logvar = encode(x, params)
    sigma = np.exp(0.5 * logvar)
    z = mu + sigma * eps
    slope_x_hat = (x - decode(z, params)) / per_point(recon_var)
    slope_z = m * slope_x_hat
    slope_mu = slope_z - beta * mu
    slope_logvar = 0.5 * (slope_z * sigma * eps - beta * (sigma * sigma - 1))
    return _chain_rule(x, logvar, slope_mu, slope_logvar, slope_m=slope_x_hat * z, slope_n=slope_x_hat)


@checked(x=data, params=parameters, beta=non_negative, recon_var=variance)
def expected_grad(x, params, *, beta, recon_var):
    """The exact slopes of `expected_terms(...).objective(beta)`: no draws, no error.

    x (N,) -> LinearVAE of numbers; parameters, beta and recon_var of shape S -> LinearVAE whose slots broadcast to S.
    Lesson 3.
    """
    beta, recon_var, m = map(per_point, (beta, recon_var, params[4]))
    mu, logvar = encode(x, params)
    var = np.exp(logvar)
    slope_x_hat = (x - decode(mu, params)) / recon_var
    slope_mu = m * slope_x_hat - beta * mu
    slope_logvar = 0.5 * (beta - (m * m / recon_var + beta) * var)
    slope_m = slope_x_hat * mu - m * var / recon_var
    return _chain_rule(x, logvar, slope_mu, slope_logvar, slope_m=slope_m, slope_n=slope_x_hat)
