"""The pictures of lesson 2: the same noise under a moving distribution, and how much each estimator scatters."""

import numpy as np

from vaelib import style
from vaelib.gaussian import gaussian_density

DOTS_SHOWN, ARROWS_SHOWN = 30, 5
NOISE_HEIGHT = 2.6
ARROW, ARROW_HEIGHTS = 0.55, (-0.45, -1.05)
SLIDING = {"color": style.POSTERIOR["color"]}  # the estimators whose draws slide with q
STAYING = {"color": style.INK}
ESTIMATORS = {
    "independent draws": STAYING | {"linewidth": 1.2, "marker": "o", "markevery": 6, "markersize": 3.5},
    "score function": STAYING | {"linestyle": (0, (3, 1, 1, 1)), "linewidth": 1.4},
    "with baseline": STAYING | {"linestyle": (0, (1, 1.2)), "linewidth": 1.8},
    "pathwise": SLIDING | {"linewidth": 2.4},
    "common draws": SLIDING | {"linestyle": "none", "marker": "o", "markevery": 3, "markerfacecolor": style.PAPER},
}


class SameNoise:
    """Above, draws eps of fixed noise; below, z = mu + sigma eps: each dot keeps its identity and slides."""

    LIMIT = 5.0

    def __init__(self, axes):
        self.grid = np.linspace(-self.LIMIT, self.LIMIT, 301)
        noise = NOISE_HEIGHT + gaussian_density(self.grid, 0.0, 1.0)
        for height in (0, NOISE_HEIGHT):
            axes.axhline(height, color=style.INK, linewidth=0.6)
        axes.plot(self.grid, noise, color=style.INK, linewidth=1.0)
        dots = {"linestyle": "none", "marker": "o", "markersize": 6, "color": style.INK}
        (self.threads,) = axes.plot([], [], color=style.INK, linewidth=0.6, alpha=0.5)
        (self.density,) = axes.plot([], [], label="q(z)", **style.POSTERIOR)
        (self.eps,) = axes.plot([], [], label="noise ε", **dots)
        (self.z,) = axes.plot([], [], label="draws z", **dots | {"color": style.POSTERIOR["color"]})
        self.arrows = [_arrows(axes, height) for height in ARROW_HEIGHTS]
        self.artists = [self.threads, self.density, self.eps, self.z, *self.arrows]
        axes.set(xlim=(-self.LIMIT, self.LIMIT), ylim=(-1.35, NOISE_HEIGHT + 0.75), xlabel="z")
        axes.set_yticks([*ARROW_HEIGHTS, 0, NOISE_HEIGHT], ["∂z/∂μ = 1", "∂z/∂σ = ε", "z = μ + σε", "ε"])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(False, axis="y")
        style.header(axes, "The same noise, a moving q", [self.eps, self.density, self.z], rows=2)

    def show(self, mu, sigma, eps):
        """Move to the distribution N(mu, sigma^2) and the draws eps (K,)."""
        eps = eps[:DOTS_SHOWN]
        z, gap = mu + sigma * eps, np.full(eps.size, np.nan)
        self.density.set_data(self.grid, gaussian_density(self.grid, mu, sigma**2))
        self.threads.set_data(np.stack([eps, z, gap], axis=1).ravel(), np.tile([NOISE_HEIGHT, 0.0, np.nan], eps.size))
        self.eps.set_data(eps, np.full(eps.size, NOISE_HEIGHT))
        self.z.set_data(z, np.zeros(eps.size))
        first = np.full(ARROWS_SHOWN, np.nan)
        first[: eps.size] = eps[:ARROWS_SHOWN]
        for arrows, slopes in zip(self.arrows, (np.ones_like(first), first), strict=True):
            arrows.set_offsets(np.column_stack([mu + sigma * first, arrows.Y]))
            arrows.set_UVC(slopes, np.zeros_like(first))


def _arrows(axes, height):
    """Arrows along x around one height, one a little above the other."""
    nothing = np.zeros(ARROWS_SHOWN)
    height = height + 0.08 * (np.arange(ARROWS_SHOWN) - ARROWS_SHOWN // 2)
    look = {"angles": "xy", "scale_units": "xy", "scale": 1 / ARROW, "width": 0.005, "color": style.POSTERIOR["color"]}
    return axes.quiver(nothing, height, nothing, nothing, **look)


class Scatter:
    """The standard deviation of each estimator of the slope over the step width h, both logarithmic."""

    def __init__(self, axes, widths):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set(xlim=(widths[0], widths[-1]), ylim=(1e-2, 1e5), xlabel="step width h")
        self.widths = widths
        self.lines = {name: axes.plot([], [], label=name, **look)[0] for name, look in ESTIMATORS.items()}
        self.artists = list(self.lines.values())
        style.header(axes, "Standard deviation of the estimated slope", self.artists, rows=2)

    def show(self, deviations):
        """Move to the standard deviations by estimator, each a number or one per step width."""
        for name, line in self.lines.items():
            line.set_data(self.widths, deviations[name] + np.zeros_like(self.widths))
