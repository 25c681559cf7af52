"""The pictures of lesson 3: the traces of a run and its regret."""

import numpy as np

from vaelib import style

STEPS_SHOWN = 3000


class Traces:
    """What a run reports after every step, recon, KL and objective, each with its value at the exact optimum behind it.

    Both axes are stretched near 0 (asinh), so that 140 and 3,000 steps, 0.3 and -50 nats have room in one picture.
    """

    def __init__(self, axes):
        _stretched_steps(axes)
        axes.set_yscale("asinh", linear_width=1)
        axes.set_ylim(-55, 11)
        style.ticks(axes.yaxis, [-50, -20, -10, -5, -2, -1, 0, 1, 2, 5, 10])
        axes.tick_params(labelbottom=False)
        self.now = axes.axvline(0, color=style.INK, linewidth=0.7)
        self.end = axes.text(0, -30, " diverged", color=style.INK, weight="bold", visible=False)
        self.exact, self.ahead, self.behind, self.dot, self.goal = {}, {}, {}, {}, {}
        at_the_edge = {"markerfacecolor": "white", "clip_on": False}
        for name, look in style.TERMS.items():
            colour = look["color"]
            self.exact[name] = axes.axhline(np.nan, label="optimum", **style.EXACT)
            (self.ahead[name],) = axes.plot([], [], color=colour, linewidth=1.0, alpha=0.35)
            (self.behind[name],) = axes.plot([], [], color=colour)
            (self.dot[name],) = axes.plot([], [], label=name.replace("kl", "KL"), **look)
            (self.goal[name],) = axes.plot([axes.get_xlim()[1]], [np.nan], **look, **at_the_edge)
        groups = (self.exact, self.ahead, self.behind, self.dot, self.goal)
        self.artists = [self.now, self.end, *(artist for group in groups for artist in group.values())]
        style.header(axes, "Training: nats per data point", [*self.dot.values(), self.exact["kl"]])

    def show(self, history, optimum, step, diverged):
        """Move to a run's history, the terms of the optimum and the step shown, 0 for the start."""
        self.now.set_xdata([step, step])
        self.end.set(x=step, visible=diverged)
        for name in style.TERMS:
            trace = getattr(history, name)
            number = np.arange(1, trace.size + 1)
            at_optimum = getattr(optimum, name)
            self.exact[name].set_ydata([at_optimum, at_optimum])
            self.goal[name].set_ydata([at_optimum])
            self.ahead[name].set_data(number, trace)
            self.behind[name].set_data(number[:step], trace[:step])
            self.dot[name].set_data(number[step - 1 : step], trace[step - 1 : step])


class Regret:
    """How far the expected objective is below the optimum, at the start and after every step, logarithmic."""

    def __init__(self, axes):
        _stretched_steps(axes)
        axes.set_yscale("log")
        axes.set(ylim=(1e-5, 200), xlabel="step")
        axes.set_yticks([1e-4, 1e-2, 1, 100], ["10⁻⁴", "0.01", "1", "100"])
        axes.yaxis.minorticks_off()
        self.now = axes.axvline(0, color=style.INK, linewidth=0.7)
        colour = style.OBJECTIVE["color"]
        (self.ahead,) = axes.plot([], [], color=colour, linewidth=1.0, alpha=0.35)
        (self.behind,) = axes.plot([], [], color=colour)
        (self.dot,) = axes.plot([], [], **style.OBJECTIVE)
        self.artists = [self.now, self.ahead, self.behind, self.dot]
        style.header(axes, "Regret: nats below the optimum")

    def show(self, regret, step):
        """Move to the regret at the start and after each step, (steps + 1,), and the step shown."""
        number = np.arange(regret.size)
        self.now.set_xdata([step, step])
        self.ahead.set_data(number, regret)
        self.behind.set_data(number[: step + 1], regret[: step + 1])
        self.dot.set_data([step], regret[[step]])


def _stretched_steps(axes):
    axes.set_xscale("asinh", linear_width=5)
    axes.set_xlim(0, 1.15 * STEPS_SHOWN)
    style.ticks(axes.xaxis, [0, 10, 30, 100, 300, 1000, 3000])
