"""The linear VAE of many numbers: closed form against optimisation, training, slow loops, scipy, and the line."""

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar
from scipy.stats import multivariate_normal

from vaelib import data, directions, exact, objective
from vaelib.directions import Directions, expected_terms, optimum, train
from vaelib.gaussian import gaussian_log_prob
from vaelib.model import LinearVAE

pytestmark = pytest.mark.pinned

IMAGES = data.digits()[0]
RNG = np.random.default_rng(5)
SMALL = RNG.normal(size=(40, 5)) * [2.0, 1.4, 1.0, 0.7, 0.4] @ np.linalg.qr(RNG.normal(size=(5, 5)))[0] + 3.0
TWINS = np.repeat(np.eye(4), 3, axis=0) * np.array([3.0, 3.0, 1.0, 0.5])
TWINS = np.concatenate([TWINS, -TWINS])
STILL = np.column_stack([SMALL[:, :3], np.full(40, 0.7)])
DATA = {"digits": IMAGES, "random": SMALL, "equal eigenvalues": TWINS, "a constant number": STILL}
every_data = pytest.mark.parametrize("x", DATA.values(), ids=DATA)


def random_params(x, latents, seed=0):
    rng = np.random.default_rng(seed)
    shapes = (latents, x.shape[1]), (x.shape[1], latents), (latents,)
    return Directions(*(0.5 * rng.normal(size=shape) for shape in shapes), rng.normal(size=x.shape[1]))


def flat(params):
    return np.concatenate([np.ravel(field) for field in params])


def unflat(numbers, like):
    A, W, logvar, mean = np.split(numbers, np.cumsum([like.A.size, like.W.size, like.logvar.size]))
    return Directions(A.reshape(like.A.shape), W.reshape(like.W.shape), logvar, mean)


def of_optimum(x, **settings):
    return expected_terms(x, optimum(x, **settings), recon_var=settings["recon_var"])


def levels(x):
    """Levels between, below and above the eigenvalues of x."""
    eigenvalues = directions.spectrum(x)[0]
    above = eigenvalues[eigenvalues > 1e-6]
    return [0.3 * above[-1], np.sqrt(above[0] * above[1]), np.sqrt(above[1] * above[2]), 2 * above[0]]


# The terms.


def test_the_terms_are_the_mean_over_data_and_draws_of_log_densities():
    params = random_params(SMALL, 2)
    eps = np.random.default_rng(1).standard_normal((200_000, 2))
    recon, kl = np.zeros(len(SMALL)), np.zeros(len(SMALL))
    errors = np.zeros(len(SMALL))
    for index, x in enumerate(SMALL):
        mu, sigma = params.A @ (x - params.mean), np.exp(params.logvar / 2)
        z = mu + sigma * eps
        draws = gaussian_log_prob(x, z @ params.W.T + params.mean, 0.4).sum(axis=1)
        recon[index], errors[index] = draws.mean(), draws.std() / np.sqrt(len(eps))
        kl[index] = sum(objective.kl_normal_to_standard(mu[k], params.logvar[k]) for k in range(2))
    terms = expected_terms(SMALL, params, recon_var=0.4)
    assert abs(terms.recon - recon.mean()) < 4 * errors.mean()
    assert terms.kl == pytest.approx(kl.mean(), rel=1e-12)


def test_one_number_and_one_latent_are_the_line_of_lesson_1():
    x = data.toy()
    line = LinearVAE(0.4, 0.1, 0.0, -0.8, 1.3, 0.2)
    here = Directions(np.array([[0.4]]), np.array([[1.3]]), np.array([-0.8]), np.array([-0.25]))
    there = line._replace(b=0.4 * 0.25, n=-0.25)
    got, due = (
        expected_terms(x[:, None], here, recon_var=0.3),
        objective.expected_terms(x, there, recon_var=0.3),
    )
    np.testing.assert_allclose(got, due, rtol=1e-12)
    for beta, v in ((1.0, 0.3), (4.0, 0.3), (20.0, 0.5)):
        got = of_optimum(x[:, None], latents=1, beta=beta, recon_var=v)
        due = objective.expected_terms(x, exact.optimum(x, beta=beta, recon_var=v), recon_var=v)
        np.testing.assert_allclose(got, due, rtol=1e-12, atol=1e-12)


@every_data
def test_the_slopes_are_finite_differences_of_the_objective(x):
    params, beta, v = random_params(x, 3, seed=4), 1.7, 0.3
    slopes, where = flat(directions.expected_grad(x, params, beta=beta, recon_var=v)), flat(params)
    for index in [*np.random.default_rng(0).choice(where.size, 12, replace=False), -1]:
        sides = [where + step * np.eye(where.size)[index] for step in (1e-5, -1e-5)]
        up, down = (expected_terms(x, unflat(side, params), recon_var=v).objective(beta) for side in sides)
        assert slopes[index] == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=1e-5)


# The closed form.


@every_data
@pytest.mark.parametrize("beta", [0.5, 1.0, 4.0])
def test_the_slopes_at_the_optimum_are_0(x, beta):
    for level in levels(x):
        best = optimum(x, latents=3, beta=beta, recon_var=level / beta)
        slopes = directions.expected_grad(x, best, beta=beta, recon_var=level / beta)
        assert np.abs(flat(slopes)).max() < 1e-12 / (level / beta) ** 2


@pytest.mark.parametrize("x", [SMALL, TWINS, STILL], ids=["random", "equal eigenvalues", "a constant number"])
def test_no_start_leads_to_more_than_the_optimum(x):
    beta, latents = 2.0, 2
    for level in levels(x):
        v, reached = level / beta, []
        for seed in range(6):
            start = random_params(x, latents, seed)

            def loss(numbers, like=start, v=v):
                return -expected_terms.unchecked(x, unflat(numbers, like), recon_var=v).objective(beta)

            def slopes(numbers, like=start, v=v):
                return -flat(directions.expected_grad.unchecked(x, unflat(numbers, like), beta=beta, recon_var=v))

            found = minimize(loss, flat(start), jac=slopes, method="L-BFGS-B", options={"maxiter": 3000})
            reached.append(-found.fun)
        best = of_optimum(x, latents=latents, beta=beta, recon_var=v).objective(beta)
        assert max(reached) < best + 1e-7
        assert max(reached) == pytest.approx(best, abs=1e-3)


@every_data
def test_training_arrives_at_the_optimum(x):
    for level in levels(x)[1:]:
        run = train(x, latents=3, beta=2.0, recon_var=level / 2, lr=0.05, steps=1500, rng=np.random.default_rng(0))
        best = of_optimum(x, latents=3, beta=2.0, recon_var=level / 2)
        assert run.history.objective[-1] == pytest.approx(best.objective(2.0), abs=2e-3)
        due = directions.rates(x, latents=3, beta=2.0, recon_var=level / 2)
        assert np.sum(run.rates[-1] > 0.01) == np.sum(due > 0.01)


@every_data
def test_the_optimum_is_water_that_rises_over_the_spectrum(x):
    eigenvalues = directions.spectrum(x)[0]
    latents = x.shape[1]
    for level in levels(x):
        settings = {"latents": latents, "beta": 2.0, "recon_var": level / 2}
        best = optimum(x, **settings)
        terms, rates = of_optimum(x, **settings), directions.rates(x, **settings)
        distortion = np.minimum(eigenvalues, level).sum()
        size = -0.5 * latents * np.log(np.pi * level)
        assert terms.recon == pytest.approx(size - distortion / level, rel=1e-9)
        assert terms.kl == pytest.approx(rates.sum(), rel=1e-9, abs=1e-12)
        assert np.sum(rates > 0) == directions.in_use(x, **settings) == np.sum(np.abs(best.W).sum(axis=0) > 0)


def test_more_latents_than_numbers_leave_the_rest_at_the_prior():
    few, many = (of_optimum(SMALL, latents=latents, recon_var=0.01) for latents in (5, 9))
    np.testing.assert_allclose(many, few, rtol=1e-12)
    best = optimum(SMALL, latents=9, recon_var=0.01)
    assert not best.A[5:].any() and not best.W[:, 5:].any() and not best.logvar[5:].any()
    assert directions.in_use(SMALL, latents=9, recon_var=0.01) == 5


def test_beta_and_recon_var_act_on_the_parameters_through_their_product():
    one, other = (optimum(IMAGES, latents=8, beta=beta, recon_var=0.1 / beta) for beta in (0.5, 4.0))
    for left, right in zip(one, other, strict=True):
        np.testing.assert_allclose(left, right, atol=1e-12)


# The evidence.


@pytest.mark.parametrize("latents", [1, 3, 7])
def test_the_evidence_is_that_of_a_normal_distribution(latents):
    params = random_params(SMALL, latents)
    covariance = params.W @ params.W.T + 0.4 * np.eye(5)
    due = multivariate_normal(params.mean, covariance).logpdf(SMALL)
    np.testing.assert_allclose(directions.log_evidence(SMALL, params, recon_var=0.4), due, rtol=1e-10)


def test_at_the_optimum_of_beta_1_the_elbo_is_log_p_of_every_image_also_of_new_ones():
    seen, new = IMAGES[:500], IMAGES[500:560]
    best = optimum(seen, latents=8, recon_var=0.05)
    for x in new:
        elbo = expected_terms(x[None], best, recon_var=0.05).elbo
        assert elbo == pytest.approx(directions.log_evidence(x[None], best, recon_var=0.05)[0], abs=1e-9)


@pytest.mark.parametrize("latents", [2, 8])
def test_turned_latents_cost_what_a_diagonal_encoder_cannot_say_and_nothing_else(latents):
    v = 0.1
    best = optimum(IMAGES, latents=latents, recon_var=v)
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(latents, latents)))[0]
    W = best.W @ turn
    M = W.T @ W
    diagonal = np.diag(M)
    # The best diagonal encoder of this decoder: the true posterior's mean, and the variance 1 / (M_kk / v + 1).
    A = np.linalg.solve(M + v * np.eye(latents), W.T)
    turned = Directions(A, W, -np.log(diagonal / v + 1), best.mean)
    before, after = (directions.log_evidence(IMAGES, params, recon_var=v).mean() for params in (best, turned))
    loss = 0.5 * (np.log(diagonal / v + 1).sum() - np.linalg.slogdet(M / v + np.eye(latents))[1])
    assert after == pytest.approx(before, abs=1e-6)
    elbos = [expected_terms(IMAGES, params, recon_var=v).elbo for params in (best, turned)]
    assert elbos[0] - elbos[1] == pytest.approx(loss, abs=1e-6)
    assert loss > 0


# The variance of the decoder.


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("latents", [2, 8, 32])
def test_the_best_recon_var_is_the_maximum_over_all_and_the_mean_of_what_is_left_out(latents, beta):
    best = directions.best_recon_var(IMAGES, latents=latents, beta=beta)

    def loss(log_v):
        return -of_optimum(IMAGES, latents=latents, beta=beta, recon_var=np.exp(log_v)).objective(beta)

    grid = np.linspace(np.log(1e-3), np.log(1.0), 60)
    lowest = grid[np.argmin([loss(log_v) for log_v in grid])]
    found = minimize_scalar(loss, bounds=(lowest - 0.2, lowest + 0.2), method="bounded", options={"xatol": 1e-7})
    assert best == pytest.approx(np.exp(found.x), rel=1e-3)
    if beta == 1:
        assert best == pytest.approx(directions.spectrum(IMAGES)[0][latents:].mean(), rel=1e-12)


def test_a_decoder_that_learns_its_variance_finds_the_best_one_from_both_sides():
    for latents, beta in ((4, 1.0), (8, 4.0), (16, 2.0)):
        best = directions.best_recon_var(IMAGES, latents=latents, beta=beta)
        for start in (0.02, 0.5):
            settings = {"latents": latents, "beta": beta, "recon_var": start, "lr": 0.05, "steps": 1500}
            run = train(IMAGES, **settings, rng=np.random.default_rng(0), learn_recon_var=True)
            assert run.recon_var[-1] == pytest.approx(best, rel=0.01)


def test_at_beta_4_eight_sixteen_and_thirty_two_latents_end_in_the_same_model():
    found = [directions.best_recon_var(IMAGES, latents=latents, beta=4.0) for latents in (8, 16, 32)]
    assert max(found) - min(found) < 1e-12
    assert [directions.in_use(IMAGES, latents=8, beta=4.0, recon_var=v) for v in found] == [7, 7, 7]


# The run.


def test_a_run_reports_what_its_parameters_are_worth_at_every_step():
    settings = {"latents": 4, "beta": 2.0, "recon_var": 0.1, "lr": 0.05, "steps": 60}
    run = train(IMAGES, **settings, rng=np.random.default_rng(0), learn_recon_var=True)
    assert run.path.A.shape == (60, 4, 64) and run.rates.shape == (60, 4)
    for step in (0, 30, 59):
        params = Directions(*(field[step] for field in run.path[:3]), run.path.mean)
        terms = expected_terms(IMAGES, params, recon_var=run.recon_var[step])
        reported = [trace[step] for trace in run.history]
        np.testing.assert_allclose(reported, [*terms, terms.objective(2.0)], rtol=1e-9)
        assert run.rates[step].sum() == pytest.approx(terms.kl, rel=1e-9)
    for field, last in zip(run.params[:3], run.path[:3], strict=True):
        np.testing.assert_array_equal(field, last[-1])


def test_a_run_is_repeated_by_the_same_generator_and_its_variance_stays_unless_learned():
    settings = {"latents": 2, "recon_var": 0.1, "lr": 0.05, "steps": 20}
    one, other = (train(SMALL, **settings, rng=np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.path.A, other.path.A)
    np.testing.assert_allclose(one.recon_var, 0.1, rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_plain_steps_from_tiny_weights_bring_the_directions_to_life_one_after_the_other(seed):
    start = directions.START(8, 64, np.random.default_rng(seed))
    params = Directions(start.A / 50, start.W / 50, start.logvar, IMAGES.mean(axis=0))
    vectors, given = directions.spectrum(IMAGES)[1][:, :8], []
    covariance = np.cov(IMAGES.T, bias=True)
    same_spectrum = np.linalg.cholesky(covariance + 1e-12 * np.eye(64)).T * 8 + IMAGES.mean(axis=0)
    same_spectrum = np.concatenate([same_spectrum, 2 * IMAGES.mean(axis=0) - same_spectrum])
    for _ in range(500):
        slopes = directions.expected_grad.unchecked(same_spectrum, params, beta=1.0, recon_var=0.1)
        params = Directions(*(value + 0.1 * slope for value, slope in zip(params, slopes, strict=True)))
        given.append(np.sum((params.W.T @ vectors) ** 2, axis=0))
    alive = (np.array(given) > 0.02).argmax(axis=0)[:7]
    assert (np.diff(alive) >= -1).all() and alive[6] > 8 * alive[0]


# What is refused.


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda: train(np.zeros(5), latents=2, recon_var=1, lr=1, steps=1, rng=RNG), "x has 1 dimensions"),
        (lambda: train(SMALL, latents=0, recon_var=1, lr=1, steps=1, rng=RNG), "latents is 0"),
        (lambda: optimum(SMALL, latents=2, beta=0, recon_var=1), "beta is 0"),
        (lambda: expected_terms(SMALL, optimum(IMAGES, latents=2, recon_var=1), recon_var=1), "params has (2, 64), "),
        (lambda: expected_terms(SMALL, "A", recon_var=1), "params has no shapes"),
        (lambda: expected_terms(SMALL, random_params(SMALL, 2), recon_var=0), "recon_var is 0"),
        (lambda: directions.best_recon_var(SMALL, latents=5), "latents is 5; it must be fewer"),
        (lambda: directions.best_recon_var(IMAGES, latents=61), "latents is 61; it must be fewer"),
    ],
)
def test_what_is_refused_is_said_in_one_sentence(call, sentence):
    with pytest.raises(ValueError) as refusal:
        call()
    assert str(refusal.value).startswith(sentence)
