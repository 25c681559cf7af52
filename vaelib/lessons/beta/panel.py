"""The panel of lesson 4: you slide along one curve, and no run gets below it."""

from collections import deque
from functools import partial

import numpy as np

from vaelib import style
from vaelib.diagnostics import latent_statistics
from vaelib.lessons.beta.pictures import RatePlane
from vaelib.lessons.densities import DataSpace
from vaelib.lessons.runs import BETAS, DATA, DATA_LABELS, RECON_VARS, STEPS, knobs_of_training, run_and_optimum
from vaelib.live import Menu, Panel, Scale, View
from vaelib.model import LOGVAR_RANGE
from vaelib.objective import expected_terms

TRAIL = 400
START_VALUES = {"beta": 1.0, "recon_var": 0.3, "lr": 0.9, "steps": 500, "data": "toy"}


def beta_panel(*, hide=(), **knobs):
    """The panel of lesson 4: a run and its optimum on the plane of rate and distortion, and the fit.

    Knobs: beta, recon_var, lr (a share of the largest stable one), steps, data (a key of DATA_LABELS). The button "the
    same product" goes to another pair with this beta recon_var, "clear" empties the trail of runs visited. -> Panel,
    whose `run` is the `training.Run` shown. ValueError for a knob or a value that does not exist.
    """
    text = "rate over distortion of runs and optima; the data and the model's density"
    picture, (left, right) = style.picture(900, 380, text, "ab", width_ratios=(1.15, 1))
    trail = deque(maxlen=TRAIL)

    def clear(values):
        trail.clear()
        return values

    return Panel(
        "beta_panel",
        {"rate": View(picture, (RatePlane(left), DataSpace(right)), partial(_show, trail), [knobs_of_training()])},
        more=[Scale("steps", STEPS), Menu("data", DATA_LABELS)],
        start=START_VALUES | knobs,
        scenarios={
            "the same product": _same_product,
            "penguins, beta 4": {"beta": 4.0, "recon_var": 0.3, "data": "penguins"},
            "clear": clear,
        },
        hide=hide,
    )


def _same_product(values):
    """Four times the beta and a quarter of recon_var; where there is no more room, the smallest beta again."""
    product, beta = values["beta"] * values["recon_var"], 4 * values["beta"]
    if beta > BETAS[-1] or product / beta < RECON_VARS[0]:
        beta = max(BETAS[0], product / RECON_VARS[-1])
    return {"beta": beta, "recon_var": product / beta}


def _show(trail, plane, data_space, values):
    x, beta, recon_var = DATA[values["data"]], values["beta"], values["recon_var"]
    run, optimum = run_and_optimum(values)
    (rate, distortion), (best_rate, best) = (_rate_distortion(x, of, recon_var) for of in (run.params, optimum))
    trail.append((distortion / x.var(), rate))
    plane.show(trail[-1], (best / x.var(), best_rate), trail)
    data_space.show(x, run.params, optimum, recon_var)
    variance = run.params.m**2 + recon_var
    statistics = latent_statistics(x, run.params)
    collapsed = ": the optimum is collapsed" if beta * recon_var >= x.var() * (1 - 1e-9) else ""
    rest = 1.0 if optimum.d > LOGVAR_RANGE[0] else sum(latent_statistics(x, optimum)[1:])
    return run, (
        f"beta × recon_var = {beta * recon_var:.3g} (threshold {x.var():.3f}{collapsed}). Rate {rate:.3f} nats "
        f"(optimum {best_rate:.3f}), distortion {distortion:.3f} ({best:.3f}), variance of p(x) {variance:.3f} "
        f"({optimum.m**2 + recon_var:.3f}; data {x.var():.3f}). E[mu²] + E[sigma²] = "
        f"{statistics.mean_square + statistics.variance:.3f}, {rest:.4g} at rest."
    )


def _rate_distortion(x, params, recon_var):
    """Rate and distortion of any parameters, from their expected terms."""
    recon, kl = expected_terms(x, params, recon_var=recon_var)
    return kl, -2 * recon_var * recon - recon_var * np.log(2 * np.pi * recon_var)
