"""The panels of lesson 7: water over a spectrum, and what a trained VAE keeps of images."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from vaelib import directions, style
from vaelib.directions import Directions, Run
from vaelib.lessons.directions.pictures import COLUMNS, Spectrum, Tiles, Traces
from vaelib.lessons.images import IMAGES, LABELS
from vaelib.lessons.runs import BETAS, read_only
from vaelib.live import Menu, Panel, Position, Scale, View, logarithmic
from vaelib.training import History

SHOWN = IMAGES[[np.argmax(digit == LABELS) for digit in range(COLUMNS)]]
COUNTS = (100, 200, 500, 1000, len(IMAGES))
LATENTS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32)
STEPS = (100, 200, 400, 800, 1200)
EPS = np.random.default_rng(7).standard_normal((COLUMNS, LATENTS[-1]))
START_VALUES = {
    "beta": 1.0,
    "recon_var": 0.1,
    "lr": 0.05,
    "latents": 16,
    "position": 100,
    "steps": 400,
    "images": len(IMAGES),
    "learn recon_var": "off",
}
PROGRAMS = {"mean + KL": {"recon_var": 32.0}, "sum + KL": {"recon_var": 0.5}}
SCENARIOS = {
    "learn recon_var": {"beta": 1.0, "recon_var": 0.1, "learn recon_var": "on"},
    "100 images": {"images": 100, "latents": 32, "learn recon_var": "on", "beta": 1.0, "recon_var": 0.1},
}
RECON_VARS = logarithmic(0.005, 40)
IN_USE, FINISHED = 0.01, 0.05  # nats


def spectrum_panel(*, hide=(), **knobs):
    """The panel of lesson 7's first round: what 32 latents keep at beta 1, by recon_var alone.

    -> Panel, whose `run` is the `directions.Run` shown. ValueError for a knob or a value that does not exist.
    """
    others = START_VALUES | {"latents": LATENTS[-1]}
    text = "variances of the data's directions under the level; images, reconstructions, samples, directions"
    picture, (left, right) = style.picture(760, 380, text, "si", width_ratios=(1.2, 1))
    view = View(
        picture,
        (Spectrum(left), Tiles(right)),
        [[Scale("recon_var", logarithmic(0.02, 40))]],
        lambda values: _compute(others | values),
        lambda spectrum, tiles, values, _, *results: _show(spectrum, tiles, others | values, *results),
        lambda values, _, *results: _kept(others | values, *results),
    )
    return Panel(
        "spectrum_panel", {"spectrum": view}, start=PROGRAMS["sum + KL"] | knobs, scenarios=PROGRAMS, hide=hide
    )


def directions_panel(*, hide=(), **knobs):
    """The panel of lesson 7: a linear VAE of 64 pixels, its traces, its latents over the spectrum, its images.

    Knobs: beta, recon_var, lr, latents, position (percent of the run), steps, images (in training, the others are held
    out), "learn recon_var" ("on": then recon_var is the start). -> Panel, whose `run` is the `directions.Run` shown.
    ValueError for a knob or a value that does not exist.
    """
    text = "traces of a run; variances of the data's directions under the level; images, reconstructions, samples"
    picture, axes = style.picture(900, 400, text, "tsi", width_ratios=(1, 1.25, 1.15))
    drawings = Traces(axes[0]), Spectrum(axes[1]), Tiles(axes[2])
    recon_var = Scale("recon_var", RECON_VARS)
    learn = Menu("learn recon_var", {"off": "off", "on": "on"})
    learn.observe(lambda change: recon_var.set_trait("disabled", change["new"] == "on"), "value")
    in_view = [Scale("beta", BETAS), recon_var, Scale("lr", logarithmic(0.002, 0.5)), Scale("latents", LATENTS)]

    def move(traces, spectrum, tiles, values, run, trained, here):
        recon_var.note(f"→ {here.recon_var:.3g}" if values["learn recon_var"] == "on" else "")
        traces.show(run.history, trained.goal, here.step, here.held_out)
        _show(spectrum, tiles, values, trained, here)

    return Panel(
        "directions_panel",
        {"directions": View(picture, drawings, [[*in_view, Position("position")]], _compute, move, _say)},
        more=[Scale("steps", STEPS), Scale("images", COUNTS), learn],
        start=START_VALUES | knobs,
        scenarios=SCENARIOS,
        hide=hide,
    )


class Trained(NamedTuple):
    """A run, and where it should have ended."""

    run: Run
    eigenvalues: np.ndarray  # (D,)
    best_recon_var: float
    goal: History  # the terms at the optimum, three numbers
    exact_rates: np.ndarray  # (K,)


@lru_cache(maxsize=1)  # moving through a run does not train it again
def _trained(beta, recon_var, lr, latents, steps, images, learn):
    x, chosen = IMAGES[:images], {"latents": latents, "beta": beta}
    training = {"lr": lr, "steps": steps, "rng": np.random.default_rng(0), "learn_recon_var": learn == "on"}
    run = read_only(directions.train(x, recon_var=recon_var, **chosen, **training))
    best = directions.best_recon_var(x, **chosen) if learn == "on" else recon_var
    optimum = directions.optimum(x, recon_var=best, **chosen)
    terms = directions.expected_terms(x, optimum, recon_var=best)
    return Trained(run, directions.spectrum(x)[0], best, History(*terms, terms.objective(beta)), -0.5 * optimum.logvar)


class Here(NamedTuple):
    """The run at the step in view."""

    step: int
    params: Directions
    recon_var: float
    rates: np.ndarray  # (K,)
    objective: float
    left: float  # the squared error as a share of the variance of the data
    elbo: float
    held_out: float  # the ELBO of the images that are not in training; NaN if there are none


def _compute(values):
    """The run, what belongs to it, and where it stands at the step in view."""
    names = ("beta", "recon_var", "lr", "latents", "steps", "images", "learn recon_var")
    trained = _trained(*(values[name] for name in names))
    run, step = trained.run, max(1, round(values["position"] / 100 * values["steps"]))
    params = Directions(*(field[step - 1] for field in run.path[:3]), run.path.mean)
    recon_var, others = run.recon_var[step - 1], IMAGES[values["images"] :]
    held_out = np.nan
    if len(others):
        held_out = directions.expected_terms(others, params, recon_var=recon_var).elbo
    recon, kl, objective = (trace[step - 1] for trace in run.history)
    error = -recon_var * (2 * recon + len(params.mean) * np.log(2 * np.pi * recon_var))
    left = error / trained.eigenvalues.sum()
    return run, trained, Here(step, params, recon_var, run.rates[step - 1], objective, left, recon - kl, held_out)


def _show(spectrum, tiles, values, trained, here):
    order = np.argsort(-here.rates, kind="stable")
    levels = (values["beta"] * recon_var for recon_var in (here.recon_var, trained.best_recon_var))
    spectrum.show(trained.eigenvalues, *levels, here.rates[order], trained.exact_rates)
    A, W, _, mean = here.params
    decoded = (SHOWN - mean) @ A.T @ W.T + mean
    samples = EPS[:, : values["latents"]] @ W.T + mean
    tiles.show(np.array([SHOWN, decoded, samples]), W.T[order], here.rates[order] > IN_USE)


def _kept(values, trained, here):
    level, used = values["beta"] * here.recon_var, np.sum(here.rates > IN_USE)
    return (
        f"Level beta × recon_var = {level:.3g}: {used} of {values['latents']} latents in use (optimum "
        f"{np.sum(trained.exact_rates > IN_USE)}), rate {here.rates.sum():.2f} nats ({trained.exact_rates.sum():.2f}), "
        f"{_left_out(here.left)}."
    )


def _say(values, run, trained, here):
    behind = trained.goal.objective - here.objective
    kind = "ELBO" if values["beta"] == 1 else "objective"
    words = [
        _kept(values, trained, here),
        f"After {here.step:,} of {values['steps']:,} steps the {kind} is {here.objective:.2f} nats an image, "
        f"{'at' if behind < 0.005 else f'{behind:.2f} below'} the optimum ({trained.goal.objective:.2f}).",
    ]
    if values["learn recon_var"] == "on":
        words.append(f"recon_var is learned: {here.recon_var:.3g} (best {trained.best_recon_var:.3g}).")
    if values["images"] < len(IMAGES):
        others = len(IMAGES) - values["images"]
        words.append(f"The ELBO of the {others:,} images held out is {here.held_out:.2f}, in training {here.elbo:.2f}.")
    if here.step == values["steps"] and behind > FINISHED:
        on_its_way = abs(here.recon_var / trained.best_recon_var - 1) > 0.05
        words.append(f"Not finished: {_reason(values['lr'], on_its_way)}.")
    return " ".join(words)


def _left_out(share):
    return f"{share:.0%} of the variance left out" if share < 2 else f"an error of {share:.0f} times the variance"


def _reason(lr, on_its_way):
    if lr < 0.02:
        return "lr is small; move it to the right, or take more steps"
    if lr > 0.15:
        return "lr is so large that the weights shake until it has fallen; move it to the left"
    return "recon_var is still on its way; take more steps" if on_its_way else "take more steps"
