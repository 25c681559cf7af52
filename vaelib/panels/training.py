"""The panel of lesson 3: you see where training is, and where it should end."""

from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from vaelib import data, exact, style
from vaelib.live import LivePicture, Menu, Panel, Position, Scale
from vaelib.model import START, LinearVAE
from vaelib.objective import expected_terms
from vaelib.plots.densities import DataSpace, LatentSpace
from vaelib.plots.training import Regret, Traces
from vaelib.training import History, Run, train

MANTISSAS = (1, 1.1, 1.25, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9)
DATA = {"toy": data.toy(), "penguins, standardized": data.standardize(data.penguins())}
NOISE = ("original, beta 1", "original, beta 4", "another fixed set", "fresh each step", "exact expectation")
STEPS = (1, 2, 5, 10, 20, 50, 100, 140, 200, 300, 500, 700, 1000, 1500, 2000, 3000)
ORIGINAL = {
    "beta": 1.0,
    "recon_var": 0.3,
    "lr": 0.025,
    "position": 100,
    "steps": 140,
    "data": "toy",
    "noise": "original, beta 1",
}
ARRIVED = 1e-3  # nats below the optimum


def _scale(lowest, highest):
    """The numbers between `lowest` and `highest` that a person would say, about twenty to a decade."""
    numbers = [float(f"{mantissa}e{exponent}") for exponent in range(-4, 3) for mantissa in MANTISSAS]
    return [number for number in numbers if lowest <= number <= highest]


LR = _scale(0.001, 0.2)


def _stable_lr(values):
    limit = exact.largest_stable_lr(DATA[values["data"]], beta=values["beta"], recon_var=values["recon_var"])
    return {"lr": float(np.clip(limit / 2, LR[0], LR[-1]))}


SCENARIOS = {
    "original, beta 1": ORIGINAL,
    "original, beta 4": ORIGINAL | {"beta": 4.0, "lr": 0.02, "noise": "original, beta 4"},
    "a long run": ORIGINAL | {"steps": 2000},
    "the KL goes up": ORIGINAL | {"beta": 0.25, "lr": 0.01, "steps": 1000, "noise": "exact expectation"},
    "lr too large": ORIGINAL | {"lr": 0.06},
    "stable lr": _stable_lr,
}


def training_panel(*, hide=(), **knobs):
    """The panel of lesson 3: training, data space and latent space, with the exact optimum behind each.

    Knobs: beta, recon_var, lr, position (percent of the run), steps, data, noise; `hide` names those not to be shown.
    -> Panel, whose `run` is the `training.Run` shown. ValueError for a knob or a value that does not exist.
    """
    text = "training, distance to the optimum, data space, latent space"
    ratios = {"width_ratios": (1.28, 1, 1.06), "height_ratios": (2.1, 1)}
    picture, axes = style.picture(940, 410, text, "tdl;rdl", **ratios)
    traces, data_space, latent_space, regret = pictures = [
        kind(where) for kind, where in zip((Traces, DataSpace, LatentSpace, Regret), axes, strict=True)
    ]
    return Panel(
        "training_panel",
        LivePicture(picture, [artist for each in pictures for artist in each.artists]),
        partial(_show, traces, regret, data_space, latent_space),
        [Scale("beta", _scale(0.1, 30)), Scale("recon_var", _scale(0.02, 5)), Scale("lr", LR), Position("position")],
        more=[Scale("steps", STEPS), Menu("data", DATA), Menu("noise", NOISE)],
        start=ORIGINAL | knobs,
        scenarios=SCENARIOS,
        hide=hide,
    )


def _show(traces, regret, data_space, latent_space, values):
    """Train, move the four pictures, and say what they show."""
    x, recon_var = DATA[values["data"]], values["recon_var"]
    trained = _trained(**{name: values[name] for name in values if name != "position"})
    run, optimum = trained.run, trained.optimum
    step = round(values["position"] / 100 * values["steps"])
    diverged = 0 <= run.diverged < step
    if diverged:
        step = int(run.diverged)  # the last one with finite numbers
    params = LinearVAE(*(along[step - 1] for along in run.path)) if step else START
    traces.show(run.history, trained.goal, step, diverged)
    regret.show(trained.regret, step)
    data_space.show(x, params, optimum, recon_var)
    latent_space.show(x, params, optimum)
    return run, _summary(values, trained, step, diverged)


class Trained(NamedTuple):
    """A run and where it should have ended."""

    run: Run
    optimum: LinearVAE
    goal: History  # the terms at the optimum, three numbers
    regret: np.ndarray  # of the expected objective, at the start and after each step, in nats
    limit: float  # the largest stable lr


@lru_cache(maxsize=16)
def _trained(beta, recon_var, lr, steps, data, noise):
    x = DATA[data]
    kind, rng = _noise(noise, x.size)
    run = train(x, beta=beta, recon_var=recon_var, lr=lr, steps=steps, noise=kind, rng=rng)
    optimum = exact.optimum(x, beta=beta, recon_var=recon_var)
    terms = expected_terms(x, optimum, recon_var=recon_var)
    goal = History(*terms, terms.objective(beta))
    path = LinearVAE(*(np.append(start, along) for start, along in zip(START, run.path, strict=True)))
    regret = goal.objective - expected_terms(x, path, recon_var=recon_var).objective(beta)
    return Trained(run, optimum, goal, regret, exact.largest_stable_lr(x, beta=beta, recon_var=recon_var))


def _noise(name, count):
    """The noise of that name for `count` data points, and its generator: the same draws every time."""
    if name == "exact expectation":
        return "exact", None
    rng = np.random.default_rng(NOISE.index(name))
    if name == "fresh each step":
        return "fresh", rng
    seed = data.seed_draws()
    known = {"original, beta 1": seed.beta1, "original, beta 4": seed.beta4}.get(name, np.empty(0))
    return np.concatenate([known, rng.standard_normal(count - known.size)]), None


def _summary(values, trained, step, diverged):
    """Where the run stands, how far it is from the optimum, and how lr compares with the largest stable one."""
    lr, steps, limit, best = values["lr"], values["steps"], trained.limit, trained.goal.objective
    times = f"{lr / limit:.2f}" if 0.1 < lr / limit < 10 else f"{lr / limit:.2g}" if lr < limit else f"{lr / limit:.0f}"
    share = f"lr = {lr:.3g} is {times} times the largest stable one, {limit:.3g}"
    if diverged:
        broke = f"The run diverged at step {step + 1:,} of {steps:,}: its numbers are no longer finite."
        return f"{broke} {share}. Press “stable lr” or move lr to the left."
    gap = trained.regret[step]
    place = "at the optimum" if gap < ARRIVED else f"{gap:.3f} below the optimum"
    stands = f"After {step:,} of {steps:,} steps the expected objective is {best - gap:.3f} nats, {place} ({best:.3f})"
    if step and values["noise"] != "exact expectation":
        stands += f"; the run's own draws report {trained.run.history.objective[step - 1]:.3f}"
    return f"{stands}. {share}: training {'can' if lr < limit else 'cannot'} settle."
