"""The pictures of lesson 5 that are not the decoder's plane: a path between two points, and who is near it."""

import numpy as np

from vaelib import style
from vaelib.lessons.densities import X_LIMIT

T_GRID = np.linspace(0, 1, 101)


class Path:
    """The reconstruction along the path from one data point to another, with the decoder's spread as a band."""

    def __init__(self, axes):
        colour = style.MODEL["color"]
        (self.band,) = axes.fill([0], [0], color=colour, alpha=0.2, linewidth=0)
        (self.exact,) = axes.plot([], [], label="optimum", **style.EXACT)
        (self.line,) = axes.plot([], [], color=colour, label="x̂")
        look = {"linestyle": "none", "marker": "o", "markersize": 8, "markerfacecolor": style.PAPER, "clip_on": False}
        (self.points,) = axes.plot([], [], color=style.INK, label="data points", **look)
        (self.dot,) = axes.plot([], [], color=colour, marker="o", markersize=8)
        self.artists = [self.band, self.exact, self.line, self.points, self.dot]
        axes.set(xlim=(0, 1), ylim=(-X_LIMIT, X_LIMIT), ylabel="x")
        axes.set_yticks(range(-6, 7, 2))
        axes.tick_params(labelbottom=False)
        style.header(axes, "From one point to another", [self.points, self.line, self.exact])

    def show(self, ends, x_hat, sd, optimum, now):
        """Move to the two data points, x_hat over T_GRID with its spread, the optimum's, and the point (t, x_hat)."""
        around = np.concatenate([x_hat - sd, (x_hat + sd)[::-1]])
        self.band.set_xy(np.column_stack([np.concatenate([T_GRID, T_GRID[::-1]]), around]))
        self.exact.set_data(T_GRID, optimum)
        self.line.set_data(T_GRID, x_hat)
        self.points.set_data([0, 1], ends)
        self.dot.set_data([now[0]], [now[1]])


class Company:
    """How many data points are near the reconstruction along the path."""

    def __init__(self, axes, near):
        (self.line,) = axes.plot([], [], color=style.INK)
        (self.dot,) = axes.plot([], [], color=style.MODEL["color"], marker="o", markersize=8, clip_on=False)
        self.artists = [self.line, self.dot]
        axes.set(xlim=(0, 1), ylim=(0, 60), xlabel="t")
        style.header(axes, f"Data points within {near:g}")

    def show(self, counts, now):
        """Move to the counts over T_GRID and the point (t, count)."""
        self.line.set_data(T_GRID, counts)
        self.dot.set_data([now[0]], [now[1]])
