"""What is maximised: recon - beta kl, by sampling and in closed form."""

from typing import NamedTuple

import numpy as np

from vaelib.domain import checked, data, draws, parameters, variance, without_complaint
from vaelib.gaussian import gaussian_log_prob, kl_normal_to_standard
from vaelib.model import decode, encode, per_point, reparameterize


class Terms(NamedTuple):
    """The two terms of the objective, in nats per data point."""

    recon: float
    kl: float

    @property
    @without_complaint
    def elbo(self):
        """recon - kl: beta is 1 by definition."""
        return self.recon - self.kl

    @without_complaint
    def objective(self, beta):
        """recon - beta kl. Not comparable between different beta."""
        return self.recon - beta * self.kl


@checked(x=data, params=parameters, eps=draws, recon_var=variance)
def elbo_terms(x, params, eps, *, recon_var):
    """The terms estimated with one draw per data point, averaged over the data, in nats.

    recon: mean of log N(x; x_hat, recon_var) with x_hat decoded from z = mu + sigma eps; kl: mean of the closed form.
    x (N,), eps (N,) -> Terms of numbers; parameters, recon_var of shape S -> Terms that broadcast to S. Lesson 3.
    """
    mu, logvar = encode(x, params)
    x_hat = decode(reparameterize(mu, logvar, eps), params)
    recon, kl = gaussian_log_prob(x, x_hat, per_point(recon_var)), kl_normal_to_standard(mu, logvar)
    return Terms(recon.mean(axis=-1), kl.mean(axis=-1))


@checked(x=data, params=parameters, recon_var=variance)
def terms_given(x, mu, logvar, params, *, recon_var):
    """The exact terms of each data point for any normal q with mean mu and log-variance logvar, in nats.

    recon = -log(2 pi recon_var) / 2 - (r^2 + m^2 sigma^2) / (2 recon_var) with r = x - m mu - n.
    x, mu, logvar (N,) -> Terms of (N,). Lesson 1.
    """
    recon_var, m = map(per_point, (recon_var, params[4]))
    at_the_mean = gaussian_log_prob(x, decode(mu, params), recon_var)
    recon = at_the_mean - m**2 * np.exp(logvar) / (2 * recon_var)
    return Terms(recon, kl_normal_to_standard(mu, logvar) + np.zeros_like(x))


@checked(x=data, params=parameters, recon_var=variance)
def expected_terms(x, params, *, recon_var):
    """The exact terms at q(z given x) of the encoder, averaged over the data, in nats.

    The mean of `elbo_terms` over eps. x (N,) -> Terms of numbers; parameters, recon_var of shape S -> Terms that
    broadcast to S. Lesson 3.
    """
    mu, logvar = encode(x, params)
    recon, kl = terms_given.unchecked(x, mu, logvar, params, recon_var=recon_var)
    return Terms(recon.mean(axis=-1), kl.mean(axis=-1))
