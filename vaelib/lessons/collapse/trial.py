"""The second tab of lesson 6's panel: one remedy at a time, against the same run without it."""

import numpy as np

from vaelib import data, exact, style
from vaelib.lessons.collapse.diagnosis import COLLAPSED
from vaelib.lessons.collapse.pictures import Trial
from vaelib.lessons.densities import DataSpace
from vaelib.lessons.runs import STEPS, trained
from vaelib.live import View

X = data.toy()
REMEDY_LABELS = {
    "none": "none",
    "warm-up": "KL warm-up, half of the steps",
    "free bits": "free bits, 0.5 nats",
    "half beta": "half of beta",
    "half recon_var": "half of recon_var",
    "lr": "lr doubled",
}
FREE_BITS = 0.5


def trial(rows):
    """The view with the KL along both runs, and the fit of the one with the remedy."""
    text = "the KL without and with a remedy, the fit"
    picture, (left, right) = style.picture(900, 380, text, "ab", width_ratios=(1.4, 1))
    drawings = Trial(left, STEPS[-1]), DataSpace(right)
    return View(picture, drawings, rows, _compute, _move, _say)


def _remedied(values, remedy):
    """The settings of training with the remedy, and the KL at the optimum of what is then maximised."""
    settings = {name: values[name] for name in ("beta", "recon_var", "lr", "steps")}
    settings["start"] = COLLAPSED._replace(a=values["scale"], m=values["scale"])
    changes = {
        "warm-up": {"warmup": values["steps"] // 2},
        "free bits": {"free_bits": FREE_BITS},
        "half beta": {"beta": values["beta"] / 2},
        "half recon_var": {"recon_var": values["recon_var"] / 2},
        "lr": {"lr": 2 * values["lr"]},
    }
    settings |= changes.get(remedy, {})
    goal, _ = exact.rate_distortion(X, beta=settings["beta"], recon_var=settings["recon_var"])
    return settings, max(goal, settings.get("free_bits", 0.0))


def _compute(values):
    """The run with the remedy and the one without, the KL at the optimum of each, the settings with the remedy."""
    (changed, goal_of_remedy), (settings, goal) = (_remedied(values, name) for name in (values["remedy"], "none"))
    return trained(**changed), trained(**settings), goal_of_remedy, goal, changed


def _move(traces, data_space, values, run, without, goal_of_remedy, goal, changed):
    optimum = exact.optimum(X, beta=changed["beta"], recon_var=changed["recon_var"])
    traces.show(without.history.kl, run.history.kl, goal, goal_of_remedy)
    data_space.show(X, run.params, optimum, changed["recon_var"])


def _say(values, run, without, goal_of_remedy, goal, _):
    kl, of_remedy = without.history.kl, run.history.kl
    return (
        f"From a = m = {values['scale']:g}, {values['steps']:,} steps. Without: KL {_last(kl)} (optimum {goal:.3f}), "
        f"half of it {_half_way(kl, goal)}. With “{REMEDY_LABELS[values['remedy']]}”: KL {_last(of_remedy)} (optimum "
        f"{goal_of_remedy:.3f}), half of it {_half_way(of_remedy, goal_of_remedy)}."
    )


def _last(kl):
    return f"{kl[-1]:z.3f}" if kl[-1] < 1e4 else "out of bounds"


def _half_way(kl, goal):
    """From which step on the KL is at least half of that at the optimum."""
    if goal == 0:
        return "nowhere (it is 0)"
    below = np.flatnonzero(~(kl >= goal / 2))
    last = below[-1] + 1 if below.size else 0
    return f"from step {last + 1:,} on" if last < kl.size else "not yet"
