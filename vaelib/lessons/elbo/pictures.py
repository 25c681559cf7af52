"""The pictures of lesson 1: densities of z, the way from recon to the ceiling, the KL over a scale."""

import numpy as np

from vaelib import style
from vaelib.gaussian import gaussian_density

BARS = {"recon": style.RECON["color"], "\N{MINUS SIGN} KL": style.KL["color"], "gap": style.PAPER}
FLOOR, CUT = -12.0, " ↓"


class Posteriors:
    """Along z: the prior, q(z given x) and the true posterior p(z given x) of one data point."""

    LIMIT = 5.0

    def __init__(self, axes):
        self.grid = np.linspace(-self.LIMIT, self.LIMIT, 501)
        (prior,) = axes.plot(self.grid, gaussian_density(self.grid, 0.0, 1.0), label="prior p(z)", **style.PRIOR)
        (self.exact,) = axes.plot([], [], label="true posterior p(z|x)", **style.EXACT)
        (self.q,) = axes.plot([], [], label="q(z|x)", linewidth=2.4, **style.POSTERIOR)
        self.artists = [self.exact, self.q]
        axes.set(xlim=(-self.LIMIT, self.LIMIT), ylim=(0, 2), xlabel="z")
        style.header(axes, "Latent space: density of z", [prior, self.q, self.exact])

    def show(self, q, true):
        """Move to the mean and variance of q and of the true posterior."""
        self.q.set_data(self.grid, gaussian_density(self.grid, *q))
        self.exact.set_data(self.grid, gaussian_density(self.grid, *true))


class Waterfall:
    """recon, minus the KL: the ELBO; plus the gap: log p(x), the ceiling. In nats, of one data point."""

    def __init__(self, axes):
        axes.set(xlim=(-0.5, 3.1), ylim=(FLOOR, 0.5))
        axes.set_xticks(range(3), list(BARS))
        axes.grid(False, axis="x")
        axes.tick_params(axis="x", length=0)
        bars = axes.bar(range(3), [0.0] * 3, width=0.8, color=list(BARS.values()))
        bars[2].set(edgecolor=style.INK, linewidth=1.0, hatch="///")
        self.bars = list(bars)
        green = style.OBJECTIVE["color"]
        self.ceiling = axes.axhline(np.nan, label="log p(x)", **style.EXACT)
        (self.elbo,) = axes.plot([0.6, 3.1], [np.nan] * 2, color=green, linewidth=2.2, label="ELBO")
        paper = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 1.0}
        self.numbers = [axes.text(place, 0, "", ha="center", va="top", size=9, bbox=paper) for place in range(3)]
        self.numbers[2].set(va="bottom")
        look = {"ha": "right", "size": 9, "weight": "bold", "bbox": paper}
        self.levels = axes.text(3.08, 0, "", va="bottom", **look), axes.text(3.08, 0, "", va="top", color=green, **look)
        self.artists = [*self.bars, self.ceiling, self.elbo, *self.numbers, *self.levels]
        style.header(axes, "Nats, for this one x", [self.elbo, self.ceiling])

    def show(self, recon, kl, ceiling):
        """Move to recon, KL and log p(x)."""
        elbo = recon - kl
        spans = [(0.0, recon), (recon, elbo), (elbo, ceiling)]
        for bar, number, (begin, end) in zip(self.bars, self.numbers, spans, strict=True):
            bar.set(y=begin, height=end - begin)
            edge = _in_view(ceiling) + 0.15 if bar is self.bars[2] else _in_view(end) - 0.2
            number.set(y=edge, text=_signed(end - begin, min(begin, end)))
        above_or_below = (self.ceiling, self.levels[0], ceiling, 0.15), (self.elbo, self.levels[1], elbo, -0.2)
        for line, text, level, above in above_or_below:
            line.set_ydata([level, level])
            text.set(y=_in_view(level) + above, text=_signed(level, level))


def _in_view(level):
    return max(level, FLOOR + 1.0)


class KlOfScale:
    """The mean KL of the codes over their scale, and the scale in use."""

    def __init__(self, axes, scales, kl):
        (line,) = axes.plot(scales, kl, color=style.KL["color"], label="KL")
        best = axes.axvline(scales[np.argmin(kl)], label="smallest", **style.EXACT)
        (self.dot,) = axes.plot([], [], clip_on=False, **style.KL)
        self.artists = [self.dot]
        axes.set_xscale("log")
        axes.set(xlabel="scale", xlim=(scales[0], scales[-1]), ylim=(0, 12))
        style.ticks(axes.xaxis, [0.5, 1, 2, 4, 8])
        style.header(axes, "KL, nats per data point", [line, best])

    def show(self, scale, kl):
        """Move to the scale in use and its KL."""
        self.dot.set_data([scale], [kl])


def _signed(value, level):
    """The value as text, with an arrow where its `level` is below the picture."""
    return f"{value:z.3f}{CUT if level < FLOOR else ''}".replace("-", "\N{MINUS SIGN}")
