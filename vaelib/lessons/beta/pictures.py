"""The pictures of lesson 4: the plane of rate and distortion, and the map of beta and recon_var."""

from collections import deque

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from vaelib import style

KL_SHADES = LinearSegmentedColormap.from_list("KL", [style.PAPER, style.KL["color"], "#6b2f00"])
MOST_NATS = 3.0  # in the map
MOST_SHARE, MOST_RATE = 1.1, 3.5  # in the plane
TRAIL = 400  # runs visited that are shown


class RatePlane:
    """Rate over distortion, as a share of the variance of the data: the exact curve, runs visited, run and optimum."""

    def __init__(self, axes):
        self.visited = deque(maxlen=TRAIL)
        share = np.linspace(1e-3, 1, 500)
        (curve,) = axes.plot(share, -0.5 * np.log(share), label="optima", **style.EXACT)
        dots = {"linestyle": "none", "marker": "o", "color": style.OBJECTIVE["color"]}
        circle = dots | {"color": style.EXACT["color"], "markerfacecolor": style.PAPER}
        (self.trail,) = axes.plot([], [], label="visited", markersize=3, alpha=0.5, **dots)
        (self.goal,) = axes.plot([], [], label="its optimum", markersize=9, clip_on=False, **circle)
        (self.run,) = axes.plot([], [], label="run", markersize=8, clip_on=False, **dots)
        self.artists = [self.trail, self.goal, self.run]
        axes.set(xlim=(0, MOST_SHARE), ylim=(-0.1, MOST_RATE), xlabel="distortion / variance of the data")
        style.header(axes, "Rate (KL), nats", [self.run, self.goal, self.trail, curve])

    def show(self, run, optimum):
        """Move to the pairs (distortion share, rate) of a run and its optimum; at the edge if too far."""
        self.visited.append(run)
        for line, pairs in ((self.run, [run]), (self.goal, [optimum]), (self.trail, self.visited)):
            line.set_data(*np.minimum(pairs, (MOST_SHARE, MOST_RATE)).T)


def phase_diagram(axes, title, beta, recon_var, kl, s2, unfinished=None):
    """The KL over recon_var and beta as a map, the threshold beta recon_var = s2, and crosses on unfinished runs."""
    axes.pcolormesh(recon_var, beta, kl, cmap=KL_SHADES, vmin=0, vmax=MOST_NATS, shading="nearest", rasterized=True)
    axes.set_xscale("log")
    axes.set_yscale("log")
    (line,) = axes.plot(recon_var, s2 / recon_var, label="threshold", **style.EXACT)
    handles = [line]
    if unfinished is not None:
        rows, columns = np.nonzero(unfinished)
        look = {"linestyle": "none", "marker": "x", "markersize": 2.5, "markeredgewidth": 0.6}
        handles += axes.plot(recon_var[columns], beta[rows], color=style.INK, label="unfinished", **look)
    axes.set(xlabel="recon_var", ylabel="beta", xlim=recon_var[[0, -1]], ylim=beta[[0, -1]])
    style.ticks(axes.yaxis, [0.1, 0.3, 1, 3, 10, 30])
    style.ticks(axes.xaxis, [0.03, 0.1, 0.3, 1, 3])
    axes.grid(False)
    style.header(axes, title, handles)
