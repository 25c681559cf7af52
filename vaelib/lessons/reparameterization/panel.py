"""The panel of lesson 2: the dots keep their identity and slide, so a slope exists."""

import numpy as np

from vaelib import data, style
from vaelib.gaussian import gaussian_density
from vaelib.lessons.reparameterization.pictures import SameNoise, Scatter
from vaelib.live import Menu, Panel, Scale, View, linear
from vaelib.model import reparameterize

SAMPLES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
DEMO_DRAWS = data.seed_draws().demo
EPS = np.concatenate([DEMO_DRAWS, np.random.default_rng(2).standard_normal(SAMPLES[-1] - DEMO_DRAWS.size)])
WIDTHS = np.geomspace(1e-4, 1, 41)
NODES = np.linspace(-10, 10, 2001)  # of the quadrature over eps
WEIGHTS = gaussian_density(NODES, 0.0, 1.0) * (NODES[1] - NODES[0])

INTEGRANDS = {  # functions of z, each with its derivative
    "square": (np.square, lambda z: 2 * z),
    "square plus 10": (lambda z: z**2 + 10, lambda z: 2 * z),
    "wave": (lambda z: np.cos(5 * z), lambda z: -5 * np.sin(5 * z)),
}
FUNCTION_LABELS = {"square": "z²", "square plus 10": "z² + 10", "wave": "cos 5z"}
START_VALUES = {"mu": 0.7, "logvar": -0.8, "samples": 5, "f": "square"}


def reparameterization_panel(*, hide=(), **knobs):
    """The panel of lesson 2: fixed noise under a moving q, and the scatter of five estimators of d E[f(z)] / d mu.

    Knobs: mu, logvar, samples, f (a key of FUNCTION_LABELS). -> Panel, whose `run` maps each estimator to its standard
    deviation. ValueError for a knob or a value that does not exist.
    """
    text = "fixed draws of noise sliding under a moving distribution; the scatter of estimated slopes"
    picture, (left, right) = style.picture(900, 390, text, "ab", width_ratios=(1.15, 1))
    drawings = SameNoise(left), Scatter(right, WIDTHS)
    in_view = [
        Scale("mu", linear(-3, 3, 0.1)),
        Scale("logvar", linear(-3, 1.5, 0.1)),
        Scale("samples", SAMPLES),
        Menu("f", FUNCTION_LABELS),
    ]
    scenarios = {"a constant added": {"f": "square plus 10"}, "a wave": {"f": "wave", "mu": 0.7, "logvar": 0.7}}
    view = View(picture, drawings, [in_view], _compute, _move, _say)
    return Panel(
        "reparameterization_panel", {"noise": view}, start=START_VALUES | knobs, scenarios=scenarios, hide=hide
    )


def _compute(values):
    """Each estimator's standard deviation, the exact slope, and two estimates of it from the draws in view."""
    mu, logvar, (f, f_slope) = values["mu"], values["logvar"], INTEGRANDS[values["f"]]
    eps, sigma = EPS[: values["samples"]], np.exp(0.5 * logvar)
    slope, deviations = _deviations(f, f_slope, mu, sigma)
    z = reparameterize(mu, logvar, eps)
    estimates = f_slope(z).mean(), np.mean(f(z) * eps / sigma)
    return {name: sd / np.sqrt(eps.size) for name, sd in deviations.items()}, slope, estimates


def _move(same_noise, scatter, values, deviations, *_):
    same_noise.show(values["mu"], np.exp(0.5 * values["logvar"]), EPS[: values["samples"]])
    scatter.show(deviations)


def _say(values, deviations, slope, estimates):
    (pathwise, score), samples = estimates, values["samples"]
    draws = "1 draw" if samples == 1 else f"{samples:,} draws"
    return (
        f"E[{FUNCTION_LABELS[values['f']]}] has the exact slope {slope:z.3f} in mu. Estimated from {draws}: "
        f"pathwise {pathwise:.3f} (standard deviation {deviations['pathwise']:.3g}), score function {score:.3f} "
        f"({deviations['score function']:.3g}; with baseline {deviations['with baseline']:.3g}). Independent draws at "
        f"h = 0.001 have standard deviation {np.interp(1e-3, WIDTHS, deviations['independent draws']):.3g}."
    )


def _deviations(f, f_slope, mu, sigma):
    """The slope in mu, and each estimator's standard deviation for one draw, by quadrature over eps."""
    z = mu + sigma * NODES
    value, score = f(z), NODES / sigma
    up, down = (f(z + shift) for shift in (WIDTHS[:, None], -WIDTHS[:, None]))
    samples = {
        "pathwise": f_slope(z),
        "score function": value * score,
        "with baseline": (value - WEIGHTS @ value) * score,
        "common draws": (up - down) / (2 * WIDTHS[:, None]),
    }
    deviations = {name: np.sqrt(_variance(sample)) for name, sample in samples.items()}
    deviations["independent draws"] = np.sqrt(_variance(up) + _variance(down)) / (2 * WIDTHS)
    return WEIGHTS @ f_slope(z), deviations


def _variance(values):
    """Over eps: values (..., NODES) -> (...)."""
    mean = values @ WEIGHTS
    return np.square(values - mean[..., None]) @ WEIGHTS
