"""The pictures of lesson 3: the traces of a run, slopes, regret."""

import numpy as np

from vaelib import style

TERMS = {"objective": style.OBJECTIVE, "recon": style.RECON, "kl": style.KL}


class Traces:
    """recon, KL and objective after every step, each with its value at the exact optimum behind it.

    Both axes are stretched near 0 (asinh), so that 140 and 3,000 steps, 0.3 and -60 nats have room in one picture.
    """

    STEPS = 3000

    def __init__(self, axes):
        axes.set_xscale("asinh", linear_width=5)
        axes.set_yscale("asinh", linear_width=1)
        axes.set(xlim=(0, 1.15 * self.STEPS), ylim=(-60, 9), xlabel="step", ylabel="nats per data point")
        steps, nats = [0, 10, 30, 100, 300, 1000, 3000], [-50, -20, -10, -5, -2, -1, 0, 1, 2, 5]
        axes.set_xticks(steps, [f"{step:,}" for step in steps])
        axes.set_yticks(nats, [f"{value}" for value in nats])
        axes.minorticks_off()
        self.now = axes.axvline(0, color=style.INK, linewidth=0.7)
        self.exact, self.ahead, self.behind, self.dot, self.goal = {}, {}, {}, {}, {}
        for name, look in TERMS.items():
            colour = look["color"]
            self.exact[name] = axes.axhline(np.nan, label="optimum", **style.EXACT)
            (self.ahead[name],) = axes.plot([], [], color=colour, linewidth=1.0, alpha=0.35)
            (self.behind[name],) = axes.plot([], [], color=colour)
            (self.dot[name],) = axes.plot([], [], label=name.replace("kl", "KL"), **look)
            (self.goal[name],) = axes.plot(
                [1.15 * self.STEPS], [np.nan], markerfacecolor="white", clip_on=False, **look
            )
        groups = (self.exact, self.ahead, self.behind, self.dot, self.goal)
        self.artists = [self.now, *(artist for group in groups for artist in group.values())]
        style.header(axes, "Training", [*self.dot.values(), self.exact["kl"]])

    def show(self, history, optimum, step):
        """Move to a run's history, the terms of the optimum and the number of steps shown, 0 for the start."""
        self.now.set_xdata([step, step])
        for name in TERMS:
            trace = getattr(history, name)
            number = np.arange(1, trace.size + 1)
            at_optimum = getattr(optimum, name)
            self.exact[name].set_ydata([at_optimum, at_optimum])
            self.goal[name].set_ydata([at_optimum])
            self.ahead[name].set_data(number, trace)
            self.behind[name].set_data(number[:step], trace[:step])
            self.dot[name].set_data(number[step - 1 : step], trace[step - 1 : step])
