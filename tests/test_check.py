"""Each exercise: its folded solution is right, typical mistakes get the hint made for them, and nothing raises."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from vaelib import check
from vaelib.model import decode, encode, reparameterize

LESSON = nbformat.read(Path(__file__).parents[1] / "notebooks" / "03_training.ipynb", as_version=4)


def said(capsys, exercise, answer):
    exercise(answer)
    (line,) = capsys.readouterr().out.splitlines()
    return line


def test_the_folded_solutions_are_right(capsys):
    """Every code cell runs in order; after each exercise its starter is run again with the solution in its place."""
    namespace, exercise, verdicts = {}, None, []
    for cell in LESSON.cells:
        if cell.cell_type == "code":
            exec(cell.source, namespace)
            exercise = cell if "exercise" in cell.metadata.get("tags", []) else None
        elif exercise is not None and "<details>" in cell.source:
            (solution,) = re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL)
            call = exercise.source.splitlines()[-1]
            capsys.readouterr()
            exec(f"{solution}\n{call}", namespace)
            verdicts.append(capsys.readouterr().out)
    assert len(verdicts) == 3 and all(verdict.startswith("Right: ") for verdict in verdicts)


def above(params, h):
    return params._replace(m=params.m + h)


def central(objective, params, eps, h):
    return (objective(above(params, h), eps) - objective(above(params, -h), eps)) / (2 * h)


def fresh_draws(objective, params, eps, h):
    rng = np.random.default_rng(0)
    up = objective(above(params, h), rng.standard_normal(eps.size))
    return (up - objective(above(params, -h), rng.standard_normal(eps.size))) / (2 * h)


def one_sided(objective, params, eps, h):
    return (objective(above(params, h), eps) - objective(params, eps)) / h


def in_a(objective, params, eps, h):
    return (objective(params._replace(a=params.a + h), eps) - objective(params._replace(a=params.a - h), eps)) / (2 * h)


@pytest.mark.parametrize(
    ("attempt", "verdict"),
    [
        (lambda *args: ..., "Not tried yet"),
        (central, "Right: the slope in m is"),
        (lambda *args: 2 * central(*args), "2 h apart, and you divided by h"),
        (lambda f, p, eps, h: 2 * h * central(f, p, eps, h), "divide by their distance, 2 h"),
        (lambda *args: -central(*args), "the sign is wrong"),
        (fresh_draws, "draws other than eps"),
        (lambda f, p, eps, h: f(above(p, h), eps) - f(above(p, -h), eps) / (2 * h), "put the difference in brackets"),
        (lambda f, p, eps, h: (f(above(p, h), eps) - f(above(p, -h), eps)) / 2 * h, "put 2 * h in brackets"),
        (one_sided, "one-sided difference"),
        (in_a, "that is the slope in a; move m"),
        (lambda *args: 1e6, "is too large"),
        (lambda *args: None, "your function returns nothing"),
        (lambda *args: "five", "one number is wanted"),
        (lambda *args: np.ones(3), "one number is wanted"),
        (lambda *args: 1 / 0, "your function stops with ZeroDivisionError"),
        (lambda: 0.0, "your function stops with TypeError"),
    ],
)
def test_the_slope_in_m(capsys, attempt, verdict):
    assert verdict in said(capsys, check.slope_in_m, attempt)


def pathwise(x, params, eps, recon_var):
    mu, logvar = encode(x, params)
    z = reparameterize(mu, logvar, eps)
    return np.mean((x - decode(z, params)) * z) / recon_var


def without_noise(x, params, eps, recon_var):
    mu, _ = encode(x, params)
    return np.mean((x - decode(mu, params)) * mu) / recon_var


def without_z(x, params, eps, recon_var):
    return np.mean(x - decode(reparameterize(*encode(x, params), eps), params)) / recon_var


def with_factor(factor):
    """The slope with `factor(residual, z, params, x)` in the place of residual * z, averaged."""

    def attempt(x, params, eps, recon_var):
        z = reparameterize(*encode(x, params), eps)
        return factor(x - decode(z, params), z, params, x) / recon_var

    return attempt


def with_spread(spread):
    def attempt(x, params, eps, recon_var):
        mu, logvar = encode(x, params)
        z = mu + spread(logvar) * eps
        return np.mean((x - decode(z, params)) * z) / recon_var

    return attempt


@pytest.mark.parametrize(
    ("attempt", "verdict"),
    [
        (with_factor(lambda residual, z, params, x: np.mean(residual * params.m)), "is z, not m"),
        (with_factor(lambda residual, z, params, x: np.mean(residual * x)), "is z, not x"),
        (with_factor(lambda residual, z, params, x: residual.mean() * z.mean()), "point by point"),
        (lambda *args: float("nan"), "nan is not a finite number"),
        (lambda *args: np.array(pathwise(*args)), "Right: "),
        (with_spread(lambda logvar: logvar), "you used the log-variance"),
        (with_spread(np.exp), "you used the variance"),
        (lambda *args: ..., "Not tried yet"),
        (pathwise, "Right: "),
        (lambda x, *args: x.size * pathwise(x, *args), "that is the sum"),
        (lambda x, p, eps, v: v * pathwise(x, p, eps, v), "divide by recon_var"),
        (lambda x, p, eps, v: pathwise(x, p, eps, v) / v, "do not square it"),
        (lambda *args: pathwise(*args) / 2, "they cancel"),
        (lambda *args: pathwise(*args) * 2, "cancels the factor 2"),
        (lambda *args: -pathwise(*args), "the sign is wrong"),
        (without_noise, "the noise is left out"),
        (without_z, "multiply each residual by its z"),
        (lambda *args: 0.0, "Not yet: 0 is too"),
    ],
)
def test_the_pathwise_slope_in_m(capsys, attempt, verdict):
    assert verdict in said(capsys, check.pathwise_slope_in_m, attempt)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (..., "Not tried yet"),
        (334, "Right: 334 steps"),
        (np.int64(334), "Right: 334 steps"),
        (333, "the index plus 1"),
        (214, "the run's own draws report it"),
        (738, "fixed draws"),
        (1, "best - objective"),
        (571, "below 0.001"),
        (100, "too small"),
        (2000, "too large"),
        ("many", "one number is wanted"),
        (None, "one number is wanted"),
    ],
)
def test_the_steps_to_a_regret_of_a_hundredth(capsys, answer, verdict):
    assert verdict in said(capsys, check.steps_to_regret, answer)
