"""The first tab of lesson 6's panel: four measures of a run, and what they say together."""

from functools import lru_cache

import numpy as np

from vaelib import data, diagnostics, exact, style
from vaelib.gaussian import kl_normal_to_standard
from vaelib.lessons.collapse.pictures import MOST_NATS, MOST_SHARE, Measures
from vaelib.lessons.densities import DataSpace
from vaelib.lessons.runs import run_and_optimum
from vaelib.live import View
from vaelib.model import LOGVAR_RANGE, START, LinearVAE, encode
from vaelib.objective import expected_terms

X = data.toy()
S2 = X.var()
BETA = np.geomspace(0.1, 30, 121)
COLLAPSED = LinearVAE(a=0.0, b=0.0, c=0.0, d=0.0, m=0.0, n=0.0)
STARTS = {
    "original": START,
    "near collapse": COLLAPSED._replace(a=1e-3, m=1e-3),
    "dead clamp": LinearVAE(a=0.2, b=0.0, c=0.0, d=4.1, m=0.7, n=0.0),
}
START_LABELS = {"original": "original", "near collapse": "a = m = 0.001", "dead clamp": "d = 4.1"}
BOUND = 20  # a parameter beyond it belongs to a run that is lost
USED = 0.01  # nats, and shares: a convention
FINISHED = 1e-3  # nats below the optimum


def diagnosis(rows):
    """The view with the exact measures over beta, the run's own at its last two steps, and the fit."""
    text = "four measures over beta, the fit"
    picture, (nats, fit, shares) = style.picture(900, 440, text, "ab;cb", width_ratios=(1.2, 1))
    drawings = (
        Measures(nats, "Nats", ["KL", "I(x;z)"], MOST_NATS),
        Measures(shares, "Shares", ["activity", "shuffle"], MOST_SHARE),
        DataSpace(fit),
    )
    return View(picture, drawings, rows, _compute, _move, _say)


@lru_cache(maxsize=1)
def _optima():
    """The share beta recon_var / s2 of many optima, and their mutual information, which depends on it alone."""
    shares = np.geomspace(4e-4, 1, 121)
    optima = zip(*exact.optimum(X, beta=shares * S2, recon_var=1.0), strict=True)
    return shares, np.array([diagnostics.mutual_information(X, LinearVAE(*each)) for each in optima])


def _measures(params):
    """The four measures of any parameters: nats, nats, activity, and the shuffle's increase as a share of 2 s2.

    NaN for a run that has left all bounds.
    """
    if not np.all(np.abs(params) < BOUND):
        return dict.fromkeys(("KL", "I(x;z)", "activity", "shuffle"), np.nan)
    mu, logvar = encode(X, params)
    return {
        "KL": kl_normal_to_standard(mu, logvar).mean(),
        "I(x;z)": diagnostics.mutual_information(X, params),
        "activity": diagnostics.activity(X, params),
        "shuffle": diagnostics.shuffle_increase(X, params) / (2 * S2),
    }


def _curves(recon_var):
    """The measures of the optimum over beta: pairs (beta, values)."""
    of_optimum = exact.optimum(X, beta=BETA, recon_var=recon_var)
    shares, information = _optima()
    return {
        "KL": (BETA, exact.rate_distortion(X, beta=BETA, recon_var=recon_var)[0]),
        "I(x;z)": (np.append(shares * S2 / recon_var, BETA[-1] * 2), np.append(information, 0.0)),
        "activity": (BETA, diagnostics.activity(X, of_optimum)),
        "shuffle": (BETA, diagnostics.shuffle_increase(X, of_optimum) / (2 * S2)),
    }


def _compute(values):
    """The run, its optimum, and the measures after its last three steps, the last first."""
    run, optimum = run_and_optimum(values, start=STARTS[values["start"]])
    places = [max(values["steps"] - back, 0) for back in (1, 2, 3)]
    return run, optimum, [_measures(LinearVAE(*(along[place] for along in run.path))) for place in places]


def _move(nats, shares, data_space, values, run, optimum, last_three):
    now, before, _ = last_three
    curves = _curves(values["recon_var"])
    for measures in (nats, shares):
        measures.show(curves, values["beta"], before, now)
    data_space.show(X, run.params, optimum, values["recon_var"])


def _say(values, run, optimum, last_three):
    now = last_three[0]
    if np.isnan(now["KL"]):
        return "The run has left all bounds: no measure, no verdict. Move lr to the left."
    said = ", ".join(f"{name} {value:z.3f}" for name, value in now.items())
    return f"After {values['steps']:,} steps: {said}. {_verdict(values, run.params, optimum, last_three)}"


def _verdict(values, params, optimum, last_three):
    """What the four measures of the last three steps, the last first, say together, and what may be said at all."""
    now, before, earlier = last_three
    best, here = (expected_terms(X, of, recon_var=values["recon_var"]) for of in (optimum, params))
    below = best.objective(values["beta"]) - here.objective(values["beta"])
    used = [name for name, value in now.items() if value > USED]
    word = "in use" if len(used) == len(now) else "collapsed" if not used else f"in use by {' and '.join(used)} alone"
    changed = [name for name in now if not abs(now[name] - before[name]) <= 0.05 * max(now[name], before[name], USED)]
    if any((now[name] - before[name]) * (before[name] - earlier[name]) < 0 for name in changed):
        return f"The code is {word} now, but one step earlier the measures are others: the run bounces, no verdict."
    logvar = encode(X, params)[1]
    if np.ptp(logvar) == 0 and logvar[0] in LOGVAR_RANGE and optimum.d != logvar[0]:
        stuck = "The clamp holds every point, so c and d have no slope: stuck, by the optimiser"
        return f"The code is {word}. {stuck}{'; the optimum is collapsed, too' if optimum.m == 0 else ''}."
    if changed or below > FINISHED or abs(here.kl - best.kl) > 0.1 * best.kl + FINISHED * (optimum.m == 0):
        return f"The code is {word}, {below:.3g} nats below the optimum: not finished, no verdict."
    small = "" if used else f", which has a code, too small for the convention of {USED}"
    return f"The code is {word}, as at the optimum{': the objective wants it so' if optimum.m == 0 else small}."
