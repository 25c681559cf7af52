"""The panel of lesson 4: you slide along one curve, and no run gets below it."""

import numpy as np

from vaelib import style
from vaelib.diagnostics import latent_statistics
from vaelib.lessons.beta.pictures import RatePlane
from vaelib.lessons.densities import DataSpace
from vaelib.lessons.runs import BETAS, DATA_LABELS, DATASETS, RECON_VARS, STEPS, knobs_of_training, run_and_optimum
from vaelib.live import Menu, Panel, Scale, View
from vaelib.model import LOGVAR_RANGE
from vaelib.objective import expected_terms

START_VALUES = {"beta": 1.0, "recon_var": 0.3, "lr": 0.9, "steps": 500, "data": "toy"}


def beta_panel(*, hide=(), **knobs):
    """The panel of lesson 4: a run and its optimum on the plane of rate and distortion, and the fit.

    Knobs: beta, recon_var, lr (a share of the largest stable one), steps, data (a key of DATA_LABELS). The button "the
    same product" goes to another pair with this beta recon_var, "clear" empties the trail of runs visited. -> Panel,
    whose `run` is the `training.Run` shown. ValueError for a knob or a value that does not exist.
    """
    text = "rate over distortion of runs and optima; the data and the model's density"
    picture, (left, right) = style.picture(900, 380, text, "ab", width_ratios=(1.15, 1))
    drawings = plane, _ = RatePlane(left), DataSpace(right)

    def clear(values):
        plane.visited.clear()
        return values

    return Panel(
        "beta_panel",
        {"rate": View(picture, drawings, [knobs_of_training()], _compute, _move, _say)},
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


def _compute(values):
    """The run, its optimum, and where both are in the plane: pairs (distortion, rate)."""
    run, optimum = run_and_optimum(values)
    x, recon_var = DATASETS[values["data"]], values["recon_var"]
    return run, optimum, *(_place(x, params, recon_var) for params in (run.params, optimum))


def _place(x, params, recon_var):
    """Distortion and rate of any parameters, from their expected terms."""
    recon, kl = expected_terms(x, params, recon_var=recon_var)
    return -2 * recon_var * recon - recon_var * np.log(2 * np.pi * recon_var), kl


def _move(plane, data_space, values, run, optimum, here, best):
    x = DATASETS[values["data"]]
    plane.show(*((distortion / x.var(), rate) for distortion, rate in (here, best)))
    data_space.show(x, run.params, optimum, values["recon_var"])


def _say(values, run, optimum, here, best):
    x, product = DATASETS[values["data"]], values["beta"] * values["recon_var"]
    statistics = latent_statistics(x, run.params)
    collapsed = ": the optimum is collapsed" if product >= x.var() * (1 - 1e-9) else ""
    rest = 1.0 if optimum.d > LOGVAR_RANGE[0] else sum(latent_statistics(x, optimum)[1:])
    variance, best_variance = (params.m**2 + values["recon_var"] for params in (run.params, optimum))
    return (
        f"beta × recon_var = {product:.3g} (threshold {x.var():.3f}{collapsed}). Rate {here[1]:.3f} nats "
        f"(optimum {best[1]:.3f}), distortion {here[0]:.3f} ({best[0]:.3f}), variance of p(x) {variance:.3f} "
        f"({best_variance:.3f}; data {x.var():.3f}). E[mu²] + E[sigma²] = "
        f"{statistics.mean_square + statistics.variance:.3f}, {rest:.4g} at rest."
    )
