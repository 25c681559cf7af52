"""The pictures of lesson 6: four measures of a code, remedies on trial."""

import numpy as np

from vaelib import style

MEASURES = {
    "KL": style.KL | {"markersize": 9},
    "I(x;z)": {"color": style.INK, "marker": "D", "markersize": 4},
    "activity": {"color": style.POSTERIOR["color"], "marker": "v"},
    "shuffle": {"color": style.RECON["color"], "marker": "P"},
}
MOST_NATS, MOST_SHARE = 3.2, 1.6


class Measures:
    """Some of the four measures over beta: the exact curve of each, and a run's values at its last two steps."""

    def __init__(self, axes, title, names, highest):
        self.highest = highest
        axes.set_xscale("log")
        axes.set(xlim=(0.1, 30), ylim=(0, highest), xlabel="beta")
        style.ticks(axes.xaxis, [0.1, 0.3, 1, 3, 10, 30])
        self.exact = {name: axes.plot([], [], label="optimum", **style.EXACT)[0] for name in names}
        dots = {"linestyle": "none", "clip_on": False}
        hollow = {"linestyle": "none", "markerfacecolor": style.PAPER, "clip_on": False}
        self.before = {name: axes.plot([], [], **MEASURES[name] | hollow)[0] for name in names}
        self.now = {name: axes.plot([], [], label=name, **MEASURES[name] | dots)[0] for name in names}
        self.above = axes.text(0, highest, "", ha="center", va="top", size=9)
        groups = (self.exact, self.before, self.now)
        self.artists = [*(artist for group in groups for artist in group.values()), self.above]
        style.header(axes, title, [*self.now.values(), self.exact[names[0]]])

    def show(self, curves, beta, before, now):
        """Move to curves (beta, values) and a run's values before and after its last step, each by name.

        What is too high for the picture is drawn at its edge, with the number.
        """
        too_high = ""
        for name in self.now:
            self.exact[name].set_data(*curves[name])
            self.before[name].set_data([beta], [min(before[name], self.highest)])
            self.now[name].set_data([beta], [min(now[name], self.highest)])
            too_high += f"{name} {now[name]:.1f}\n" if now[name] > self.highest else ""
        self.above.set(text=too_high, x=beta, ha="left" if beta < 1 else "right")


class Trial:
    """The KL along two runs from the same start, without and with a remedy, and where each should end."""

    def __init__(self, axes, steps):
        axes.set_xscale("log")
        axes.set(xlim=(1, steps), ylim=(0, MOST_NATS), xlabel="step")
        axes.xaxis.set_major_formatter("{x:,.0f}")
        (self.goal,) = axes.plot([], [], label="optimum", **style.EXACT)
        (self.without,) = axes.plot([], [], color=style.INK, linewidth=1.2, label="without")
        (self.remedy,) = axes.plot([], [], color=style.KL["color"], linewidth=2.4, label="with")
        (self.goal_of_remedy,) = axes.plot([], [], **style.EXACT)
        self.artists = [self.goal, self.goal_of_remedy, self.without, self.remedy]
        style.header(axes, "KL, nats per data point", [self.without, self.remedy, self.goal])

    def show(self, without, remedy, goal, goal_of_remedy):
        """Move to the two traces of the KL and the KL of the optimum of each."""
        for line, trace in ((self.without, without), (self.remedy, remedy)):
            line.set_data(np.arange(1, trace.size + 1), trace)
        for line, level in ((self.goal, goal), (self.goal_of_remedy, goal_of_remedy)):
            line.set_data([1, without.size], [level, level])
