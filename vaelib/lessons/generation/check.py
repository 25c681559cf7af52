"""The exercises of lesson 5."""

import math

from vaelib import model
from vaelib.lessons.verdict import exercise
from vaelib.model import LinearVAE

PARAMS = LinearVAE(a=0.45, b=-0.1, c=0.02, d=-2.5, m=1.9, n=0.3)
OTHER_PARAMS = LinearVAE(a=-0.6, b=0.2, c=0.0, d=-1.5, m=-1.2, n=-0.5)


@exercise(
    cases=[(0.8, PARAMS, 0.4, -1.2), (-1.3, OTHER_PARAMS, 1.6, 0.7), (0.5, OTHER_PARAMS, 0.3, 1.4)],
    praise="x = {:.4f}, a sample of p(x|z).",
)
def generate(z, params, recon_var, eps):
    """Say whether attempt(z, params, recon_var, eps) is a sample of the model. Exercise 1 of lesson 5."""
    mean = model.decode(z, params)
    right = model.generate(z, params, recon_var=recon_var, eps=eps)
    encoded = params.a * z + params.b
    return right, {
        "the observation noise is left out: that is the mean of p(x|z), not a sample.": mean,
        "recon_var is a variance; the noise has its square root.": mean + recon_var * eps,
        "the noise is not scaled: multiply eps by the square root of recon_var.": mean + eps,
        "the sign of the noise is wrong.": 2 * mean - right,
        "that puts the noise on z, before the decoder.": model.decode(z + math.sqrt(recon_var) * eps, params),
        "n is left out.": right - params.n,
        "recon_var is a variance, not a log-variance.": mean + math.exp(recon_var / 2) * eps,
        "z comes from the prior already: it is not encoded.": right + params.m * (encoded - z),
    }


@exercise(
    cases=[(-1.7, 2.4, 0.3, PARAMS), (1.1, -0.6, 0.8, OTHER_PARAMS), (0.7, 2.9, -0.2, PARAMS)],
    parts=("z", "x_hat"),
    praise="z = {:.4f}, x_hat = {:.4f}.",
)
def interpolate(x_from, x_to, t, params):
    """Say whether attempt(x_from, x_to, t, params) is z and x_hat on the way. Exercise 2 of lesson 5."""
    z, x_hat = model.interpolate(x_from, x_to, t, params)
    back, _ = model.interpolate(x_to, x_from, t, params)
    between = (1 - t) * x_from + t * x_to
    too_far = params.a * (x_from + t * x_to) + (1 + t) * params.b
    of_z = {
        "z comes first, then x_hat.": x_hat,
        "at t = 1 you must be at the other end: z = (1 - t) mu(x_from) + t mu(x_to).": too_far,
        "t = 0 is x_from and t = 1 is x_to; you have it the other way round.": back,
        "that is a point between the data; encode both ends first.": between,
        "b is left out: the latent mean is a x + b.": z - params.b,
    }
    of_x_hat = {
        "that is on the straight line between the data; decode z instead.": between,
        "n is left out.": x_hat - params.n,
        "that decodes a point of the data; decode z.": model.decode(between, params),
    }
    return (z, x_hat), (of_z, of_x_hat)


@exercise(
    cases=[(2.0, 0.4, 2.5), (0.6, 1.3, 1.9), (1.5, 0.3, 1.7), (9.0, 0.4, 2.5), (2.5, 1.1, 0.6)],
    where="the variance at beta {:g}, recon_var {:g}, s2 {:g}: ",
    praise="s2 - (beta - 1) recon_var while the code is in use, recon_var after the collapse.",
)
def generated_variance(beta, recon_var, s2):
    """Say whether attempt(beta, recon_var, s2) is the variance of the optimum's samples. Exercise 3 of lesson 5."""
    m_squared = s2 - beta * recon_var
    total = m_squared + recon_var
    if m_squared <= 0:
        return recon_var, {
            "above the threshold, beta recon_var > s2, the optimum has m = 0: only the noise is left.": total,
            "that is the variance of the code alone; after the collapse the noise is left.": 0.0,
            "the noise has variance recon_var, whatever beta is.": beta * recon_var,
            "the data's variance is lost with the code: only the noise is left.": s2,
        }
    return total, {
        "that is the variance without observation noise; add recon_var.": m_squared,
        "that is the variance of the data. If you wrote beta recon_var for the noise: it has recon_var.": s2,
        "m² is s2 - beta recon_var; you took its root.": math.sqrt(m_squared) + recon_var,
        "m² is s2 - beta recon_var: a product, not beta alone.": max(s2 - beta, 0.0) + recon_var,
        "that is the standard deviation; the variance is wanted.": math.sqrt(m_squared + recon_var),
        "below the threshold the code is in use: add m² = s2 - beta recon_var.": recon_var,
        "recon_var is a variance already; do not square it.": m_squared + recon_var**2,
    }
