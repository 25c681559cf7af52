"""The panels of lesson 3: you see where training is, and where it should end."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from vaelib import data, exact, style
from vaelib.lessons.densities import DataSpace, LatentSpace
from vaelib.lessons.runs import BETAS, DATA_LABELS, DATASETS, RECON_VARS, STEPS, read_only
from vaelib.lessons.training.pictures import Regret, Traces
from vaelib.live import Menu, Panel, Position, Scale, View, logarithmic
from vaelib.model import START, LinearVAE
from vaelib.objective import expected_terms
from vaelib.training import History, Run, train

DRAWS = data.seed_draws()
NOISE_LABELS = {
    "original, beta 1": "original, beta 1",
    "original, beta 4": "original, beta 4",
    "another": "another fixed set",
    "fresh": "fresh each step",
    "exact": "exact expectation",
}
START_VALUES = {
    "beta": 1.0,
    "recon_var": 0.3,
    "lr": 0.025,
    "position": 100,
    "steps": 140,
    "data": "toy",
    "noise": "original, beta 1",
}
STEPS_OF_FIT = 140  # in the panel of round 1
ARRIVED = 1e-3  # nats below the optimum
LR = logarithmic(0.001, 0.2)


def _stable_lr(values):
    limit = exact.largest_stable_lr(DATASETS[values["data"]], beta=values["beta"], recon_var=values["recon_var"])
    return {"lr": float(np.clip(limit / 2, LR[0], LR[-1]))}


SCENARIOS = {
    "original, beta 1": START_VALUES,
    "original, beta 4": START_VALUES | {"beta": 4.0, "lr": 0.02, "noise": "original, beta 4"},
    "a long run": START_VALUES | {"steps": 2000},
    "the KL goes up": START_VALUES | {"beta": 0.25, "lr": 0.01, "steps": 1000, "noise": "exact"},
    "lr too large": START_VALUES | {"lr": 0.1},
    "stable lr": _stable_lr,
}


def fit_panel(*, hide=(), **knobs):
    """The panel of lesson 3, round 1: the original's run, seen in data space, after so many steps of training.

    Knob: steps. -> Panel, whose `run` is the parameters. ValueError for a knob or a value that does not exist.
    """
    picture, (axes,) = style.picture(560, 270, "the data, the model's density after training, and at the optimum")
    view = View(picture, [DataSpace(axes)], [[Scale("steps", range(STEPS_OF_FIT + 1))]], _fit, _move_fit, _say_fit)
    return Panel("fit_panel", {"fit": view}, start={"steps": 0} | knobs, hide=hide)


def _fit(values):
    steps, (beta, recon_var, lr) = values["steps"], (START_VALUES[name] for name in ("beta", "recon_var", "lr"))
    if not steps:
        return [START]
    return [train(DATASETS["toy"], beta=beta, recon_var=recon_var, lr=lr, steps=steps, noise=DRAWS.beta1).params]


def _move_fit(data_space, values, params):
    x, recon_var = DATASETS["toy"], START_VALUES["recon_var"]
    data_space.show(x, params, exact.optimum(x, beta=START_VALUES["beta"], recon_var=recon_var), recon_var)


def _say_fit(values, params):
    x, variance = DATASETS["toy"], params.m**2 + START_VALUES["recon_var"]
    return (
        f"After {values['steps']} of {STEPS_OF_FIT} steps the model's density has mean {params.n:.3f} and variance "
        f"{variance:.3f}; the data have {x.mean():.3f} and {x.var():.3f}."
    )


def training_panel(*, hide=(), **knobs):
    """The panel of lesson 3: training, data space and latent space, with the exact optimum behind each.

    Knobs: beta, recon_var, lr, position (percent of the run), steps, data (a key of DATA_LABELS), noise (of
    NOISE_LABELS); `hide` names those not to be shown. -> Panel, whose `run` is the `training.Run` shown. ValueError for
    a knob or a value that does not exist.
    """
    ratios = {"width_ratios": (1.28, 1, 1.06), "height_ratios": (2.1, 1)}
    text = "training and the distance to the optimum, data space, latent space"
    picture, (left, middle, right, below) = style.picture(900, 390, text, "tdl;rdl", **ratios)
    drawings = Traces(left), Regret(below), DataSpace(middle), LatentSpace(right)
    in_view = [Scale("beta", BETAS), Scale("recon_var", RECON_VARS), Scale("lr", LR), Position("position")]
    return Panel(
        "training_panel",
        {"training": View(picture, drawings, [in_view], _compute, _move, _say)},
        more=[Scale("steps", (1, 2, 5, 10, *STEPS)), Menu("data", DATA_LABELS), Menu("noise", NOISE_LABELS)],
        start=START_VALUES | knobs,
        scenarios=SCENARIOS,
        hide=hide,
    )


def _compute(values):
    """The run, what belongs to it, the parameters and the step in view, and whether the run has diverged before it."""
    trained = _trained(*(values[name] for name in ("beta", "recon_var", "lr", "steps", "data", "noise")))
    run, step = trained.run, round(values["position"] / 100 * values["steps"])
    params = LinearVAE(*(along[step - 1] for along in run.path)) if step else START
    diverged = 0 <= run.diverged < step
    last_finite = int(run.diverged) if diverged else step
    return run, trained, params, last_finite, diverged


def _move(traces, regret, data_space, latent_space, values, run, trained, params, step, diverged):
    x = DATASETS[values["data"]]
    traces.show(run.history, trained.goal, step, diverged)
    regret.show(trained.goal.objective - trained.expected.objective, step)
    data_space.show(x, params, trained.optimum, values["recon_var"])
    latent_space.show(x, params, trained.optimum)


class Trained(NamedTuple):
    """A run and where it should have ended."""

    run: Run
    optimum: LinearVAE
    goal: History  # the terms at the optimum, three numbers
    expected: History  # the expected terms at the start and after each step, (steps + 1,)
    limit: float  # the largest stable lr


@lru_cache(maxsize=1)  # moving through a run does not train it again
def _trained(beta, recon_var, lr, steps, data, noise):
    x = DATASETS[data]
    kind, rng = _noise(noise, x.size)
    run = read_only(train(x, beta=beta, recon_var=recon_var, lr=lr, steps=steps, noise=kind, rng=rng))
    optimum = exact.optimum(x, beta=beta, recon_var=recon_var)
    path = LinearVAE(*(np.append(start, along) for start, along in zip(START, run.path, strict=True)))
    terms = (expected_terms(x, params, recon_var=recon_var) for params in (optimum, path))
    goal, expected = (History(*each, each.objective(beta)) for each in terms)
    return Trained(run, optimum, goal, expected, exact.largest_stable_lr(x, beta=beta, recon_var=recon_var))


def _noise(name, count):
    """The noise of that name for `count` data points, and a generator for fresh draws: the same every time.

    The original drew 120 numbers; further data points get draws of their own.
    """
    rng = np.random.default_rng(list(NOISE_LABELS).index(name))
    if name in ("fresh", "exact"):
        return name, rng
    known = {"original, beta 1": DRAWS.beta1, "original, beta 4": DRAWS.beta4}.get(name, np.empty(0))
    return np.concatenate([known, rng.standard_normal(count - known.size)]), rng


def _say(values, run, trained, _, step, diverged):
    """Where the run stands, how far it is from the optimum, and how lr compares with the largest stable one."""
    steps, best, now = values["steps"], trained.goal.objective, trained.expected.objective[step]
    share = values["lr"] / trained.limit
    rate = f"lr = {values['lr']:.3g} is {_times(share)} the largest stable one, {trained.limit:.3g}"
    if diverged:
        broke = f"The run diverged at step {step + 1:,} of {steps:,}: its numbers are no longer finite."
        return f"{broke} {rate}. Press “stable lr” or move lr to the left."
    place = "at" if best - now < ARRIVED else f"{_nats(best - now)} below"
    stands = f"the expected objective is {_nats(now)} nats, {place} the optimum ({_nats(best)})"
    if step and values["noise"] != "exact":
        stands += f"; the run's own draws report {_nats(run.history.objective[step - 1])}"
    kl = f"KL {_nats(trained.expected.kl[step])} (optimum {_nats(trained.goal.kl)})"
    return f"After {step:,} of {steps:,} steps {stands}. {kl}. {rate}: {_prospect(values['noise'], share)}."


def _prospect(noise, share):
    """What becomes of a run whose lr is `share` of the limit; fixed draws shift the limit by some percent."""
    if noise not in ("fresh", "exact") and 0.9 < share < 1.1:
        return "these draws decide whether it settles"
    if share >= 1:
        return "given enough steps it bounces"
    return "with fresh draws it never settles" if noise == "fresh" else "it can settle"


def _nats(value):
    return f"{value:.3f}" if abs(value) < 1e4 else f"{value:.3g}"


def _times(share):
    digits = f"{share:.2g}" if share < 0.1 else f"{share:.2f}" if share < 10 else f"{share:.0f}"
    return f"{digits} times"
