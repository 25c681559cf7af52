"""The panel of lesson 8: a decoder that bends, or needs no z, while it learns; log p(x) exact at every moment."""

from typing import NamedTuple

import numpy as np

from vaelib import curve, exact, style
from vaelib.curve import Run
from vaelib.curved_model import decode, encode
from vaelib.data import HEAPS
from vaelib.gaussian import mixture_density
from vaelib.lessons.curve.pictures import Gap, Plane, Posteriors, Traces
from vaelib.lessons.decoder import Outcome
from vaelib.lessons.densities import X_GRID, Z_GRID, one_line
from vaelib.lessons.runs import BETAS, DATASETS, RECON_VARS, kept
from vaelib.live import Menu, Panel, Scale, View, linear, logarithmic
from vaelib.objective import expected_terms

X = DATASETS["toy"]
MEANS, SDS = np.transpose(HEAPS)
TRUTH = mixture_density(X_GRID, MEANS, SDS**2)
CEILING = np.mean(np.log(mixture_density(X, MEANS, SDS**2)))
START_VALUES = {
    "beta": 1.0,
    "recon_var": 0.1,
    "lr": 0.06,
    "x": -1.1,
    "encoder": "curved",
    "decoder": "curved",
    "hidden": 8,
    "steps": 500,
    "start": 1,
}
SCENARIOS = {
    "straight encoder": {"encoder": "straight", "decoder": "curved", "beta": 1.0, "recon_var": 0.1},
    "two heaps": {"encoder": "curved", "decoder": "two heaps", "beta": 1.0, "recon_var": 0.3},
}
KINDS = {"encoder": ("straight", "curved"), "decoder": ("straight", "curved", "two heaps")}
MORE = {"hidden": (1, 2, 4, 8, 16), "steps": (100, 200, 300, 500, 800, 1200, 2000), "start": (1, 2, 3, 4, 5)}
OFTEN = 5  # log p(x) at the first reports of a run, then at every fifth
UNKNOWN = (np.nan, np.nan)
AT_ONCE = 8  # data points whose gap is split in 10 to 20 ms


def curve_panel(*, hide=(), **knobs):
    """The panel of lesson 8: it learns while you look; traces, the decoder, one x's true posterior, the gap.

    Knobs: beta, recon_var, lr, x (whose posterior is shown), encoder, decoder; hidden units, steps, start (of the
    draws). -> Panel, whose `run` is the `curve.Run` shown. ValueError for a knob or a value that does not exist.
    """
    text = "traces of the ELBO and log p(x); the decoder; density of x; the true posterior of one x and q; the gap"
    ratios = {"width_ratios": (1.2, 1.2, 0.95), "height_ratios": (2, 1)}
    picture, (traces, plane, right, below, gap) = style.picture(900, 430, text, "abc;ade", **ratios)
    drawings = (
        Traces(traces, CEILING),
        Plane(plane),
        Posteriors(below),
        Outcome(right, "Density of x", "model", exact="truth"),
        Gap(gap),
    )
    menus = [Menu(name, {kind: kind for kind in kinds}) for name, kinds in KINDS.items()]
    scales = [Scale("beta", BETAS), Scale("recon_var", RECON_VARS), Scale("lr", logarithmic(0.005, 0.5))]
    view = View(picture, drawings, [[*scales, Scale("x", linear(-4, 4, 0.1))], menus], _compute, _move, _say)
    return Panel(
        "curve_panel",
        {"curve": view},
        more=[Scale(name, numbers) for name, numbers in MORE.items()],
        start=START_VALUES | knobs,
        scenarios=SCENARIOS,
        hide=hide,
    )


class Trained(NamedTuple):
    """A run so far, and what its parameters are worth; the last two are not known before it ends."""

    run: Run
    reports: np.ndarray  # of the run, those at which log p(x) was computed, (E,)
    evidence: np.ndarray  # mean over the data, (E,), nats
    gap: tuple = UNKNOWN  # approximation and amortisation, means over the data, nats
    distance: float = np.nan  # KL(truth to model), nats


@kept
def _training(encoder, decoder, beta, recon_var, lr, hidden, steps, start):
    """A generator of `Trained`."""
    kinds = {"encoder": encoder, "decoder": decoder, "hidden": hidden}
    training = {"beta": beta, "lr": lr, "steps": steps, "rng": np.random.default_rng(start)}
    reports, evidence = [], []
    for report, run in enumerate(curve.steps(X, recon_var=recon_var, **kinds, **training)):
        made = run.updates[-1]
        if report < OFTEN or report % OFTEN == 0 or made == steps:
            reports.append(report)
            evidence.append(curve.log_evidence(X, run.params, recon_var=recon_var).mean())
        trained = Trained(run, np.array(reports), np.array(evidence))
        yield trained
    gaps = []
    for some in np.array_split(X, len(X) // AT_ONCE):
        gaps.append(curve.gap(some, run.params, recon_var=recon_var))
        yield trained
    gap = tuple(np.concatenate(gaps, axis=1).mean(axis=1))
    yield trained._replace(gap=gap, distance=curve.divergence_from_truth(run.params, recon_var=recon_var))


def _compute(values):
    """When all is known, also the gap of the x in view in its two parts."""
    names = ("encoder", "decoder", "beta", "recon_var", "lr", "hidden", "steps", "start")
    for trained in _training(*(values[name] for name in names)):
        run, gap, share = trained.run, UNKNOWN, min(trained.run.updates[-1] / values["steps"], 0.99)
        if not np.isnan(trained.distance):
            share = 1
            gap = tuple(part[0] for part in curve.gap([values["x"]], run.params, recon_var=values["recon_var"]))
        yield share, run, trained, gap


def _move(traces, plane, posteriors, outcome, bars, values, run, trained, gap):
    params, x, recon_var = run.params, np.array([values["x"]]), values["recon_var"]
    line = exact.optimum(X, beta=values["beta"], recon_var=recon_var)
    best_line = expected_terms(X, line, recon_var=recon_var).elbo
    elbo = run.history.recon - run.history.kl
    traces.show(run.updates[trained.reports], elbo[trained.reports], trained.evidence, best_line)
    plane.show(encode(X, params)[0], X, one_line(Z_GRID, decode(Z_GRID, params).T))
    plane.at(values["x"])
    mu, logvar = encode(x, params)
    posteriors.show((mu, np.exp(logvar)), curve.true_posterior(Z_GRID, x, params, recon_var=recon_var)[0])
    outcome.show(X, curve.density(X_GRID, params, recon_var=recon_var), TRUTH)
    bars.show(trained.gap, gap)


def _say(values, run, trained, gap):
    recon, kl, objective = (trace[-1] for trace in run.history)
    beta, updates = values["beta"], run.updates[-1]
    whole = "" if beta == 1 else f"recon − {beta:g} KL {objective:.3f}, "
    words = (
        f"After {updates:,} of {values['steps']:,} updates: {whole}ELBO {recon - kl:.3f}, KL {kl:.3f}, "
        f"log p(x) {trained.evidence[-1]:.3f} nats (truth {CEILING:.3f})."
    )
    if np.isnan(trained.distance):
        return words
    whose = "of this encoder" if beta == 1 else f"of this encoder, trained at beta {beta:g}"
    return (
        f"{words} The gap of {sum(trained.gap):.3f} is {trained.gap[0]:.3f} that no normal q closes and "
        f"{trained.gap[1]:.3f} {whose}; at x = {values['x']:g} it is {gap[0]:.2f} and {gap[1]:.2f}. "
        f"KL(truth to model) {trained.distance:.3f} nats."
    )
