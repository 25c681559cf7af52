"""The pictures of lesson 7: a run's traces, the spectrum under water, images and directions as tiles."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from vaelib import style
from vaelib.lessons.images import INK_OF_IMAGES, PIXELS, sheet

STEPS_SHOWN = 1200
SHOWN = 32  # bars
LOWEST, HIGHEST = 0.002, 1.5  # variances, and levels as far as they are seen
COLUMNS = 6
ENDS = [style.KL["color"], style.PAPER, style.RECON["color"]]
SIGNED = LinearSegmentedColormap.from_list("signed", ENDS, 2 * style.SHADES - 1).with_extremes(bad=style.DATA["color"])


class Traces:
    """Objective, recon and KL after every step, each with its value at the exact optimum dashed behind it.

    Both axes are stretched near 0 (asinh): 400 and 1,200 steps, 1 and -300 nats have room in one picture.
    """

    def __init__(self, axes):
        axes.set_xscale("asinh", linear_width=5)
        axes.set_yscale("asinh", linear_width=10)
        axes.set(xlim=(0, STEPS_SHOWN), ylim=(-600, 200), xlabel="step")
        style.ticks(axes.xaxis, [0, 10, 30, 100, 300, 1000])
        style.ticks(axes.yaxis, [-300, -100, -30, -10, 0, 10, 30, 100])
        self.now = axes.axvline(0, color=style.INK, linewidth=0.7)
        self.exact = {name: axes.axhline(np.nan, label="optimum", **style.EXACT) for name in style.TERMS}
        self.trace = {name: axes.plot([], [], color=look["color"])[0] for name, look in style.TERMS.items()}
        self.dot = {
            name: axes.plot([], [], label=name.replace("kl", "KL"), **look)[0] for name, look in style.TERMS.items()
        }
        hollow = style.OBJECTIVE | {"markerfacecolor": style.PAPER, "linestyle": "none"}
        (self.held_out,) = axes.plot([], [], label="ELBO held out", **hollow)
        groups = (self.exact, self.trace, self.dot)
        self.artists = [self.now, *(artist for group in groups for artist in group.values()), self.held_out]
        style.header(axes, "Nats per image", [*self.dot.values(), self.held_out, self.exact["kl"]], rows=3)

    def show(self, history, optimum, step, held_out):
        """Move to a run's history, the terms of the optimum, the step in view, and the held-out ELBO there."""
        self.now.set_xdata([step, step])
        self.held_out.set_data([step], [held_out])
        for name in style.TERMS:
            trace, best = getattr(history, name), getattr(optimum, name)
            self.exact[name].set_ydata([best, best])
            self.trace[name].set_data(np.arange(1, trace.size + 1), trace)
            self.dot[name].set_data([step], [trace[step - 1]])


class Spectrum:
    """The variances of the data along their principal directions as bars in water, which stands at beta recon_var.

    The axis is logarithmic, so a bar's height above the water is twice its rate in nats: the dots are the latents of a
    run at level exp(2 rate), the dashes those of the optimum.
    """

    def __init__(self, axes):
        axes.set_yscale("log")
        axes.set(xlim=(0.4, SHOWN + 0.6), ylim=(LOWEST, HIGHEST), xlabel="direction, latent")
        style.ticks(axes.yaxis, [0.003, 0.01, 0.03, 0.1, 0.3, 1])
        style.ticks(axes.xaxis, [1, 8, 16, 24, 32])
        edges = np.repeat(np.arange(1, SHOWN + 1), 2) + np.tile([-0.4, 0.4], SHOWN)
        self.edges = edges
        self.bars = axes.stairs(
            np.full(2 * SHOWN - 1, LOWEST), edges, baseline=LOWEST, fill=True, label="data", **style.DATA
        )
        self.water = axes.axhspan(LOWEST, LOWEST, color=style.POSTERIOR["color"], alpha=0.4, linewidth=0, label="level")
        look = style.EXACT | {"linestyle": "none", "marker": "_", "markersize": 9, "markeredgewidth": 1.6}
        (self.exact,) = axes.plot([], [], label="optimum", **look)
        (self.run,) = axes.plot([], [], label="run", **style.KL | {"linestyle": "none", "markersize": 4.5})
        self.artists = [self.bars, self.water, self.exact, self.run]
        style.header(axes, "Variance of each direction", [self.bars, self.water, self.run, self.exact], rows=3)

    def show(self, eigenvalues, level, best_level, rates, exact_rates):
        """Move to the spectrum, and to the levels and the rates (K,), falling, of a run and of the optimum."""
        heights = np.full(2 * SHOWN - 1, LOWEST)
        heights[::2] = eigenvalues[:SHOWN]
        self.bars.set_data(np.maximum(heights, LOWEST), self.edges)
        self.water.set_height(np.clip(level, LOWEST, HIGHEST) - LOWEST)
        for line, tops in ((self.run, level * np.exp(2 * rates)), (self.exact, best_level * np.exp(2 * exact_rates))):
            line.set_data(np.arange(1, tops.size + 1), np.clip(tops, LOWEST, HIGHEST))


class Tiles:
    """Rows of images: data, reconstructions, samples; below them the directions of the latents, grey where dead."""

    ROWS = ("data", "decoded", "samples", "directions")
    ROWS_OF_DIRECTIONS = 3

    def __init__(self, axes):
        rows = 3 + self.ROWS_OF_DIRECTIONS
        axes.set(xlim=(0, COLUMNS), ylim=(rows, 0), aspect="equal", anchor="N")
        axes.axis("off")
        blank = sheet(np.zeros((0, PIXELS**2)), 1, COLUMNS)
        look = {"interpolation": "nearest", "aspect": "equal"}
        self.images = axes.imshow(blank, cmap=INK_OF_IMAGES, vmin=0, vmax=1, extent=(0, COLUMNS, 3, 0), **look)
        self.directions = axes.imshow(blank, cmap=SIGNED, vmin=-1, vmax=1, extent=(0, COLUMNS, rows, 3), **look)
        self.artists = [self.images, self.directions]
        for row, name in enumerate(self.ROWS):
            axes.text(-0.15, row + 0.5, name, ha="right", va="center", fontsize=8.5)
        style.header(axes, "What the model keeps")

    def show(self, images, directions, alive):
        """Move to three rows of images (3, COLUMNS, D), and to the directions (K, D), the strongest first."""
        self.images.set_data(sheet(np.clip(images.reshape(-1, images.shape[-1]), 0, 1), 3, COLUMNS))
        length = np.abs(directions).max(axis=1, keepdims=True)
        tiles = np.where(alive[:, None], directions / np.where(length > 0, length, 1), np.nan)
        self.directions.set_data(sheet(tiles, self.ROWS_OF_DIRECTIONS, COLUMNS))
