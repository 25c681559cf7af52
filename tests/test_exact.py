"""The closed forms against optimisation, quadrature and finite differences.

The oracle's objective is the definition itself: log p(x, z) - beta log (q / prior) averaged over eps by a quadrature
rule that is exact for it.
"""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import norm

from reference import NODES, WEIGHTS
from vaelib.data import penguins, standardize, toy
from vaelib.exact import (
    collapse_beta,
    largest_stable_lr,
    log_evidence,
    optimum,
    rate_distortion,
    true_posterior,
)
from vaelib.gradients import expected_grad
from vaelib.model import LOGVAR_RANGE, LinearVAE, encode
from vaelib.objective import expected_terms, terms_given

pytestmark = pytest.mark.pinned

X, V = toy(), 0.3
RNG = np.random.default_rng(11)
DATA = {
    "toy": X,
    "penguins in mm": penguins(),
    "penguins": standardize(penguins()),
    "skewed": RNG.gamma(2.0, 2.0, size=40),
    "heavy tails": RNG.standard_t(3, size=25) - 1.0,
    "one point": np.array([2.5]),
}
every_data = pytest.mark.parametrize("x", DATA.values(), ids=DATA)
# beta, and v in units of the variance: the clamped, the active and the collapsed region.
QUESTIONS = [(1.0, 1e-3), (0.1, 5e-3), (0.3, 0.065), (1.0, 0.065), (4.0, 0.065), (1.0, 0.8), (2.0, 0.7), (30.0, 0.065)]
every_question = pytest.mark.parametrize(("beta", "share"), QUESTIONS)
PARAMS = LinearVAE(a=0.4, b=-0.1, c=0.2, d=-1.3, m=1.9, n=0.3)


def scale(x):
    return x.var() or 1.0


def loss(numbers, x, beta, v):
    """Minus the expected objective, from its definition, of one model (6,) or of several (6, K)."""
    a, b, c, d, m, n = np.asarray(numbers)[..., None]
    mu, logvar = a * x + b, np.clip(c * x + d, *LOGVAR_RANGE)
    total = 0
    for eps, weight in zip(NODES, WEIGHTS, strict=True):
        z = mu + np.exp(logvar / 2) * eps
        log_p = -0.5 * (x - m * z - n) ** 2 / v - 0.5 * np.log(2 * np.pi * v)
        log_q_to_prior = -0.5 * (eps**2 + logvar) + 0.5 * z**2
        total = total + weight * np.mean(log_p - beta * log_q_to_prior, axis=-1)
    return -total


def loss_slopes(numbers, *question, h=1e-5):
    up, down = numbers[:, None] + h * np.eye(6), numbers[:, None] - h * np.eye(6)
    return (loss(up, *question) - loss(down, *question)) / (2 * h)


def best_of_many_starts(x, beta, v):
    """Parameters and objective, searched for where the data have mean 0 and variance 1, then carried back."""
    shift, unit = x.mean(), np.sqrt(scale(x))
    question = ((x - shift) / unit, beta, v / unit**2)
    starts = np.random.default_rng(0).normal(scale=(1, 0.5, 0.3, 1.5, 1, 0.5), size=(6, 6))
    starts[:, 4] = np.abs(starts[:, 4])
    found = [minimize(loss, start, question, jac=loss_slopes, options={"gtol": 1e-9}) for start in starts]
    a, b, c, d, m, n = min((end for end in found if end.x[4] > -1e-6), key=lambda end: end.fun).x
    a, c, m = a / unit, c / unit, m * unit
    params = LinearVAE(a, b - a * shift, c, d - c * shift, m, n * unit + shift)
    return params, -loss(params, x, beta, v)


@every_data
@every_question
def test_no_search_finds_a_better_model_than_the_optimum_and_the_best_it_finds_is_the_same(x, beta, share):
    v = share * scale(x)
    best = optimum(x, beta=beta, recon_var=v)
    searched, objective = best_of_many_starts(x, beta, v)
    assert expected_terms(x, best, recon_var=v).objective(beta) == pytest.approx(objective, abs=1e-6)
    assert -loss(best, x, beta, v) == pytest.approx(objective, abs=1e-6)
    unit = np.sqrt(scale(x))
    assert encode(x, best)[1] == pytest.approx(encode(x, searched)[1], abs=1e-6)
    assert best.m / unit == pytest.approx(searched.m / unit, abs=1e-6)
    if x.size > 1:  # one point leaves the line through it open
        assert best.a * unit == pytest.approx(searched.a * unit, abs=1e-6)
        assert encode(x, best)[0] == pytest.approx(encode(x, searched)[0], abs=1e-6)
        assert best.n / unit == pytest.approx(searched.n / unit, abs=1e-6)


@every_data
@every_question
def test_all_slopes_vanish_at_the_optimum(x, beta, share):
    v = share * scale(x)
    slopes = np.array(expected_grad(x, optimum(x, beta=beta, recon_var=v), beta=beta, recon_var=v))
    units = np.sqrt(scale(x)) ** np.array([1, 0, 1, 0, -1, -1])  # of x: a and c carry 1 / x, m and n carry x
    assert slopes / units == pytest.approx(0, abs=1e-9 * np.abs(x / np.sqrt(scale(x))).max() / share)


@every_question
def test_the_optimum_follows_a_change_of_unit_and_origin(beta, share):
    k, shift, v = 3.7, -20.0, share * X.var()
    a, b, c, d, m, n = optimum(X, beta=beta, recon_var=v)
    moved = optimum(k * X + shift, beta=beta, recon_var=k**2 * v)
    assert moved == pytest.approx((a / k, b - a * shift / k, c, d, m * k, n * k + shift), abs=1e-12)


THEORY = """
 0.25  2.12431  0.46305 -0.03532 -4.11365  2.05682  0.07500 -0.44195 -0.95616
 0.5   2.10658  0.45918 -0.03502 -3.42050  1.71025  0.15000 -0.56695 -1.42208
 1     2.07068  0.45135 -0.03443 -2.72735  1.36368  0.30000 -0.81695 -2.18063
 2     1.99692  0.43528 -0.03320 -2.03420  1.01710  0.60000 -1.31695 -3.35116
 4     1.84057  0.40120 -0.03060 -1.34106  0.67053  1.20000 -2.31695 -4.99907
 8     1.47909  0.32240 -0.02459 -0.64791  0.32395  2.40000 -4.31695 -6.90859
10     1.26004  0.27466 -0.02095 -0.42477  0.21238  3.00000 -5.31695 -7.44078
12     0.99383  0.21663 -0.01652 -0.24244  0.12122  3.60000 -6.31695 -7.77162
14     0.62265  0.13572 -0.01035 -0.08829  0.04415  4.20000 -7.31695 -7.93501
15     0.29614  0.06455 -0.00492 -0.01930  0.00965  4.50000 -7.81695 -7.96171
16     0.00000  0.00000  0.00000  0.00000  0.00000  4.58770 -7.96312 -7.96312
"""


@pytest.mark.parametrize("row", THEORY.strip().splitlines(), ids=lambda row: f"beta {row.split()[0]}")
def test_the_optimum_of_the_toy_data_is_that_of_the_theory(row):
    beta, m, a, b, d, rate, distortion, recon, objective = map(float, row.split())
    best = optimum(X, beta=beta, recon_var=V)
    assert best == pytest.approx((a, b, 0, d, m, X.mean()), abs=6e-6)
    terms = expected_terms(X, best, recon_var=V)
    assert (terms.recon, terms.objective(beta)) == pytest.approx((recon, objective), abs=6e-6)
    assert rate_distortion(X, beta=beta, recon_var=V) == pytest.approx((rate, distortion), abs=6e-6)


def test_the_clamped_optimum_is_that_of_the_theory():
    best = optimum(X, beta=0.3, recon_var=0.02)
    objective = expected_terms(X, best, recon_var=0.02).objective(0.3)
    assert (best.d, best.m, objective) == pytest.approx((-6, 1.82384, -0.125936), abs=6e-6)


@every_data
def test_above_collapse_beta_the_optimum_ignores_x_and_below_it_does_not(x):
    v = np.array([0.1, 0.5]) * scale(x)
    limit = collapse_beta(x, recon_var=v)
    assert limit == pytest.approx(x.var() / v)
    above = optimum(x, beta=1.001 * limit + 1e-3, recon_var=v)
    assert not np.any(above[:5]) and (above.n == x.mean()).all()
    if x.size > 1:
        below = optimum(x, beta=0.999 * limit, recon_var=v)
        assert (below.m > 0).all() and (below.a > 0).all()


@pytest.mark.parametrize("v", [0.05, 0.3, 1.2])
@pytest.mark.parametrize("params", [PARAMS, PARAMS._replace(m=-0.4), PARAMS._replace(m=0.0)], ids=["1.9", "-0.4", "0"])
def test_evidence_and_posterior_are_the_integrals_over_z_of_the_model(params, v):
    def moment(x, power):
        centre, _ = true_posterior([x], params, recon_var=v)

        def joint(z):
            return z**power * norm.pdf(x, params.m * z + params.n, np.sqrt(v)) * norm.pdf(z)

        return quad(joint, -15, 15, points=list(centre), epsabs=1e-13, epsrel=1e-11)[0]

    x = [-0.6, 0.3, 1.4]
    evidence, first, second = np.array([[moment(point, power) for point in x] for power in range(3)])
    assert np.exp(log_evidence(x, params, recon_var=v)) == pytest.approx(evidence, rel=1e-8)
    mean, var = true_posterior(x, params, recon_var=v)
    assert mean == pytest.approx(first / evidence, abs=1e-8)
    assert var == pytest.approx(second / evidence - mean**2, abs=1e-8)


@pytest.mark.parametrize("v", [0.05, 0.3, 1.2])
def test_the_evidence_is_a_density(v):
    total, _ = quad(lambda x: np.exp(log_evidence([x], PARAMS, recon_var=v)[0]), -25, 25, points=[PARAMS.n])
    assert total == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize(("beta", "evidence", "gap"), [(1, -2.18063, 0), (4, -2.19347, 0.79401), (14, -4.06728, 3.294)])
def test_beta_opens_a_gap_between_the_elbo_and_the_log_evidence(beta, evidence, gap):
    best = optimum(X, beta=beta, recon_var=V)
    log_p = log_evidence(X, best, recon_var=V).mean()
    assert log_p == pytest.approx(evidence, abs=6e-6)
    assert log_p - expected_terms(X, best, recon_var=V).elbo == pytest.approx(gap, abs=5e-4)


@every_question
def test_the_encoder_of_the_optimum_is_the_posterior_of_a_model_with_noise_beta_v(beta, share):
    v = share * X.var()
    best = optimum(X, beta=beta, recon_var=v)
    mu, logvar = encode(X, best)
    mean, var = true_posterior(X, best, recon_var=beta * v)
    assert mu == pytest.approx(mean)
    assert np.exp(logvar) == pytest.approx(np.maximum(var, np.exp(LOGVAR_RANGE[0])))


@every_data
@every_question
def test_rate_and_distortion_are_those_of_the_optimum(x, beta, share):
    v = share * scale(x)
    rate, distortion = rate_distortion(x, beta=beta, recon_var=v)
    best = optimum(x, beta=beta, recon_var=v)
    terms = terms_given(x, *encode(x, best), best, recon_var=v)
    squared_error = -2 * v * (terms.recon + 0.5 * np.log(2 * np.pi * v))
    assert rate == pytest.approx(terms.kl.mean(), abs=1e-12)
    assert distortion == pytest.approx(squared_error.mean(), rel=1e-9, abs=1e-12)
    if beta * v >= x.var():
        assert (rate, distortion) == pytest.approx((0, x.var()))
    elif best.d > LOGVAR_RANGE[0]:
        assert rate == pytest.approx(0.5 * np.log(x.var() / distortion))
        assert distortion == pytest.approx(beta * v)
    else:
        assert rate > 0.5 * np.log(x.var() / distortion)


@pytest.mark.parametrize("x", [X, X + 1.5, DATA["penguins"], DATA["skewed"], penguins()])
@every_question
def test_the_largest_stable_lr_is_2_over_the_largest_eigenvalue_of_the_numerical_hessian(x, beta, share):
    v = share * x.var()
    best = optimum(x, beta=beta, recon_var=v)
    if best.d == LOGVAR_RANGE[0]:
        best = best._replace(d=best.d - 1)  # the same model, away from the edge
    h = 1e-6

    def slopes(name, step):
        moved = best._replace(**{name: getattr(best, name) + step})
        return np.array(expected_grad(x, moved, beta=beta, recon_var=v))

    hessian = np.array([(slopes(name, h) - slopes(name, -h)) / (2 * h) for name in LinearVAE._fields])
    assert hessian == pytest.approx(hessian.T, rel=1e-4, abs=1e-6 * np.abs(hessian).max())
    largest = np.linalg.eigvalsh(-(hessian + hessian.T) / 2)[-1]
    assert largest_stable_lr(x, beta=beta, recon_var=v) == pytest.approx(2 / largest, rel=3e-7)


@pytest.mark.parametrize(
    ("x", "beta", "v", "limit"),
    [
        (X, 1, 0.3, 0.02747),
        (X, 4, 0.3, 0.02814),
        (X, 20, 0.3, 0.0212),
        (X, 1, 0.1, 0.00909),
        (X, 1, 0.6, 0.0555),
        (X, 1, 3.0, 0.283),
        (standardize(X), 1, 0.3 / X.var(), 0.0665),
        (standardize(X), 4, 0.3 / X.var(), 0.0703),
    ],
)
def test_the_largest_stable_lr_is_that_of_the_theory(x, beta, v, limit):
    assert largest_stable_lr(x, beta=beta, recon_var=v) == pytest.approx(limit, rel=2e-3)


BROADCASTING = {
    "optimum": lambda beta, v: np.array(optimum(X, beta=beta, recon_var=v)),
    "rate_distortion": lambda beta, v: np.array(rate_distortion(X, beta=beta, recon_var=v)),
    "largest_stable_lr": lambda beta, v: largest_stable_lr(X, beta=beta, recon_var=v),
    "collapse_beta": lambda beta, v: collapse_beta(X, recon_var=v) + 0 * beta,
    "log_evidence": lambda beta, v: log_evidence(X, scaled(beta), recon_var=v),
    "true_posterior": lambda beta, v: np.array(true_posterior(X, scaled(beta), recon_var=v)),
}
INNER_SHAPE = {"log_evidence": X.shape, "true_posterior": X.shape}
OUTER_SHAPE = {"optimum": (6,), "rate_distortion": (2,), "true_posterior": (2,)}


def scaled(factor):
    return LinearVAE(*(factor * value for value in PARAMS))


@pytest.mark.parametrize("name", BROADCASTING)
@pytest.mark.parametrize("shapes", [((4,), ()), ((), (4,)), ((3, 1), (4,)), ((2, 3), (2, 3))], ids=str)
def test_arrays_of_beta_and_recon_var_answer_like_one_after_the_other(name, shapes):
    rng, ask = np.random.default_rng(0), BROADCASTING[name]
    beta, v = rng.uniform(0.01, 16, shapes[0]), rng.uniform(0.005, 0.5, shapes[1])
    outer, inner = OUTER_SHAPE.get(name, ()), INNER_SHAPE.get(name, ())
    shape = np.broadcast_shapes(*shapes)
    answer = ask(beta, v)
    assert answer.shape == (*outer, *shape, *inner)
    beta, v = np.broadcast_arrays(beta, v)
    for index in np.ndindex(shape):
        where = (slice(None),) * len(outer) + index
        assert answer[where] == pytest.approx(ask(beta[index], v[index]), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("function", [optimum, rate_distortion, largest_stable_lr])
@pytest.mark.parametrize("beta", [0, 0.0, [1.0, 0.0]])
def test_without_the_kl_term_there_is_no_optimum(function, beta):
    with pytest.raises(ValueError, match=r"^beta is 0; it must be above 0, because [^.]+\.$"):
        function(X, beta=beta, recon_var=V)


def test_the_optimum_asks_for_beta_1_if_nothing_is_said():
    assert optimum(X, recon_var=V) == optimum(X, beta=1.0, recon_var=V)
