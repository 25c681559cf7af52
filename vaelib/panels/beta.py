"""The panel of lesson 4: you slide along one curve, and no run gets below it."""

from collections import deque
from functools import partial

import numpy as np

from vaelib import style
from vaelib.diagnostics import latent_statistics
from vaelib.live import Menu, Panel, Scale, view_of
from vaelib.model import LOGVAR_RANGE
from vaelib.objective import expected_terms
from vaelib.panels.runs import BETAS, DATA, DATA_LABELS, RECON_VARS, STEPS, knobs_of_training, run_and_optimum
from vaelib.plots.beta import RatePlane
from vaelib.plots.densities import DataSpace

PRODUCT = {"free": "free", "held": "held"}
TRAIL = 400
ENDS = {"beta": (BETAS[0], BETAS[-1]), "recon_var": (RECON_VARS[0], RECON_VARS[-1])}
START_VALUES = {"beta": 1.0, "recon_var": 0.3, "lr": 0.9, "product": "free", "steps": 500, "data": "toy"}


def beta_panel(*, hide=(), **knobs):
    """The panel of lesson 4: a run and its optimum on the plane of rate and distortion, and the fit.

    Knobs: beta, recon_var, lr (a share of the largest stable one), product ("free", or "held": a hand that moves beta
    or recon_var moves the other so that beta recon_var stays), steps, data (a key of DATA_LABELS). The button "clear"
    empties the trail of runs visited. -> Panel, whose `run` is the `training.Run` shown. ValueError for a knob or a
    value that does not exist.
    """
    text = "rate over distortion of runs and optima; the data and the model's density"
    picture, (left, right) = style.picture(900, 380, text, "ab", width_ratios=(1.15, 1))
    trail = deque(maxlen=TRAIL)
    in_view = [*knobs_of_training(), Menu("product", PRODUCT)]

    def clear(values):
        trail.clear()
        return values

    return Panel(
        "beta_panel",
        {"rate": view_of(picture, (RatePlane(left), DataSpace(right)), partial(_show, trail), [in_view])},
        more=[Scale("steps", STEPS), Menu("data", DATA_LABELS)],
        start=START_VALUES | knobs,
        scenarios={
            "the same product": {"beta": 4.0, "recon_var": 0.075, "data": "toy"},
            "penguins, beta 4": {"beta": 4.0, "recon_var": 0.3, "data": "penguins"},
            "clear": clear,
        },
        couple=_held,
        hide=hide,
    )


def _held(values, before):
    """The partner of the knob that a hand has moved, so that the product stays; both at the ends of their ranges."""
    moved = [name for name in ("beta", "recon_var") if values[name] != before[name]]
    if values["product"] == "free" or not moved:
        return {}
    product = before["beta"] * before["recon_var"]
    this, partner = ("beta", "recon_var") if moved[0] == "beta" else ("recon_var", "beta")
    other = np.clip(product / values[this], *ENDS[partner])
    return {partner: other, this: np.clip(product / other, *ENDS[this])}


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
