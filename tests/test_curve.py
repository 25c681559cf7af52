"""The curved and the strong decoder: slow loops, scipy, Monte Carlo and the straight line against the dense grid."""

import functools
import itertools

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import norm

from vaelib import curve, curved_model, data, exact, objective, two_heaps
from vaelib.curve import Curve, divergence_from_truth, expected_terms, gap, importance_bound, log_evidence
from vaelib.model import LinearVAE

pytestmark = pytest.mark.pinned

X = data.toy()
FEW = X[[0, 7, 31, 59, 60, 88, 119]]
S2 = X.var()
WITHIN = np.mean([X[:60].var(), X[60:].var()])
KINDS = [(encoder, decoder) for encoder in ("straight", "curved") for decoder in ("straight", "curved", "two heaps")]
each_kind = pytest.mark.parametrize("encoder, decoder", KINDS)


def random_params(encoder="curved", decoder="curved", seed=0):
    """Weights that bend much, and two heaps of which both matter."""
    rng = np.random.default_rng(seed)
    params = curve.start(encoder=encoder, decoder=decoder, hidden=4, rng=rng)
    n = params.n + 0.5 * rng.normal(size=params.n.size)
    return params._replace(
        **{name: rng.normal() for name in "abcdm"}, n=n,
        encoder_out=0.5 * params.encoder_out / curved_model.OUT_SCALE,
        decoder_out=params.decoder_out / curved_model.OUT_SCALE,
    )  # fmt: skip


@functools.cache
def trained(encoder, decoder, *, v, beta=1.0, seed=0, hidden=8, steps=800):
    settings = {"encoder": encoder, "decoder": decoder, "hidden": hidden, "beta": beta, "recon_var": v}
    return curve.train(X, **settings, lr=0.06, steps=steps, rng=np.random.default_rng(seed))


def log_p_given(x, z, params, v):
    """log p(x given z), each sum written out."""
    line = params.m * z
    for slope, offset, out in zip(*params.decoder_in, params.decoder_out, strict=True):
        line = line + out * np.tanh(slope * z + offset)
    return np.log(np.mean([norm.pdf(x, n + line, np.sqrt(v)) for n in params.n], axis=0))


def q_of(x, params):
    mu, logvar = params.a * x + params.b, params.c * x + params.d
    for slope, offset, to_mu, to_logvar in zip(*params.encoder_in, *params.encoder_out, strict=True):
        mu, logvar = (now + out * np.tanh(slope * x + offset) for now, out in ((mu, to_mu), (logvar, to_logvar)))
    return mu, logvar


def kl_of(mu, logvar):
    return (mu**2 + np.exp(logvar) - 1 - logvar) / 2


def flat(params):
    return np.concatenate([np.ravel(field) for field in params])


def unflat(numbers, like):
    fields = np.split(numbers, np.cumsum([np.size(field) for field in like])[:-1])
    return Curve(*(field.reshape(np.shape(of)) for field, of in zip(fields, like, strict=True)))


# The model and its slopes.


@each_kind
def test_a_start_has_units_where_it_is_curved_and_is_drawn_by_its_generator(encoder, decoder):
    settings = {"encoder": encoder, "decoder": decoder, "hidden": 5}
    one, again, other = (curve.start(**settings, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.encoder_in.shape == one.encoder_out.shape == (2, 5 * (encoder == "curved"))
    assert one.decoder_in.shape == (2, one.decoder_out.size) == (2, 5 * (decoder == "curved"))
    assert one.n.size == 1 + (decoder == "two heaps")
    np.testing.assert_array_equal(flat(one), flat(again))
    assert not np.isclose(flat(one)[:5], flat(other)[:5]).any()


@each_kind
def test_encoder_and_decoder_are_sums_of_lines_and_units(encoder, decoder):
    params = random_params(encoder, decoder, 3)
    np.testing.assert_allclose(curved_model.encode(X, params), q_of(X, params), rtol=1e-12, atol=1e-12)
    z = np.random.default_rng(0).normal(size=(3, X.size))
    got = curved_model.log_likelihood(X, z, params, recon_var=2.0)
    np.testing.assert_allclose(got, log_p_given(X, z, params, 2.0), rtol=1e-9)


@each_kind
def test_the_slopes_of_all_weights_are_finite_differences(encoder, decoder):
    params, beta, v = random_params(encoder, decoder, 4), 1.7, 0.8
    if decoder == "two heaps":  # that bend as well
        params = params._replace(decoder_in=np.array([[1.2, -0.7], [0.3, 0.5]]), decoder_out=np.array([0.9, -1.4]))
    eps = np.random.default_rng(1).normal(size=(3, FEW.size))

    def seen(numbers):
        at = unflat(numbers, params)
        mu, logvar = q_of(FEW, at)
        recon = log_p_given(FEW, mu + np.exp(logvar / 2) * eps, at, v).mean()
        return recon - beta * kl_of(mu, logvar).mean()

    slopes = flat(curved_model.slopes(FEW, params, eps, beta=beta, recon_var=v))
    where = flat(params)
    sides = where + 1e-5 * np.eye(where.size), where - 1e-5 * np.eye(where.size)
    due = [(seen(up) - seen(down)) / 2e-5 for up, down in zip(*sides, strict=True)]
    np.testing.assert_allclose(slopes, due, rtol=1e-6, atol=1e-7)


# What the parameters are worth.

SHARP = {
    "curved": ("curved", "curved", 0.05),
    "steep": ("straight", "curved", 0.02),
    "heaps": ("curved", "two heaps", 0.05),
}


def cases():
    """Parameters and recon_var: random weights of each kind, and trained ones."""
    for encoder, decoder in KINDS:
        for seed in range(3):
            yield random_params(encoder, decoder, seed), (0.05, 0.3, 2.0)[seed]
    for encoder, decoder, v in SHARP.values():
        yield trained(encoder, decoder, v=v).params, v


def test_the_terms_are_those_of_a_finer_grid():
    eps = np.linspace(-7.5, 7.5, 2_001)
    weights = norm.pdf(eps) * (eps[1] - eps[0])
    for params, v in cases():
        mu, logvar = q_of(FEW, params)
        z = mu[:, None] + np.exp(logvar / 2)[:, None] * eps
        recon = curved_model.log_likelihood(FEW[:, None], z, params, recon_var=v) @ weights
        terms = expected_terms(FEW, params, recon_var=v)
        np.testing.assert_allclose(terms, [recon.mean(), kl_of(mu, logvar).mean()], rtol=1e-7, atol=1e-7)


@each_kind
def test_the_terms_are_what_draws_give_on_average(encoder, decoder):
    params = random_params(encoder, decoder, 6)
    mu, logvar = q_of(FEW, params)
    eps = np.random.default_rng(2).standard_normal((50_000, FEW.size))
    draws = log_p_given(FEW, mu + np.exp(logvar / 2) * eps, params, 1.0).mean(axis=1)
    terms = expected_terms(FEW, params, recon_var=1.0)
    assert abs(terms.recon - draws.mean()) < 4 * draws.std() / np.sqrt(draws.size)


def test_log_p_is_that_of_a_finer_grid():
    z = np.linspace(-15, 15, 30_001)
    for params, v in cases():
        log_joint = curved_model.log_likelihood(FEW[:, None], z, params, recon_var=v) + norm.logpdf(z)
        due = np.logaddexp.reduce(log_joint, axis=1) + np.log(z[1] - z[0])
        np.testing.assert_allclose(log_evidence(FEW, params, recon_var=v), due, atol=1e-6)


@pytest.mark.parametrize("name", SHARP)
def test_log_p_is_that_of_scipy(name):
    encoder, decoder, v = SHARP[name]
    params = trained(encoder, decoder, v=v).params
    slopes, offsets, outs = *params.decoder_in, params.decoder_out
    pieces = np.linspace(-8, 8, 33)
    for x in FEW[1::3]:

        def joint(z, x=x):
            missed = x - params.n - params.m * z - outs @ np.tanh(slopes * z + offsets)
            return np.mean(np.exp(-(missed**2) / (2 * v))) * np.exp(-z * z / 2)

        found = sum(quad(joint, *ends, epsabs=1e-12)[0] for ends in itertools.pairwise(pieces))
        due = np.log(found / (2 * np.pi * np.sqrt(v)))
        assert log_evidence([x], params, recon_var=v)[0] == pytest.approx(due, abs=1e-6)


def test_log_p_far_from_the_data_and_where_z_hardly_matters_is_the_line_s():
    for line, v in ((LinearVAE(0, 0, 0, 0, 0.1, 0.0), 0.01), (LinearVAE(0, 0, 0, 0, 2.0, 0.5), 0.3)):
        x = np.array([-9.0, -3.0, 0.0, 4.0, 12.0])
        due = exact.log_evidence(x, line, recon_var=v)
        np.testing.assert_allclose(log_evidence(x, bent_not_at_all(line), recon_var=v), due, rtol=1e-9)


def test_density_and_posterior_are_densities_that_obey_bayes_rule():
    x_grid, z_grid = np.linspace(-14, 14, 561), np.linspace(-9, 9, 3601)
    for params, v in list(cases())[::3]:
        p = curve.density(x_grid, params, recon_var=v)
        assert np.trapezoid(p, x_grid) == pytest.approx(1, abs=1e-6)
        posterior = curve.true_posterior(z_grid, FEW, params, recon_var=v)
        assert posterior.shape == (FEW.size, z_grid.size)
        np.testing.assert_allclose(np.trapezoid(posterior, z_grid), 1, atol=1e-6)
        at = 1500
        joint = np.exp(log_p_given(FEW, z_grid[at], params, v)) * norm.pdf(z_grid[at])
        due = joint / curve.density(FEW, params, recon_var=v)
        np.testing.assert_allclose(posterior[:, at], due, rtol=1e-6, atol=1e-300)


# The line of lessons 1 to 6.


def bent_not_at_all(line):
    none = np.zeros((2, 0))
    return Curve(*line[:5], np.array([line.n]), none, none, none, none[0])


def test_straight_and_straight_is_the_line_in_every_respect():
    line, v = LinearVAE(0.4, 0.1, 0.05, -0.8, 1.3, 0.2), 0.3
    params = bent_not_at_all(line)
    terms = objective.expected_terms(X, line, recon_var=v)
    np.testing.assert_allclose(expected_terms(X, params, recon_var=v), terms, rtol=1e-9)
    log_p = exact.log_evidence(X, line, recon_var=v)
    np.testing.assert_allclose(log_evidence(X, params, recon_var=v), log_p, rtol=1e-9)
    z = np.linspace(-4, 4, 81)
    mean, var = exact.true_posterior(X, line, recon_var=v)
    due = norm.pdf(z, mean[:, None], np.sqrt(var)[:, None])
    np.testing.assert_allclose(curve.true_posterior(z, X, params, recon_var=v), due, rtol=1e-7, atol=1e-300)
    approximation, amortisation = gap(X, params, recon_var=v)
    np.testing.assert_allclose(approximation, 0, atol=1e-8)
    due = log_p - objective.terms_given(X, *curved_model.encode(X, params), line, recon_var=v).elbo
    np.testing.assert_allclose(amortisation, due, atol=1e-8)


@pytest.mark.parametrize("beta, v", [(1.0, 0.3), (12.0, 0.3), (20.0, 0.3)])
def test_training_the_line_arrives_at_its_optimum(beta, v):
    best = objective.expected_terms(X, exact.optimum(X, beta=beta, recon_var=v), recon_var=v)
    reached = trained("straight", "straight", v=v, beta=beta).history
    assert best.objective(beta) - 1e-3 < reached.objective[-1] < best.objective(beta) + 1e-9
    assert reached.kl[-1] == pytest.approx(best.kl, abs=0.02)


# The gap.


@each_kind
@pytest.mark.parametrize("seed", [0, 1])
def test_the_two_parts_of_the_gap_are_never_negative_and_are_log_p_less_the_elbo(encoder, decoder, seed):
    params, v = random_params(encoder, decoder, seed + 10), (0.1, 1.0)[seed]
    parts = gap(FEW, params, recon_var=v)
    assert np.min(parts) >= 0
    elbo = [expected_terms(FEW[[index]], params, recon_var=v).elbo for index in range(FEW.size)]
    np.testing.assert_allclose(np.sum(parts, axis=0), log_evidence(FEW, params, recon_var=v) - elbo, atol=1e-6)


def best_elbo(x, params, v):
    """The best of climbs by scipy from every cell of a coarse grid of means and widths that is near the best cell."""
    eps = np.linspace(-7, 7, 281)
    weights = norm.pdf(eps) * (eps[1] - eps[0])

    def loss(q):
        recon = weights @ curved_model.log_likelihood(x, q[0] + np.exp(q[1] / 2) * eps, params, recon_var=v)
        return kl_of(*q) - recon

    cells = [(mu, logvar) for mu in np.linspace(-3.5, 3.5, 36) for logvar in (-6.0, -4.5, -3.0, -1.5, 0.0)]
    starts = sorted(cells, key=loss)[:6]
    return -min(minimize(loss, start, method="BFGS", options={"gtol": 1e-6}).fun for start in starts)


@pytest.mark.parametrize("name", SHARP)
def test_no_normal_q_that_scipy_finds_is_better_than_the_best(name):
    encoder, decoder, v = SHARP[name]
    params = trained(encoder, decoder, v=v).params
    approximation, _ = gap(X, params, recon_var=v)
    worst = np.argsort(approximation)[[-1, -2, 60]]
    due = log_evidence(X[worst], params, recon_var=v) - [best_elbo(x, params, v) for x in X[worst]]
    np.testing.assert_allclose(approximation[worst], due, atol=2e-5)
    assert (approximation[worst] < due + 1e-6).all()


@pytest.mark.parametrize("seed, v", [(2, 0.1), (20, 0.1)])
def test_of_several_places_where_a_normal_q_fits_the_best_is_found(seed, v):
    """Here some starts lead to narrow ones and some to wide ones, up to 5 nats apart."""
    params = random_params("straight", "curved", seed)
    params = params._replace(decoder_in=2 * params.decoder_in)
    approximation, _ = gap(FEW, params, recon_var=v)
    due = log_evidence(FEW, params, recon_var=v) - [best_elbo(x, params, v) for x in FEW]
    assert (approximation < due + 1e-5).all()


# The importance-weighted bound.


def test_an_importance_weight_is_p_of_x_and_z_divided_by_q():
    params, v = random_params(seed=2), 0.5
    draws = np.random.default_rng(0).standard_normal((3, FEW.size))
    mu, logvar = q_of(FEW, params)
    sigma = np.exp(logvar / 2)
    z = mu + sigma * draws
    weights = np.exp(log_p_given(FEW, z, params, v)) * norm.pdf(z) / norm.pdf(z, mu, sigma)
    np.testing.assert_allclose(importance_bound(FEW, params, draws, recon_var=v), np.log(weights.mean(axis=0)))


def test_the_bound_is_the_elbo_for_one_draw_and_rises_towards_log_p():
    params, v = trained("curved", "curved", v=0.1).params, 0.1
    rng = np.random.default_rng(3)
    means, errors = [], []
    for K, repeats in ((1, 300), (4, 100), (32, 30), (256, 8)):
        bounds = [importance_bound(X, params, rng.standard_normal((K, X.size)), recon_var=v) for _ in range(repeats)]
        of_run = np.mean(bounds, axis=1)
        means.append(of_run.mean()), errors.append(of_run.std() / np.sqrt(repeats))
    elbo, log_p = expected_terms(X, params, recon_var=v).elbo, log_evidence(X, params, recon_var=v).mean()
    assert means[0] == pytest.approx(elbo, abs=4 * errors[0])
    assert (np.diff(means) > 3 * np.hypot(errors[1:], errors[:-1])).all()
    assert means[-1] < log_p + 3 * errors[-1] and means[-1] > log_p - 0.02


def test_where_q_is_the_true_posterior_one_draw_is_enough():
    params, v = bent_not_at_all(exact.optimum(X, beta=1.0, recon_var=0.3)), 0.3
    draws = np.random.default_rng(0).standard_normal((1, X.size))
    np.testing.assert_allclose(importance_bound(X, params, draws, recon_var=v), log_evidence(X, params, recon_var=v))


# The distance to the truth.


def test_the_distance_to_the_truth_is_what_fresh_points_say_of_it():
    for params, v in (trained("curved", "curved", v=0.1).params, 0.1), (random_params(seed=1), 0.5):
        x = data.new_toy(np.random.default_rng(0), 4_000)
        truth = np.log(np.mean([norm.pdf(x, mean, sd) for mean, sd in data.HEAPS], axis=0))
        missed = truth - log_evidence(x, params, recon_var=v)
        assert abs(divergence_from_truth(params, recon_var=v) - missed.mean()) < 4 * missed.std() / np.sqrt(x.size)


def test_the_truth_itself_is_at_no_distance():
    tiny = np.zeros((2, 0))
    half = Curve(0.0, 0.0, 0.0, 0.0, 0.0, np.array([-2.0, 2.2]), tiny, tiny, tiny, tiny[0])
    means = {v: divergence_from_truth(half, recon_var=v) for v in (0.45**2, 0.25, 0.55**2, 1.0)}
    assert 0 < means[0.25] < 0.03 and all(0 < distance for distance in means.values())


def test_bending_brings_the_model_from_three_quarters_of_a_nat_to_less_than_a_tenth():
    def distance(encoder, decoder, v):
        return divergence_from_truth(trained(encoder, decoder, v=v).params, recon_var=v)

    assert distance("straight", "straight", 0.3) == pytest.approx(0.775, abs=2e-3)
    assert distance("straight", "curved", 0.2) == pytest.approx(0.168, abs=0.01)
    assert distance("curved", "curved", 0.05) < 0.09


# The strong decoder.


def log_p0(x, n, v):
    return np.log(np.mean([norm.pdf(x, mean, np.sqrt(v)) for mean in n], axis=0))


@pytest.mark.parametrize("v", [0.02, 0.1, 0.3, 1.0, 3.0])
def test_without_z_no_places_of_the_heaps_are_better_and_the_threshold_is_two_derivatives(v):
    n = two_heaps.alone(X, recon_var=v)
    found = minimize(lambda n: -log_p0(X, n, v).mean(), [-2.0, 2.0], options={"gtol": 1e-8})
    assert log_p0(X, n, v).mean() == pytest.approx(-found.fun, abs=1e-7)
    middle, up, down = (log_p0(X + step, n, v) for step in (0.0, 1e-4, -1e-4))
    g, h = (up - down) / 2e-4, (up - 2 * middle + down) / 1e-8
    assert two_heaps.collapse_beta(X, recon_var=v) == pytest.approx(np.mean(g**2) / -np.mean(h), rel=1e-4)


def test_the_threshold_is_the_variance_within_heaps_far_apart_and_the_line_s_where_they_fall_together():
    assert pytest.approx(0.254482, abs=1e-6) == WITHIN
    for v, due in ((0.3, 0.84827), (0.1, 2.54482)):
        assert two_heaps.collapse_beta(X, recon_var=v) == pytest.approx(WITHIN / v, rel=1e-4)
        assert two_heaps.collapse_beta(X, recon_var=v) == pytest.approx(due, abs=1e-5)
    assert two_heaps.collapse_beta(X, recon_var=6.0) == pytest.approx(exact.collapse_beta(X, recon_var=6.0), rel=1e-6)


def best_with_free_q(beta, v, starts):
    """The best objective of two heaps with a normal q of its own for each data point, its KL, and that without z."""
    eps = np.linspace(-6, 6, 41)[:, None]
    weights = norm.pdf(eps) * (eps[1] - eps[0])

    def loss(numbers):
        n, m, mu, sigma = np.split(numbers, [2, 3, 3 + X.size])
        z = mu + sigma * eps
        missed = X - m * z - n[:, None, None]
        of_heaps = -(missed**2) / (2 * v)
        total = np.logaddexp(*of_heaps)
        pull = weights * np.exp(of_heaps - total) * missed / (v * X.size)
        recon = np.sum(weights * total) / X.size - np.log(2) - 0.5 * np.log(2 * np.pi * v)
        of_z, kl = m * pull.sum(axis=0), np.mean((mu**2 + sigma**2 - 1) / 2 - np.log(np.abs(sigma)))
        of_mu, of_sigma = of_z.sum(axis=0) - beta * mu / X.size, np.sum(of_z * eps, axis=0)
        of_sigma -= beta * (sigma - 1 / sigma) / X.size
        slopes = np.concatenate([pull.sum(axis=(1, 2)), [np.sum(pull * z)], of_mu, of_sigma])
        return beta * kl - recon, -slopes

    reached = []
    for seed in range(starts):
        rng = np.random.default_rng(seed)
        decoder = rng.normal(size=3) * (1, 1, 0.7) + (-2, 2, 0)
        start = np.concatenate([decoder, 0.5 * rng.normal(size=X.size), np.full(X.size, 0.8)])
        options = {"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-9}
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
        mu, sigma = np.split(found.x[3:], 2)
        reached.append((-found.fun, kl_of(mu, 2 * np.log(np.abs(sigma))).mean()))
    return max(reached)


@pytest.mark.parametrize("v", [0.3, pytest.param(0.1, marks=pytest.mark.full)])
def test_from_the_threshold_on_no_start_finds_a_use_for_z(v):
    threshold, without = two_heaps.collapse_beta(X, recon_var=v), log_p0(X, two_heaps.alone(X, recon_var=v), v).mean()
    below, kl_below = best_with_free_q(0.97 * threshold, v, 3)
    above, kl_above = best_with_free_q(1.03 * threshold, v, 3)
    assert below > without + 1e-4 and kl_below > 0.01
    assert above == pytest.approx(without, abs=1e-6) and kl_above < 1e-3


@pytest.mark.parametrize("v", [0.3, pytest.param(0.1, marks=pytest.mark.full)])
def test_training_uses_z_below_the_threshold_and_ignores_it_above(v):
    threshold = two_heaps.collapse_beta(X, recon_var=v)
    below, above = (trained("curved", "two heaps", v=v, beta=factor * threshold) for factor in (0.9, 1.1))
    assert below.history.kl[-1] == pytest.approx(-0.5 * np.log(0.9), abs=0.02)
    assert above.history.kl[-1] < 2e-3


def test_the_strong_decoder_is_better_than_the_line_for_ignoring_z():
    strong, line = trained("curved", "two heaps", v=0.3), trained("straight", "straight", v=0.3)
    log_p, of_line = (log_evidence(X, run.params, recon_var=0.3).mean() for run in (strong, line))
    assert strong.history.kl[-1] < 1e-3 and line.history.kl[-1] > 1.3
    assert log_p == pytest.approx(-1.43424, abs=1e-3) and of_line == pytest.approx(-2.18063, abs=1e-3)
    assert divergence_from_truth(strong.params, recon_var=0.3) == pytest.approx(0.0185, abs=1e-3)


def test_within_heaps_z_carries_half_the_logarithm_and_log_p_no_longer_depends_on_recon_var():
    for v in (0.1, 0.05):
        run = trained("curved", "two heaps", v=v)
        assert run.history.kl[-1] == pytest.approx(0.5 * np.log(WITHIN / v), abs=0.01)
        assert log_evidence(X, run.params, recon_var=v).mean() == pytest.approx(-1.42782, abs=1e-3)


def test_a_straight_encoder_cannot_say_where_in_its_heap_a_point_lies():
    collapsed = trained("straight", "two heaps", v=0.1)
    assert collapsed.history.objective[-1] == pytest.approx(-1.7332, abs=1e-3) and collapsed.history.kl[-1] < 1e-3
    assert trained("curved", "two heaps", v=0.1).history.objective[-1] > -1.431


# The run.


@each_kind
def test_a_run_reports_what_its_parameters_are_worth(encoder, decoder):
    settings = {"encoder": encoder, "decoder": decoder, "hidden": 3, "beta": 2.0, "recon_var": 0.3, "lr": 0.06}
    runs = list(curve.steps(X, **settings, steps=47, rng=np.random.default_rng(7)))
    assert runs[-1].updates.tolist() == [10, 20, 30, 40, 47]
    for report, run in enumerate(runs):
        terms = expected_terms(X, run.params, recon_var=0.3)
        reported = [trace[report] for trace in runs[-1].history]
        np.testing.assert_allclose(reported, [*terms, terms.objective(2.0)], rtol=1e-12)


def test_the_generator_arrives_where_train_does_and_passes_what_train_reports():
    settings = {"encoder": "curved", "decoder": "curved", "hidden": 3, "recon_var": 0.3, "lr": 0.06, "steps": 35}
    whole = curve.train(X, **settings, rng=np.random.default_rng(7))
    states = list(curve.steps(X, **settings, rng=np.random.default_rng(7)))
    assert [state.updates[-1] for state in states] == [10, 20, 30, 35]
    for index, state in enumerate(states, start=1):
        np.testing.assert_array_equal(state.history, np.array(whole.history)[:, :index])
    np.testing.assert_array_equal(flat(states[-1].params), flat(whole.params))


def test_a_run_is_the_same_whatever_numpy_is_told_to_raise():
    settings = {"encoder": "curved", "decoder": "two heaps", "hidden": 3, "recon_var": 0.01, "lr": 0.5, "steps": 25}
    wanted = curve.train(X, **settings, rng=np.random.default_rng(7))
    with np.errstate(all="raise"):
        *_, last = curve.steps(X, **settings, rng=np.random.default_rng(7))
        np.testing.assert_array_equal(last.history, wanted.history)
        log_p = log_evidence(X, last.params, recon_var=0.01)
        curve.density(X, last.params, recon_var=0.01), divergence_from_truth(last.params, recon_var=0.01)
        assert np.isfinite(log_p).all() and np.min(gap(FEW, last.params, recon_var=0.01)) >= 0


def test_every_update_has_draws_of_its_own_one_out_of_each_slice(monkeypatch):
    seen = []

    def seeing(x, params, eps, **question):
        seen.append(eps)
        return curved_model.slopes(x, params, eps, **question)

    monkeypatch.setattr(curve, "slopes", seeing)
    curve.train(X, **SETTINGS | {"steps": 25, "rng": np.random.default_rng(0)})
    eps = np.array(seen)
    assert eps.shape == (25, 8, X.size) and np.unique(eps).size == eps.size
    assert (np.floor(8 * norm.cdf(eps)) == np.arange(8)[:, None]).all()


def test_the_draws_of_training_hide_nothing():
    """Fixed nodes would: at beta 12 a decoder hides its steps between 16 of them and seems worth 7 nats more."""
    line = objective.expected_terms(X, exact.optimum(X, beta=12.0, recon_var=0.3), recon_var=0.3).objective(12.0)
    reached = trained("straight", "curved", v=0.3, beta=12.0).history.objective
    assert line - 0.01 < reached[-1] < line + 0.1 and reached.max() < line + 0.1


def test_beta_and_recon_var_act_on_the_path_of_a_curve_through_their_product():
    one, other = (
        curve.steps(
            X, encoder="curved", decoder="curved", hidden=4, beta=beta, recon_var=0.4 / beta,
            lr=0.05, steps=60, rng=np.random.default_rng(1),
        )
        for beta in (1.0, 4.0)
    )  # fmt: skip
    for here, there in zip(one, other, strict=True):
        np.testing.assert_allclose(flat(here.params), flat(there.params), atol=1e-4)


@pytest.mark.full
def test_no_start_collapses_below_the_line_s_threshold_and_all_do_above():
    for beta, collapsed in ((4.0, False), (8.0, False), (12.0, False), (16.0, True)):
        runs = [trained("curved", "curved", v=0.3, beta=beta, seed=seed, steps=1200) for seed in range(6)]
        reached = [run.history.objective[-1] for run in runs]
        assert max(reached) - min(reached) < 0.01
        assert [run.history.kl[-1] < 5e-3 for run in runs] == [collapsed] * 6


@pytest.mark.full
def test_small_recon_var_is_the_encoder_s_gap_and_large_recon_var_that_of_every_normal_q():
    parts = {
        v: np.mean(gap(X, trained("straight", "curved", v=v).params, recon_var=v), axis=1)
        for v in (0.05, 0.1, 0.3, 1.0)
    }
    due = {1.0: (0.111, 0.016), 0.3: (0.166, 0.054), 0.1: (0.097, 0.165)}
    for v, both in due.items():
        np.testing.assert_allclose(parts[v], both, atol=0.02)
    assert parts[0.05][1] > 8 * parts[0.05][0] and parts[1.0][0] > 4 * parts[1.0][1]


# What is refused.

SETTINGS = {"encoder": "curved", "decoder": "curved", "hidden": 2, "recon_var": 0.3, "lr": 0.1, "steps": 1, "rng": None}


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda: curve.train(X[:, None], **SETTINGS), "x has 2 dimensions"),
        (lambda: curve.steps(X, **SETTINGS | {"steps": 0}), "steps is 0; it must be a whole number, 1 or above."),
        (
            lambda: curve.train(X, **SETTINGS | {"encoder": "bent"}),
            "encoder is 'bent'; it must be one of straight, curved.",
        ),
        (
            lambda: curve.start(encoder="curved", decoder=2, hidden=1, rng=None),
            "decoder is 2; it must be one of straight, curved, two heaps.",
        ),
        (lambda: curve.train(X, **SETTINGS | {"hidden": 0}), "hidden is 0"),
        (lambda: expected_terms(X, "a", recon_var=0.3), "params is 'a'; it must be a Curve whose shapes fit"),
        (lambda: expected_terms(X, random_params()._replace(m=np.ones(2)), recon_var=0.3), "params is Curve("),
        (
            lambda: expected_terms(X, random_params()._replace(decoder_out=np.ones(3)), recon_var=0.3),
            "params is Curve(",
        ),
        (lambda: log_evidence(X, random_params(), recon_var=0), "recon_var is 0"),
        (lambda: curve.density([[1.0]], random_params(), recon_var=1), "x_grid has 2 dimensions"),
        (
            lambda: importance_bound(X, random_params(), np.zeros((2, 5)), recon_var=1),
            "draws has 5 columns; it must have",
        ),
        (lambda: two_heaps.collapse_beta(X, recon_var=-1), "recon_var is -1"),
    ],
)
def test_what_is_refused_is_said_in_one_sentence(call, sentence):
    with pytest.raises(ValueError) as refusal:
        call()
    assert str(refusal.value).startswith(sentence)
