"""The panel of lesson 6: four measures and a verdict; one remedy at a time on trial."""

from functools import lru_cache

import numpy as np

from vaelib import data, diagnostics, exact, style
from vaelib.gaussian import kl_normal_to_standard
from vaelib.live import Menu, Panel, Scale, linear, logarithmic, view_of
from vaelib.model import LOGVAR_RANGE, START, LinearVAE, encode
from vaelib.objective import expected_terms
from vaelib.plots.collapse import MOST_NATS, MOST_SHARE, Measures, Trial
from vaelib.plots.densities import DataSpace
from vaelib.training import train

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
REMEDIES = {
    "none": "none",
    "warm-up": "KL warm-up, half of the steps",
    "free bits": "free bits, 0.5 nats",
    "half beta": "half of beta",
    "half recon_var": "half of recon_var",
    "lr": "lr doubled",
}
STEPS = (20, 50, 100, 140, 200, 300, 500, 700, 1000, 1500, 2000, 3000)
TRIAL_STEPS = 3000
BOUND = 1e3  # beyond it a run is lost
USED = 0.01  # nats, and shares: a convention
FREE_BITS = 0.5
FINISHED = 1e-3  # nats below the optimum
ORIGINAL = {
    "tab": "diagnosis",
    "beta": 4.0,
    "recon_var": 0.3,
    "lr": 0.5,
    "start": "original",
    "scale": 0.001,
    "remedy": "none",
    "steps": 500,
}
BENCH = ORIGINAL | {"tab": "diagnosis", "steps": 1000}
SCENARIOS = {
    "collapsed": BENCH | {"beta": 20.0},
    "unfinished": BENCH | {"beta": 12.0, "start": "near collapse", "steps": 140},
    "dead clamp": BENCH | {"start": "dead clamp", "lr": 0.3, "steps": 3000},
    "bouncing": BENCH | {"lr": 2.35, "steps": 140},
    "warm-up": {
        "tab": "trial",
        "beta": 14.0,
        "recon_var": 0.3,
        "scale": 1e-4,
        "remedy": "warm-up",
        "steps": 2000,
        "lr": 0.5,
    },
}


def collapse_panel(*, hide=(), **knobs):
    """The panel of lesson 6, two tabs: four measures of a run with a verdict, and one remedy at a time on trial.

    Knobs: beta, recon_var, lr (a share of the largest stable one), steps; of the tab "diagnosis": start (a key of
    START_LABELS); of "trial": scale (of a and m at the start), remedy (a key of REMEDIES). -> Panel, whose `run` is
    the `training.Run` shown. ValueError for a knob or a value that does not exist.
    """
    of_training = [
        Scale("beta", logarithmic(0.1, 30)),
        Scale("recon_var", logarithmic(0.02, 5)),
        Scale("lr", [*linear(0.1, 0.95, 0.05), 1.2, 1.5, 2.0, 2.35, 2.5], unit=" of the limit"),
    ]
    of_trial = [Scale("scale", logarithmic(1e-4, 1)), Menu("remedy", REMEDIES)]
    return Panel(
        "collapse_panel",
        {
            "diagnosis": _diagnosis([of_training, [Menu("start", START_LABELS)]]),
            "trial": _trial([of_training, of_trial]),
        },
        more=[Scale("steps", STEPS)],
        start=ORIGINAL | knobs,
        scenarios=SCENARIOS,
        hide=hide,
    )


def _diagnosis(rows):
    picture, (nats, fit, shares) = style.picture(
        900, 440, "four measures over beta, the fit", "ab;cb", width_ratios=(1.2, 1)
    )
    pictures = (
        Measures(nats, "Nats", ["KL", "I(x;z)"], MOST_NATS),
        Measures(shares, "Shares", ["activity", "shuffle"], MOST_SHARE),
        DataSpace(fit),
    )
    return view_of(picture, pictures, _show_diagnosis, rows)


def _trial(rows):
    picture, (left, right) = style.picture(
        900, 380, "the KL without and with a remedy, the fit", "ab", width_ratios=(1.4, 1)
    )
    return view_of(picture, (Trial(left, TRIAL_STEPS), DataSpace(right)), _show_trial, rows)


@lru_cache(maxsize=2)
def _trained(beta, recon_var, lr, steps, start, warmup=0, free_bits=0.0):
    limit = exact.largest_stable_lr(X, beta=beta, recon_var=recon_var)
    settings = {"lr": lr * limit, "steps": steps, "start": start, "warmup": warmup, "free_bits": free_bits}
    return train(X, beta=beta, recon_var=recon_var, noise="exact", **settings)


@lru_cache(maxsize=1)
def _optima():
    """The share beta recon_var / s2 of many optima in use, and their mutual information, which depends on it alone."""
    shares = np.geomspace(2e-3, 1, 61)
    a = np.sqrt(1 - shares) / X.std()
    zero = np.zeros_like(shares)
    optima = zip(a, -a * X.mean(), zero, np.log(shares), zero, zero, strict=True)
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
    in_use = np.append(shares, [1.0]) * S2 / recon_var, np.append(information, [0.0])
    return {
        "KL": (BETA, exact.rate_distortion(X, beta=BETA, recon_var=recon_var)[0]),
        "I(x;z)": (np.append(in_use[0], BETA[-1] * 2), np.append(in_use[1], [0.0])),
        "activity": (BETA, diagnostics.activity(X, of_optimum)),
        "shuffle": (BETA, diagnostics.shuffle_increase(X, of_optimum) / (2 * S2)),
    }


def _show_diagnosis(nats, shares, data_space, values):
    beta, recon_var, steps = values["beta"], values["recon_var"], values["steps"]
    run = _trained(beta, recon_var, values["lr"], steps, STARTS[values["start"]])
    optimum = exact.optimum(X, beta=beta, recon_var=recon_var)
    params, earlier = (LinearVAE(*(along[step] for along in run.path)) for step in (-1, max(-2, -steps)))
    now, before = _measures(params), _measures(earlier)
    curves = _curves(recon_var)
    for picture in (nats, shares):
        picture.show(curves, beta, before, now)
    data_space.show(X, params, optimum, recon_var)
    if np.isnan(now["KL"]):
        return run, "The run has left all bounds: no measure, no verdict. Move lr to the left."
    said = ", ".join(f"{name} {value:z.3f}" for name, value in now.items())
    return run, f"After {steps:,} steps: {said}. {_verdict(values, params, optimum, before, now)}"


def _verdict(values, params, optimum, before, now):
    """What the four measures say together, and what may be said of them at all."""
    best, here = (
        expected_terms(X, of, recon_var=values["recon_var"]).objective(values["beta"]) for of in (optimum, params)
    )
    used = [name for name, value in now.items() if value > USED]
    word = "in use" if len(used) == len(now) else "collapsed" if not used else f"in use by {' and '.join(used)} alone"
    if not all(abs(now[name] - before[name]) <= 0.05 * max(now[name], before[name], USED) for name in now):
        return f"The code is {word} now, but one step earlier the measures are others: the run bounces, no verdict."
    if np.all(np.isin(encode(X, params)[1], LOGVAR_RANGE)) and not np.isin(optimum.d, LOGVAR_RANGE):
        return f"The code is {word}. The clamp holds every point, so c and d have no slope: stuck, by the optimiser."
    if best - here > FINISHED:
        return f"The code is {word}, {best - here:.3f} nats below the optimum: not finished, no verdict."
    return f"The code is {word}, as at the optimum{': the objective wants it so' if optimum.m == 0 else ''}."


def _remedied(values):
    """The arguments of training with the remedy, and the KL at the optimum of what is then maximised."""
    beta, recon_var, lr, steps = (values[name] for name in ("beta", "recon_var", "lr", "steps"))
    start = COLLAPSED._replace(a=values["scale"], m=values["scale"])
    remedy, more = values["remedy"], {}
    if remedy == "warm-up":
        more = {"warmup": steps // 2}
    if remedy == "free bits":
        more = {"free_bits": FREE_BITS}
    beta, recon_var = beta / (1 + (remedy == "half beta")), recon_var / (1 + (remedy == "half recon_var"))
    lr = lr * (1 + (remedy == "lr"))
    goal, _ = exact.rate_distortion(X, beta=beta, recon_var=recon_var)
    return (beta, recon_var, lr, steps, start), more, max(goal, more.get("free_bits", 0.0))


def _show_trial(trial, data_space, values):
    arguments, _, goal = _remedied(values | {"remedy": "none"})
    changed, more, goal_of_remedy = _remedied(values)
    without, run = _trained(*arguments), _trained(*changed, **more)
    beta, recon_var = changed[:2]
    trial.show(without.history.kl, run.history.kl, goal, goal_of_remedy)
    data_space.show(X, run.params, exact.optimum(X, beta=beta, recon_var=recon_var), recon_var)
    kl, of_remedy = without.history.kl, run.history.kl
    start = f"From a = m = {values['scale']:g}, {values['steps']:,} steps"
    return run, (
        f"{start}. Without: KL {_nats(kl)} (optimum {goal:.3f}), half "
        f"of it {_half_way(kl, goal)}. With “{REMEDIES[values['remedy']]}”: KL {_nats(of_remedy)} (optimum "
        f"{goal_of_remedy:.3f}), half of it {_half_way(of_remedy, goal_of_remedy)}."
    )


def _nats(kl):
    return f"{kl[-1]:z.3f}" if np.isfinite(kl[-1]) else "not finite"


def _half_way(kl, goal):
    """At which step the KL has come to half of that at the optimum, and stays above."""
    if goal == 0:
        return "nowhere (it is 0)"
    below = np.flatnonzero(~(kl >= goal / 2))
    last = below[-1] + 1 if below.size else 0
    return f"at step {last + 1:,}" if last < kl.size else "not yet"
