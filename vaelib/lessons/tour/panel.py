"""The panel of the tour: data, and what a model makes of them while it trains."""

from vaelib import style
from vaelib.lessons.densities import DataSpace
from vaelib.lessons.runs import DATASETS, knobs_of_training, run_and_optimum
from vaelib.live import Panel, Position, View
from vaelib.model import START, LinearVAE
from vaelib.objective import expected_terms

STEPS = 140
START_VALUES = {"beta": 1.0, "recon_var": 0.3, "lr": 0.9, "position": 100}


def tour_panel(*, hide=(), **knobs):
    """The panel of the tour: the data, and the model's density after each of 140 steps, before that of the optimum.

    Knobs: beta, recon_var, lr (a share of the largest stable one), position (percent of the run). -> Panel, whose `run`
    is the `training.Run` shown. ValueError for a knob or a value that does not exist.
    """
    picture, axes = style.picture(760, 340, "the data and the model's density of x")
    rows = [[*knobs_of_training(), Position("position")]]
    view = View(picture, [DataSpace(*axes)], rows, _compute, _move, _say)
    return Panel("tour_panel", {"training": view}, start=START_VALUES | knobs, hide=hide)


def _compute(values):
    """The run, its optimum, and the step in view with the parameters there."""
    run, optimum = run_and_optimum(values, steps=STEPS)
    step = round(values["position"] / 100 * STEPS)
    params = LinearVAE(*(along[step - 1] for along in run.path)) if step else START
    return run, optimum, step, params


def _move(data_space, values, run, optimum, step, params):
    data_space.show(DATASETS["toy"], params, optimum, values["recon_var"])


def _say(values, run, optimum, step, params):
    terms, best = (expected_terms(DATASETS["toy"], of, recon_var=values["recon_var"]) for of in (params, optimum))
    beta = values["beta"]
    whole = "ELBO" if beta == 1 else f"recon − {beta:g} KL"
    return (
        f"After {step} of {STEPS} steps: recon {terms.recon:.2f}, KL {terms.kl:.2f} nats, {whole} "
        f"{terms.objective(beta):.2f}; the best possible is {best.objective(beta):.2f}."
    )
