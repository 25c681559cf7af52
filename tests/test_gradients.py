"""Three ways to one slope: finite differences, the chain rule, the expectation."""

import functools

import numpy as np
import pytest

from reference import NODES, WEIGHTS
from vaelib.data import toy
from vaelib.exact import optimum
from vaelib.gradients import expected_grad, finite_diff_grad, pathwise_grad
from vaelib.model import LOGVAR_RANGE, START, LinearVAE, encode
from vaelib.objective import elbo_terms, expected_terms

pytestmark = pytest.mark.pinned

X = toy()
RNG = np.random.default_rng(5)
EPS = RNG.standard_normal(X.size)
MODELS = {
    "start": START,
    "trained": LinearVAE(0.56, -0.03, -0.01, -1.94, 1.67, 0.09),
    "clamped": LinearVAE(-1.1, 0.4, 3.0, -1.0, -2.3, -0.7),
    "random": LinearVAE(*RNG.normal(size=6)),
    "random, wide": LinearVAE(*RNG.normal(scale=3, size=6)),
}
every_model = pytest.mark.parametrize("params", MODELS.values(), ids=MODELS)
every_question = pytest.mark.parametrize(
    "question", [{"beta": 1.0, "recon_var": 0.3}, {"beta": 4.0, "recon_var": 0.05}, {"beta": 0.0, "recon_var": 3.0}]
)

# Each takes (x, params, beta=..., recon_var=...)
ESTIMATORS = {
    "pathwise": functools.partial(pathwise_grad, eps=EPS),
    "expected": expected_grad,
}
every_estimator = pytest.mark.parametrize("grad", ESTIMATORS.values(), ids=ESTIMATORS)


def test_finite_differences_are_exact_for_a_quadratic_and_take_12_evaluations():
    rng = np.random.default_rng(0)
    matrix, slope, seen = rng.normal(size=(6, 6)), rng.normal(size=6), []

    def quadratic(params):
        seen.append(params)
        p = np.array(params)
        return p @ matrix @ p + slope @ p

    grad = finite_diff_grad(quadratic, START, h=0.1)
    assert grad == pytest.approx((matrix + matrix.T) @ np.array(START) + slope)
    assert isinstance(grad, LinearVAE) and len(seen) == 12
    assert all(isinstance(params, LinearVAE) for params in seen)
    assert sorted(np.round(np.subtract(seen, START).sum(axis=1), 9)) == [-0.1] * 6 + [0.1] * 6


def test_finite_differences_step_by_h_in_both_directions():
    """For the cube the error of the central difference is h^2 exactly."""
    assert finite_diff_grad(lambda p: p.m**3, START, h=0.5).m == pytest.approx(3 * START.m**2 + 0.25)
    assert finite_diff_grad(lambda p: p.m**3, START).m == pytest.approx(3 * START.m**2 + 1e-6, abs=1e-9)


def test_the_clamp_holds_one_of_the_models_at_both_ends():
    _, logvar = encode(X, MODELS["clamped"])
    assert (logvar.min(), logvar.max()) == LOGVAR_RANGE
    assert 0.2 < np.isin(logvar, LOGVAR_RANGE).mean() < 0.8


@every_model
@every_question
def test_the_pathwise_slopes_are_those_of_the_sampled_objective(params, question):
    beta, v = question.values()
    by_differences = finite_diff_grad(lambda p: elbo_terms(X, p, EPS, recon_var=v).objective(beta), params, h=1e-5)
    assert pathwise_grad(X, params, EPS, **question) == pytest.approx(by_differences, rel=1e-6, abs=1e-6)


@every_model
@every_question
def test_the_expected_slopes_are_those_of_the_expected_objective(params, question):
    beta, v = question.values()
    by_differences = finite_diff_grad(lambda p: expected_terms(X, p, recon_var=v).objective(beta), params, h=1e-5)
    assert expected_grad(X, params, **question) == pytest.approx(by_differences, rel=1e-6, abs=1e-6)


@every_model
def test_the_pathwise_estimates_average_to_the_expected_slopes(params):
    question = {"beta": 1.0, "recon_var": 0.3}
    at_nodes = [pathwise_grad(X, params, np.full(X.size, node), **question) for node in NODES]
    expected = expected_grad(X, params, **question)
    assert np.average(at_nodes, axis=0, weights=WEIGHTS) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("params", "in_theory"), [(START, 1.643), (optimum(X, recon_var=0.3), 13.36)], ids=["start", "optimum"]
)
def test_the_variance_per_point_of_the_pathwise_slope_in_mu_is_what_theory_says(params, in_theory):
    """Of d/dmu_i from one draw, averaged over the points: k^4 / (s v^2) with s = sigma^2 and k = m sigma."""
    v, (_, logvar) = 0.3, encode(X, params)
    s = np.exp(logvar)
    variance = np.mean((params.m**2 * s) ** 2 / (s * v**2))
    assert variance == pytest.approx(in_theory, rel=5e-3)
    rng = np.random.default_rng(7)
    draws = (rng.standard_normal(X.size) for _ in range(3000))
    slope_b = [pathwise_grad(X, params, eps, beta=1.0, recon_var=v).b for eps in draws]
    assert X.size * np.var(slope_b) == pytest.approx(variance, rel=0.12)


@every_estimator
@pytest.mark.parametrize("d", [LOGVAR_RANGE[0] - 0.1, LOGVAR_RANGE[1] + 0.1])
def test_outside_the_clamp_the_slopes_of_the_log_variance_are_exactly_zero(grad, d):
    slopes = grad(X, START._replace(c=0.0, d=d), beta=4.0, recon_var=0.3)
    assert slopes.c == slopes.d == 0.0
    assert 0.0 not in (slopes.a, slopes.b, slopes.m, slopes.n)


@every_estimator
def test_points_held_by_the_clamp_add_nothing_to_the_slopes_of_the_log_variance(grad):
    params = START._replace(c=4.0)
    line = params.c * X + params.d
    inside = (LOGVAR_RANGE[0] < line) & (line < LOGVAR_RANGE[1])
    assert 0 < inside.sum() < X.size
    eps = {"eps": EPS[inside]} if "eps" in getattr(grad, "keywords", {}) else {}
    whole = grad(X, params, beta=1.0, recon_var=0.3)
    part = grad(X[inside], params, beta=1.0, recon_var=0.3, **eps)
    assert np.array([whole.c, whole.d]) == pytest.approx(inside.mean() * np.array([part.c, part.d]))


@every_model
@pytest.mark.parametrize("name", ["pathwise", "expected"])
def test_a_beta_vae_has_beta_times_the_slopes_of_an_ordinary_vae_with_noise_beta_v(params, name):
    ordinary = ESTIMATORS[name](X, params, beta=1.0, recon_var=4.0 * 0.3)
    assert ESTIMATORS[name](X, params, beta=4.0, recon_var=0.3) == pytest.approx(4.0 * np.array(ordinary), rel=1e-11)


@every_estimator
@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_arrays_of_models_have_the_slopes_of_one_model_after_the_other(grad, shape):
    rng = np.random.default_rng(8)
    params = LinearVAE(*rng.normal(size=(6, *shape)))
    beta, recon_var = rng.uniform(0, 4, shape), rng.uniform(0.1, 2, shape)
    slopes = grad(X, params, beta=beta, recon_var=recon_var)
    assert np.shape(slopes) == (6, *shape)
    for index in np.ndindex(shape):
        single = LinearVAE(*(value[index] for value in params))
        alone = grad(X, single, beta=beta[index], recon_var=recon_var[index])
        assert [slope[index] for slope in slopes] == pytest.approx(alone, rel=1e-12, abs=1e-12)


@every_estimator
def test_arrays_of_beta_and_recon_var_alone_broadcast(grad):
    beta, recon_var = np.array([[1.0], [4.0]]), np.array([0.1, 0.3, 2.0])
    slopes = [np.broadcast_to(slope, (2, 3)) for slope in grad(X, START, beta=beta, recon_var=recon_var)]
    for i, j in np.ndindex(2, 3):
        alone = grad(X, START, beta=beta[i, 0], recon_var=recon_var[j])
        assert [slope[i, j] for slope in slopes] == pytest.approx(alone, rel=1e-12, abs=1e-12)


def test_at_the_optimum_the_slope_of_the_objective_is_0_and_that_of_recon_is_not():
    best = optimum(X, recon_var=0.3)
    assert expected_grad(X, best, beta=1.0, recon_var=0.3).a == pytest.approx(0, abs=1e-12)
    assert expected_grad(X, best, beta=0.0, recon_var=0.3).a == pytest.approx(2.07, abs=0.005)
