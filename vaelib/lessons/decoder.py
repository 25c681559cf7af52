"""The decoder as a picture: z to the right, x upwards, and beside it what comes out."""

import numpy as np

from vaelib import style
from vaelib.gaussian import gaussian_density
from vaelib.lessons.densities import X_BINS, X_GRID, X_LIMIT, Z_GRID, Z_LIMIT

ENDS = np.array([-Z_LIMIT, Z_LIMIT])


class DecoderPlane:
    """The decoder's line, x_hat over z, and points (z, x)."""

    def __init__(self, axes, title, label, look):
        (self.points,) = axes.plot([], [], linestyle="none", label=label, **look)
        (self.line,) = axes.plot([], [], label="decoder", **style.MODEL)
        self.artists = [self.points, self.line]
        axes.set(xlim=(-Z_LIMIT, Z_LIMIT), ylim=(-X_LIMIT, X_LIMIT), ylabel="x")
        axes.set_yticks(range(-6, 7, 2))
        axes.tick_params(labelbottom=False)
        style.header(axes, title, [self.points, self.line])

    def show(self, z, x, line):
        """Move to the points z (K,), x (K,) and to a line: z and x_hat."""
        self.points.set_data(z, x)
        self.line.set_data(*line)


class LatentStrip:
    """Below the plane: the prior, and the density from which z comes or the codes of the data."""

    def __init__(self, axes, label, look):
        (prior,) = axes.plot(Z_GRID, gaussian_density(Z_GRID, 0.0, 1.0), label="prior", **style.PRIOR)
        (self.density,) = axes.plot([], [], label=label, **look)
        self.artists = [self.density]
        axes.set(xlim=(-Z_LIMIT, Z_LIMIT), ylim=(0, 1.6), xlabel="z")
        axes.set_xticks(range(-4, 5, 2))
        style.header(axes, "Latent space", [prior, self.density])

    def show(self, density):
        """Move to a density over Z_GRID."""
        self.density.set_data(Z_GRID, density)


class Outcome:
    """Beside the plane: the data, the density of what comes out, and an `exact` one, if that has a name, behind it."""

    def __init__(self, axes, title, label, exact=None):
        look = style.DATA | {"orientation": "horizontal", "fill": True}
        self.data = axes.stairs(np.zeros(X_BINS.size - 1), X_BINS, label="data", **look)
        (self.exact,) = axes.plot([], [], label=exact, **style.EXACT)
        (self.density,) = axes.plot([], [], label=label, **style.MODEL)
        self.artists = [self.data, self.exact, self.density]
        axes.set(xlim=(0, 0.8), ylim=(-X_LIMIT, X_LIMIT), xlabel="density of x")
        axes.set_yticks(range(-6, 7, 2))
        style.header(axes, title, [self.data, self.density, *[self.exact] * bool(exact)])

    def show(self, x, density, exact=np.nan):
        """Move to the data x (N,) and the densities over X_GRID."""
        self.data.set_data(np.histogram(x, X_BINS, density=True)[0])
        self.density.set_data(density, X_GRID)
        self.exact.set_data(exact + np.zeros_like(X_GRID), X_GRID)
