"""The pictures of lesson 8: traces below the truth's ceiling, a posterior that is not normal, the gap in two parts."""

import numpy as np

from vaelib import style
from vaelib.gaussian import gaussian_density
from vaelib.lessons.decoder import DecoderPlane
from vaelib.lessons.densities import Z_GRID, Z_LIMIT

UPDATES_SHOWN = 2000
HIGHEST, BEND, LOWEST = -1.15, 0.3, -15.0  # nats: the axis is stretched below HIGHEST
WIDEST = 1.0  # nats: a wider gap goes on beyond the edge


class Traces:
    """The ELBO and log p(x) while the model learns, below what the `truth` scores; dotted the best straight line."""

    def __init__(self, axes, truth):
        axes.set_yscale("function", functions=(_stretched, _nats))
        axes.set_xscale("asinh", linear_width=20)
        axes.set(xlim=(0, 1.15 * UPDATES_SHOWN), ylim=(LOWEST, HIGHEST), xlabel="update")
        style.ticks(axes.xaxis, [0, 30, 100, 300, 1000])
        style.ticks(axes.yaxis, [-10, -5, -3, -2, -1.5])
        exact = axes.axhline(truth, label="truth", **style.EXACT)
        dotted = {"color": style.INK, "linestyle": (0, (1, 1.5)), "linewidth": 1.2}
        self.straight = axes.axhline(np.nan, label="straight line", **dotted)
        (self.evidence,) = axes.plot([], [], label="log p(x)", linewidth=2, **style.MODEL)
        (self.elbo,) = axes.plot([], [], label="ELBO", color=style.OBJECTIVE["color"], linewidth=2)
        self.artists = [self.straight, self.evidence, self.elbo]
        style.header(axes, "Training: nats per data point", [self.evidence, self.elbo, exact, self.straight])

    def show(self, updates, elbo, evidence, straight):
        """Move to two traces over the updates, and to the ELBO of the best straight line."""
        self.elbo.set_data(updates, elbo)
        self.evidence.set_data(updates, evidence)
        self.straight.set_ydata([straight, straight])


def _stretched(nats):
    return -np.arcsinh((HIGHEST - nats) / BEND)


def _nats(stretched):
    return HIGHEST - BEND * np.sinh(-stretched)


class Plane(DecoderPlane):
    """The decoder's curve, or its two, with the codes of the data, and a thin line at one x."""

    def __init__(self, axes):
        super().__init__(axes, "Decoder and codes", "data", style.DATA | {"marker": "o", "markersize": 3})
        self.this = axes.axhline(0, color=style.INK, linewidth=0.7)
        self.artists.append(self.this)

    def at(self, x):
        """Move to the x whose posterior is shown."""
        self.this.set_ydata([x, x])


class Posteriors:
    """Along z: the prior, the true posterior of one x, which need not be normal, and q, which is."""

    def __init__(self, axes):
        (prior,) = axes.plot(Z_GRID, gaussian_density(Z_GRID, 0.0, 1.0), label="prior", **style.PRIOR)
        (self.exact,) = axes.plot([], [], label="p(z|x)", **style.EXACT)
        (self.q,) = axes.plot([], [], label="q(z|x)", linewidth=2.4, **style.POSTERIOR)
        self.artists = [self.exact, self.q]
        axes.set_yscale("asinh", linear_width=1)
        axes.set(xlim=(-Z_LIMIT, Z_LIMIT), ylim=(0, 12), xlabel="z")
        style.ticks(axes.yaxis, [0, 1, 3, 10])
        axes.set_xticks(range(-4, 5, 2))
        style.header(axes, "Latent space, for this x", [prior, self.q, self.exact])

    def show(self, q, true):
        """Move to the mean and variance of q, and to the true posterior over Z_GRID."""
        self.q.set_data(Z_GRID, gaussian_density(Z_GRID, *q))
        self.exact.set_data(Z_GRID, true)


class Gap:
    """log p(x) - ELBO as two bars, the mean over the data and this x: what no normal q closes, then this encoder."""

    def __init__(self, axes):
        looks = {"no normal q": {"color": style.PAPER, "hatch": "///"}, "this encoder": style.POSTERIOR}
        outline = {"height": 0.6, "edgecolor": style.INK, "linewidth": 0.8}
        self.parts = [axes.barh([1, 0], [np.nan] * 2, label=name, **outline, **look) for name, look in looks.items()]
        axes.set(xlim=(0, WIDEST), ylim=(-0.5, 1.5), xlabel="nats")
        axes.set_yticks([1, 0], ["mean", "this x"])
        axes.grid(False, axis="y")
        self.artists = [bar for bars in self.parts for bar in bars]
        style.header(axes, "Gap below log p(x)", self.parts)

    def show(self, mean, this):
        """Move to approximation and amortisation, of the mean and of this x; NaN draws nothing."""
        for row, (approximation, amortisation) in enumerate((mean, this)):
            self.parts[0][row].set_width(approximation)
            self.parts[1][row].set(x=approximation, width=amortisation)
