"""The exercises of lesson 5."""

import math

from vaelib import model
from vaelib.check.verdict import answer_of, judge, judge_parts
from vaelib.model import LinearVAE

PARAMS = LinearVAE(a=0.45, b=-0.1, c=0.02, d=-2.5, m=1.9, n=0.3)
RECON_VAR = 0.4


def generate(attempt):
    """Say whether attempt(z, params, recon_var, eps) is a sample of the model. Exercise 1 of lesson 5."""
    z, eps = 0.8, -1.2
    mean = model.decode(z, PARAMS)
    right = model.generate(z, PARAMS, recon_var=RECON_VAR, eps=eps)
    mistakes = {
        "the observation noise is left out: that is the mean of p(x|z), not a sample.": mean,
        "recon_var is a variance; the noise has its square root.": mean + RECON_VAR * eps,
        "the noise is not scaled: multiply eps by the square root of recon_var.": mean + eps,
        "the sign of the noise is wrong.": 2 * mean - right,
        "that puts the noise on z, before the decoder.": model.decode(z + math.sqrt(RECON_VAR) * eps, PARAMS),
        "n is left out.": right - PARAMS.n,
        "recon_var is a variance, not a log-variance.": mean + math.exp(RECON_VAR / 2) * eps,
        "z comes from the prior already: it is not encoded.": model.generate(
            PARAMS.a * z + PARAMS.b, PARAMS, recon_var=RECON_VAR, eps=eps
        ),
    }
    judge(answer_of(attempt, z, PARAMS, RECON_VAR, eps), right, f"x = {right:.4f}, a sample of p(x|z).", mistakes)


def interpolate(attempt):
    """Say whether attempt(x_from, x_to, t, params) is z and x_hat on the way. Exercise 2 of lesson 5."""
    x_from, x_to, t = -1.7, 2.4, 0.3
    z, x_hat = (float(value) for value in model.interpolate(x_from, x_to, t, PARAMS))
    back = float(model.interpolate(x_to, x_from, t, PARAMS)[0])
    of_z = {
        "z comes first, then x_hat.": x_hat,
        "at t = 1 you must be at the other end: z = (1 - t) mu(x_from) + t mu(x_to).": (
            PARAMS.a * x_from + PARAMS.b + t * (PARAMS.a * x_to + PARAMS.b)
        ),
        "t = 0 is x_from and t = 1 is x_to; you have it the other way round.": back,
        "that is a point between the data; encode both ends first.": (1 - t) * x_from + t * x_to,
        "b is left out: the latent mean is a x + b.": z - PARAMS.b,
    }
    of_x_hat = {
        "that is on the straight line between the data; decode z instead.": (1 - t) * x_from + t * x_to,
        "n is left out.": x_hat - PARAMS.n,
        "that decodes a point of the data; decode z.": model.decode((1 - t) * x_from + t * x_to, PARAMS),
    }
    parts = {"z": (z, of_z), "x_hat": (x_hat, of_x_hat)}
    praise = f"z = {z:.4f}, x_hat = {x_hat:.4f}."
    judge_parts(answer_of(attempt, x_from, x_to, t, PARAMS), parts, praise)


def generated_variance(attempt):
    """Say whether attempt(beta, recon_var, s2) is the variance of the optimum's samples. Exercise 3 of lesson 5."""
    s2, recon_var = 2.5, 0.4
    active, collapsed = 2.0, 9.0
    m_squared = s2 - active * recon_var
    of_active = {
        "that is the variance without observation noise; add recon_var.": m_squared,
        "that is the variance of the data. If you wrote beta recon_var for the noise: it has recon_var.": s2,
        "m² is s2 - beta recon_var; you took its root.": math.sqrt(m_squared) + recon_var,
        "m² is s2 - beta recon_var: a product, not beta alone.": max(s2 - active, 0.0) + recon_var,
        "that is the standard deviation; the variance is wanted.": math.sqrt(m_squared + recon_var),
        "below the threshold the code is in use: add m² = s2 - beta recon_var.": recon_var,
        "recon_var is a variance already; do not square it.": m_squared + recon_var**2,
    }
    of_collapsed = {
        "above the threshold, beta recon_var > s2, the optimum has m = 0: only the noise is left.": (
            s2 - collapsed * recon_var + recon_var
        ),
        "that is the variance of the code alone; after the collapse the noise is left.": 0.0,
        "the noise has variance recon_var, whatever beta is.": collapsed * recon_var,
        "the data's variance is lost with the code: only the noise is left.": s2,
    }
    parts, answers = {}, []
    for beta, right, mistakes in ((active, m_squared + recon_var, of_active), (collapsed, recon_var, of_collapsed)):
        answers.append(answer_of(attempt, beta, recon_var, s2))
        parts[f"variance at beta {beta:g}, recon_var {recon_var:g}, s2 {s2:g}"] = right, mistakes
    praise = "s2 - (beta - 1) recon_var while the code is in use, recon_var after the collapse."
    judge_parts(answers, parts, praise)
