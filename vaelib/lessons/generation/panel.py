"""The panel of lesson 5: what comes out depends on where z is drawn."""

import math

import numpy as np

from vaelib import data, style
from vaelib.gaussian import gaussian_density, mixture_density
from vaelib.lessons.decoder import ENDS, DecoderPlane, LatentStrip, Outcome
from vaelib.lessons.densities import X_GRID, Z_GRID
from vaelib.lessons.generation.pictures import T_GRID, Company, Path
from vaelib.lessons.runs import STEPS, knobs_of_training, run_and_optimum
from vaelib.live import Menu, Panel, Scale, View, linear
from vaelib.model import decode, encode, generate, interpolate, reparameterize

X = data.toy()
SAMPLES_SHOWN = 200
RNG = np.random.default_rng(5)
PRIOR_DRAWS = data.seed_draws().prior
EPS_Z = np.concatenate([PRIOR_DRAWS, RNG.standard_normal(SAMPLES_SHOWN - PRIOR_DRAWS.size)])
EPS_X = RNG.standard_normal(SAMPLES_SHOWN)
POINT = RNG.integers(X.size, size=SAMPLES_SHOWN)
SOURCE_LABELS = {"prior": "prior", "aggregate": "aggregate posterior q(z)", "posterior": "posterior of x"}
BETWEEN, NEAR = 1.0, 0.5
NARROWEST = 0.01**2  # of a density that is still to be seen on the grid
RATIOS = {"width_ratios": (1.5, 1), "height_ratios": (2.4, 1)}
START_VALUES = {
    "tab": "generation",
    "beta": 1.0,
    "recon_var": 0.3,
    "lr": 0.9,
    "source": "prior",
    "observation_noise": "on",
    "x": float(X[5]),
    "x_from": float(X[5]),
    "x_to": float(X[-5]),
    "t": 0.4,
    "steps": 500,
}
SCENARIOS = {
    "a sample of the model": {"tab": "generation", "source": "prior", "observation_noise": "on"},
    "the original's way": {"tab": "generation", "source": "prior", "observation_noise": "off"},
    "collapsed": {"tab": "generation", "source": "prior", "observation_noise": "off", "beta": 20.0, "recon_var": 0.3},
}


def generation_panel(*, hide=(), **knobs):
    """The panel of lesson 5, two tabs: what comes out of a trained model, and the path between two data points.

    Knobs: beta, recon_var, lr (a share of the largest stable one), steps; of the tab "generation": source (a key of
    SOURCE_LABELS), observation_noise ("on" or "off"), x (grey where it has no effect); of "interpolation": x_from,
    x_to, t. -> Panel, whose `run` is the `training.Run` shown. ValueError for a knob or a value that does not exist.
    """
    of_training = knobs_of_training()
    x, x_from, x_to = (Scale(name, sorted(map(float, X))) for name in ("x", "x_from", "x_to"))
    source = Menu("source", SOURCE_LABELS)
    source.observe(lambda change: x.set_trait("disabled", change["new"] != "posterior"), "value")
    x.disabled = True
    of_generation = [source, Menu("observation_noise", {"on": "on", "off": "off"}), x]
    of_interpolation = [x_from, x_to, Scale("t", linear(0, 1, 0.05))]
    return Panel(
        "generation_panel",
        {
            "generation": _generation([of_training, of_generation]),
            "interpolation": _interpolation([of_training, of_interpolation]),
        },
        more=[Scale("steps", STEPS)],
        start=START_VALUES | knobs,
        scenarios=SCENARIOS,
        hide=hide,
    )


def _generation(rows):
    text = "where z is drawn, the decoder, and what comes out against the data"
    picture, (plane, right, below) = style.picture(900, 400, text, "ab;cb", **RATIOS)
    drawings = (
        DecoderPlane(plane, f"{SAMPLES_SHOWN} samples", "samples", style.MODEL | {"marker": "o", "markersize": 3.5}),
        LatentStrip(below, "drawn from", style.POSTERIOR),
        Outcome(right, "What comes out", "samples", exact="optimum"),
    )
    return View(picture, drawings, rows, _compute_generation, _move_generation, _say_generation)


def _interpolation(rows):
    text = "the reconstruction on the way from one data point to another, against the data"
    picture, (along, right, below) = style.picture(900, 400, text, "ab;cb", **RATIOS)
    drawings = (
        Path(along),
        Company(below, NEAR),
        Outcome(right, "What the decoder says at t", "p(x|z)", exact="optimum"),
    )
    return View(picture, drawings, rows, _compute_interpolation, _move_interpolation, _say_interpolation)


def _source(values, params):
    """Means and log-variances of the normals from which z is drawn, in equal shares."""
    if values["source"] == "prior":
        return np.zeros(1), np.zeros(1)
    return encode(X if values["source"] == "aggregate" else np.array([values["x"]]), params)


def _compute_generation(values):
    """The run, where z is drawn, the samples (z, x), and what comes out at the run and at the optimum, as normals."""
    run, optimum = run_and_optimum(values)
    noise_var = values["recon_var"] if values["observation_noise"] == "on" else 0.0
    mu, logvar = _source(values, run.params)
    z = reparameterize(mu[POINT % mu.size], logvar[POINT % mu.size], EPS_Z)
    x = generate(z, run.params, recon_var=noise_var, eps=EPS_X)
    return run, (mu, logvar), (z, x), *(_outcome(values, of, noise_var) for of in (run.params, optimum))


def _move_generation(plane, strip, outcome, values, run, source, samples, *outcomes):
    mu, logvar = source
    plane.show(*samples, (ENDS, decode(ENDS, run.params)))
    strip.show(mixture_density(Z_GRID, mu, np.exp(logvar)))
    outcome.show(X, *(mixture_density(X_GRID, mean, np.maximum(var, NARROWEST)) for mean, var in outcomes))


def _outcome(values, params, noise_var):
    """Means and variances of the normals, in equal shares, that make up the density of what comes out."""
    mu, logvar = _source(values, params)
    return params.m * mu + params.n, params.m**2 * np.exp(logvar) + noise_var


def _say_generation(values, _run, _source, samples, at_run, at_optimum):
    x = samples[1]
    variance, best = (mean.var() + var.mean() for mean, var in (at_run, at_optimum))
    share, best_share = (_share_between(*each) for each in (at_run, at_optimum))
    source, noise = SOURCE_LABELS[values["source"]], values["observation_noise"]
    what = f"z from the {source}, observation noise {noise}: what comes out"
    if variance < NARROWEST:
        return f"{what} is all the same, {at_run[0][0]:z.3f} (optimum {at_optimum[0][0]:z.3f})."
    drawn = np.mean(np.abs(x) < BETWEEN)
    error = math.sqrt(share * (1 - share) / x.size)
    return (
        f"{what} has variance {variance:.3f} (optimum {best:.3f}, data {X.var():.3f}), and {share:.1%} of it has "
        f"|x| < 1 (optimum {best_share:.1%}, data {np.mean(np.abs(X) < BETWEEN):.1%}). Of these {x.size} samples: "
        f"{drawn:.1%} (standard error {error:.1%})."
    )


def _share_between(mean, var):
    """The share of |x| < 1 under the equal mixture of the normals N(mean, var), exactly."""
    sd = np.sqrt(np.maximum(var, 1e-30))
    above, below = ((edge - mean) / sd / math.sqrt(2) for edge in (BETWEEN, -BETWEEN))
    return float(np.mean([math.erf(a) - math.erf(b) for a, b in zip(above, below, strict=True)]) / 2)


def _compute_interpolation(values):
    """The run, its optimum, and of both x_hat along the whole way and (z, x_hat) at t."""
    run, optimum = run_and_optimum(values)
    ends, both = (values["x_from"], values["x_to"]), (run.params, optimum)
    along = [interpolate(*ends, T_GRID, params)[1] for params in both]
    return run, optimum, along, [interpolate(*ends, values["t"], params) for params in both]


def _move_interpolation(path, company, outcome, values, run, optimum, along, at_t):
    ends, t, recon_var = (values["x_from"], values["x_to"]), values["t"], values["recon_var"]
    here, best_here = (x_hat for _, x_hat in at_t)
    path.show(ends, along[0], math.sqrt(recon_var), along[1], (t, here))
    company.show(_company(along[0]), (t, _company(here)))
    outcome.show(X, *(gaussian_density(X_GRID, mean, recon_var) for mean in (here, best_here)))


def _company(x_hat):
    """How many data points are near each x_hat."""
    return np.count_nonzero(np.abs(X - np.asarray(x_hat)[..., None]) < NEAR, axis=-1)


def _say_interpolation(values, run, optimum, along, at_t):
    (z, x_hat), of_run = at_t[0], along[0]
    return (
        f"t = {values['t']:.3g}: z = {z:z.3f}, x̂ = {x_hat:z.3f} ± {math.sqrt(values['recon_var']):.3f}; "
        f"{_company(x_hat)} of {X.size} data points are within {NEAR:g} of x̂. The ends: x̂ = {of_run[0]:z.3f} for x = "
        f"{values['x_from']:.3f}, and {of_run[-1]:z.3f} for {values['x_to']:.3f}. Distances are multiplied by a m = "
        f"{run.params.a * run.params.m:.3f} (optimum {optimum.a * optimum.m:.3f})."
    )
