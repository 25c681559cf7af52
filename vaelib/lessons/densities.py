"""Data space and latent space: what the model says of x, and what the encoder makes of it."""

import numpy as np

from vaelib import style
from vaelib.diagnostics import aggregate_posterior
from vaelib.gaussian import gaussian_density
from vaelib.model import encode

X_LIMIT, Z_LIMIT = 6.0, 4.0
X_GRID, Z_GRID = np.linspace(-X_LIMIT, X_LIMIT, 241), np.linspace(-Z_LIMIT, Z_LIMIT, 321)
X_BINS = np.linspace(-X_LIMIT, X_LIMIT, 49)
POINTS_SHOWN = 8


class DataSpace:
    """The histogram of the data, the model's density p(x) = N(n, m^2 + recon_var), and the optimum's behind it."""

    def __init__(self, axes):
        self.data = axes.stairs(np.zeros(X_BINS.size - 1), X_BINS, fill=True, label="data", **style.DATA)
        (self.exact,) = axes.plot([], [], label="optimum", **style.EXACT)
        (self.model,) = axes.plot([], [], label="model p(x)", **style.MODEL)
        self.artists = [self.data, self.exact, self.model]
        axes.set(xlim=(-X_LIMIT, X_LIMIT), ylim=(0, 0.65), xlabel="x")
        axes.set_xticks(range(-6, 7, 2))
        style.header(axes, "Data space: density of x", [self.data, self.model, self.exact])

    def show(self, x, params, optimum, recon_var):
        """Move to the data `x` (N,), the parameters of one step and the optimum's."""
        self.data.set_data(np.histogram(x, X_BINS, density=True)[0])
        for line, (*_, m, n) in ((self.model, params), (self.exact, optimum)):
            line.set_data(X_GRID, gaussian_density(X_GRID, n, m**2 + recon_var))


class LatentSpace:
    """The prior, the aggregate posterior q(z), the posteriors of some data points, and the optimum's q(z)."""

    def __init__(self, axes):
        (prior,) = axes.plot(Z_GRID, gaussian_density(Z_GRID, 0.0, 1.0), label="prior", **style.PRIOR)
        (self.exact,) = axes.plot([], [], label="optimum", **style.EXACT)
        (self.single,) = axes.plot([], [], label="q(z|x)", linewidth=0.8, **style.POSTERIOR)
        (self.aggregate,) = axes.plot([], [], label="q(z)", linewidth=2.4, **style.POSTERIOR)
        self.artists = [self.exact, self.single, self.aggregate]
        axes.set(xlim=(-Z_LIMIT, Z_LIMIT), ylim=(0, 1.0), xlabel="z")
        axes.set_xticks(range(-4, 5, 2))
        style.header(axes, "Latent space: density of z", [prior, self.single, self.aggregate, self.exact])

    def show(self, x, params, optimum):
        """Move to the data `x` (N,) and the parameters of one step; single posteriors have 1/8 of their height."""
        mu, logvar = encode(np.quantile(x, np.linspace(0.02, 0.98, POINTS_SHOWN)), params)
        curves = gaussian_density(Z_GRID[:, None], mu, np.exp(logvar)) / POINTS_SHOWN
        self.single.set_data(*one_line(Z_GRID, curves))
        for line, of in ((self.aggregate, params), (self.exact, optimum)):
            line.set_data(Z_GRID, aggregate_posterior(Z_GRID, x, of))


def one_line(x, curves):
    """Several curves (K, C) over x (K,) as one line with gaps, which is drawn faster: x, y."""
    gap = np.full(curves.shape[1], np.nan)
    return np.tile(np.append(x, np.nan), curves.shape[1]), np.vstack([curves, gap]).ravel(order="F")
