"""The panels of lesson 1: what picks the scale of a code, and a ceiling that q never moves."""

import numpy as np

from vaelib import data, exact, style
from vaelib.gaussian import gaussian_density, kl_normal_to_standard, mixture_density
from vaelib.lessons.decoder import ENDS, DecoderPlane, LatentStrip, Outcome
from vaelib.lessons.densities import X_GRID, Z_GRID
from vaelib.lessons.elbo.pictures import KlOfScale, Posteriors, Waterfall
from vaelib.live import Panel, Scale, View, linear, logarithmic
from vaelib.model import LinearVAE
from vaelib.objective import terms_given

X = data.toy()
NOISE_VAR = 0.3  # of the reconstruction, whatever the scale of the code
SCALES = np.geomspace(0.5, 8, 201)
START_VALUES = {"mu": 0.4, "logvar": -0.2, "x": 1.2, "m": 2.0, "n": 0.2, "recon_var": 0.3}
TOUCHES = 5e-4  # nats


def autoencoder_panel(*, hide=(), **knobs):
    """The panel of lesson 1, round 1: the code z = x / scale, its reconstruction, and what the prior's samples become.

    Knob: scale. -> Panel, whose `run` is the mean KL in nats. ValueError for a knob or a value that does not exist.
    """
    text = "codes and decoder, what the prior's samples become, the KL over the scale of the code"
    ratios = {"width_ratios": (1.25, 0.9, 1.15), "height_ratios": (2.4, 1)}
    picture, (plane, right, third, below) = style.picture(900, 400, text, "abc;dbc", **ratios)
    drawings = (
        DecoderPlane(plane, "Codes and reconstructions", "data", style.DATA | {"marker": "o"}),
        LatentStrip(below, "q(z), the codes", style.POSTERIOR),
        Outcome(right, "Decoded prior", "decoded"),
        KlOfScale(third, SCALES, _mean_kl(SCALES)),
    )
    rows = [[Scale("scale", logarithmic(0.5, 8))]]
    view = View(picture, drawings, rows, lambda values: [_mean_kl(values["scale"])], _move_scale, _say_scale)
    return Panel("autoencoder_panel", {"autoencoder": view}, start={"scale": 1.0} | knobs, hide=hide)


def _mean_kl(scale):
    """Of the codes x / scale, whose noise is scaled with them."""
    scale = np.asarray(scale)[..., None]
    return kl_normal_to_standard(X / scale, np.log(NOISE_VAR / scale**2)).mean(axis=-1)[()]


def _move_scale(plane, strip, outcome, curve, values, kl):
    scale = values["scale"]
    plane.show(X / scale, X, (ENDS, scale * ENDS))
    strip.show(mixture_density(Z_GRID, X / scale, NOISE_VAR / scale**2))
    outcome.show(X, gaussian_density(X_GRID, 0.0, scale**2))
    curve.show(scale, kl)


def _say_scale(values, kl):
    scale = values["scale"]
    return (
        f"Scale {scale:.3g}: a reconstruction misses its x by {np.sqrt(NOISE_VAR):.3f} (root mean square), as at every "
        f"other scale. Decoded samples of the prior have standard deviation {scale:.3g}; the data have {X.std():.3f}. "
        f"KL {kl:.3f} nats (smallest {_mean_kl(SCALES).min():.3f})."
    )


def elbo_panel(*, hide=(), **knobs):
    """The panel of lesson 1: of one x, recon, KL and gap on the way to log p(x), which no knob of q moves.

    Knobs of q: mu, logvar; of the model, behind a lock: x, m, n, recon_var. -> Panel, whose `run` is the `Terms` of
    this x. ValueError for a knob or a value that does not exist.
    """
    text = "prior, q and the true posterior along z; recon, KL and gap on the way to log p(x)"
    picture, (left, right) = style.picture(900, 360, text, "ab", width_ratios=(1.15, 1))
    drawings = Posteriors(left), Waterfall(right)
    q = [Scale("mu", linear(-4.5, 4.5, 0.1)), Scale("logvar", linear(-4, 2, 0.1))]
    model = [
        Scale("x", linear(-3.5, 3.5, 0.1)),
        Scale("m", linear(-3, 3, 0.1)),
        Scale("n", linear(-1, 1, 0.1)),
        Scale("recon_var", logarithmic(0.25, 3)),
    ]
    return Panel(
        "elbo_panel",
        {"ELBO": View(picture, drawings, [q], _compute_elbo, _move_elbo, _say_elbo)},
        locked=model,
        start=START_VALUES | knobs,
        scenarios={"true posterior": _true_posterior, "prior": {"mu": 0.0, "logvar": 0.0}},
        hide=hide,
    )


def _model(values):
    """The data point as an array of one, the decoder as parameters, and recon_var."""
    decoder = LinearVAE(a=0.0, b=0.0, c=0.0, d=0.0, m=values["m"], n=values["n"])
    return np.array([values["x"]]), decoder, values["recon_var"]


def _true_posterior(values):
    x, params, recon_var = _model(values)
    (mean,), (var,) = exact.true_posterior(x, params, recon_var=recon_var)
    return {"mu": float(mean), "logvar": float(np.log(var))}


def _compute_elbo(values):
    """The terms of this x, log p(x), and mean and variance of the true posterior."""
    x, params, recon_var = _model(values)
    q = (np.array([values[name]]) for name in ("mu", "logvar"))
    terms = terms_given(x, *q, params, recon_var=recon_var)
    (ceiling,) = exact.log_evidence(x, params, recon_var=recon_var)
    (mean,), (var,) = exact.true_posterior(x, params, recon_var=recon_var)
    return terms._make(term[0] for term in terms), ceiling, (mean, var)


def _move_elbo(posteriors, waterfall, values, terms, ceiling, true_posterior):
    posteriors.show((values["mu"], np.exp(values["logvar"])), true_posterior)
    waterfall.show(terms.recon, terms.kl, ceiling)


def _say_elbo(values, terms, ceiling, _):
    gap = max(ceiling - terms.elbo, 0.0)
    touches = "To three decimals the bound touches: q is the true posterior, or next to it"
    stands = touches if gap < TOUCHES else "The gap is KL(q to the true posterior)"
    return (
        f"recon {terms.recon:.3f} − KL {terms.kl:.3f} = ELBO {terms.elbo:.3f} nats; gap {gap:.3f}; "
        f"ceiling log p(x) {ceiling:.3f}. {stands}. The knobs of q, mean {values['mu']:.3g} and log-variance "
        f"{values['logvar']:.3g}, never move the ceiling."
    )
