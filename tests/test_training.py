"""Training against slow loops, against the steps written out by hand, against single runs, and the exact optimum."""

import statistics
import warnings

import numpy as np
import pytest

from reference import reference_train
from vaelib.data import penguins, seed_draws, standardize, toy
from vaelib.exact import largest_stable_lr, optimum
from vaelib.gradients import expected_grad, pathwise_grad
from vaelib.model import LOGVAR_RANGE, START, LinearVAE, encode, reparameterize
from vaelib.objective import elbo_terms, expected_terms
from vaelib.training import Run, train

pytestmark = pytest.mark.pinned

X, DRAWS = toy(), seed_draws()
SEED_RUNS = {1.0: {"lr": 0.025, "noise": DRAWS.beta1}, 4.0: {"lr": 0.02, "noise": DRAWS.beta4}}
every_noise = pytest.mark.parametrize("noise", [DRAWS.beta1, "fresh", "exact"], ids=["fixed", "fresh", "exact"])
DATA = {
    "toy": X,
    "penguins": standardize(penguins()),
    "random": np.random.default_rng(3).normal(-0.4, 2.0, size=40),
}
every_data = pytest.mark.parametrize("x", DATA.values(), ids=DATA)


def run(noise, *, recon_var=0.3, **settings):
    return train(X, recon_var=recon_var, noise=noise, rng=np.random.default_rng(0), **settings)


def draws_per_step(noise, steps):
    """What each step of `run` above draws; None where it takes the expectation."""
    if isinstance(noise, str):
        return np.random.default_rng(0).standard_normal((steps, X.size)) if noise == "fresh" else [None] * steps
    return [noise] * steps


def terms_at(params, eps, recon_var=0.3):
    if eps is None:
        return expected_terms(X, params, recon_var=recon_var)
    return elbo_terms(X, params, eps, recon_var=recon_var)


def written_out(noise, steps, *, beta, lr, warmup=0, free_bits=0.0):
    """The loop of the lesson, one model, plain numbers: yields the parameters and the history after each step."""
    params = START
    for step, eps in enumerate(draws_per_step(noise, steps)):
        weight = beta * min(1.0, step / warmup) if warmup else beta
        if expected_terms(X, params, recon_var=0.3).kl <= free_bits:
            weight = 0.0
        if eps is None:
            slopes = expected_grad(X, params, beta=weight, recon_var=0.3)
        else:
            slopes = pathwise_grad(X, params, eps, beta=weight, recon_var=0.3)
        params = LinearVAE(*(value + lr * slope for value, slope in zip(params, slopes, strict=True)))
        recon, kl = terms_at(params, eps)
        yield *params, recon, kl, recon - beta * max(kl, free_bits)


def everything(result):
    """Path and history in one array, (9, steps, ...)."""
    return np.array([*result.path, *result.history])


@every_noise
@pytest.mark.parametrize("schedule", [{}, {"warmup": 12}, {"free_bits": 0.7}, {"warmup": 5, "free_bits": 0.5}], ids=str)
def test_each_step_adds_lr_times_the_slope_and_then_records_the_terms(noise, schedule):
    question = {"beta": 4.0, "lr": 0.02, "steps": 30} | schedule
    by_hand = np.transpose(list(written_out(noise, **question)))
    assert everything(run(noise, **question)) == pytest.approx(by_hand, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("beta", SEED_RUNS)
def test_training_is_that_of_the_slow_loops_with_finite_differences(beta):
    lr, eps = SEED_RUNS[beta].values()
    params, trace = reference_train(X, eps, beta=beta, recon_var=0.3, lr=lr, average=statistics.fmean)
    objective, recon, kl = np.transpose(trace)
    result = run(eps, beta=beta, lr=lr)
    assert result.params == pytest.approx(params, abs=1e-6)
    assert np.array(result.history) == pytest.approx(np.array([recon, kl, objective]), abs=1e-6)


@every_noise
@pytest.mark.parametrize(
    "shapes", [((), (), ()), ((4,), (), ()), ((3, 1), (4,), ()), ((2, 1, 1), (3, 1), (4,)), ((), (), (1,))], ids=str
)
def test_every_combination_of_arrays_is_trained_as_if_alone(noise, shapes):
    rng, steps = np.random.default_rng(1), 25
    limits = {"beta": (0, 8), "recon_var": (0.3, 2), "lr": (0.005, 0.02)}
    question = {
        name: rng.uniform(*between, size=shape) for (name, between), shape in zip(limits.items(), shapes, strict=True)
    }
    together = run(noise, **question, steps=steps, warmup=3, free_bits=0.2)
    shape = np.broadcast_shapes(*shapes)
    assert isinstance(together, Run) and np.shape(together.diverged) == shape
    assert np.shape(together.path) == (6, steps, *shape) and np.shape(together.history) == (3, steps, *shape)
    assert np.array_equal(together.params, np.array(together.path)[:, -1])
    for index in np.ndindex(shape):
        numbers = {name: np.broadcast_to(values, shape)[index] for name, values in question.items()}
        alone = run(noise, **numbers, steps=steps, warmup=3, free_bits=0.2)
        assert everything(together)[:, :, *index] == pytest.approx(everything(alone), rel=1e-9, abs=1e-9)


@every_noise
@pytest.mark.parametrize(("runs", "steps"), [(1, 2500), (50, 120), (2500, 3)])
def test_the_history_holds_the_terms_along_the_path(noise, runs, steps):
    recon_var = np.linspace(0.3, 2.0, runs)
    result = run(noise, recon_var=recon_var, lr=0.02, steps=steps)
    draws = draws_per_step(noise, steps)
    for step in {*range(0, steps, 7), steps - 1}:
        params = LinearVAE(*(values[step] for values in result.path))
        recon, kl = terms_at(params, draws[step], recon_var)
        recorded = [values[step] for values in result.history]
        assert np.array(recorded) == pytest.approx(np.array([recon, kl, recon - kl]), rel=1e-10)


@every_noise
def test_training_a_beta_vae_is_training_an_ordinary_vae_with_noise_beta_v(noise):
    """Step for step, when the learning rate is beta times as large."""
    beta_vae = run(noise, beta=4.0, recon_var=0.3, lr=0.02)
    ordinary = run(noise, beta=1.0, recon_var=1.2, lr=0.08)
    assert np.array(beta_vae.path) == pytest.approx(np.array(ordinary.path), rel=1e-9, abs=1e-12)


@every_noise
def test_the_same_call_gives_the_same_run(noise):
    assert np.array_equal(everything(run(noise, lr=0.02)), everything(run(noise, lr=0.02)))


def test_fresh_draws_need_a_generator_and_differ_with_it():
    for rng in (None, 0, np.random):
        with pytest.raises(ValueError, match=r"^rng is .+; .* it must be a numpy random Generator\.$"):
            train(X, recon_var=0.3, lr=0.02, noise="fresh", rng=rng)
    first, second = (
        train(X, recon_var=0.3, lr=0.02, noise="fresh", rng=np.random.default_rng(seed)) for seed in (0, 1)
    )
    assert (first.history.recon != second.history.recon).all()


def test_the_runs_of_a_batch_share_the_fresh_draws():
    twins = run("fresh", beta=[1.0, 1.0, 4.0], lr=0.02)
    assert np.array_equal(twins.path.m[:, 0], twins.path.m[:, 1])


def test_training_starts_where_it_is_told_and_leaves_its_arguments_alone():
    start = LinearVAE(*np.array([[0.1, 0.3], [0.0, 0.2], [0.0, 0.1], [-1.0, 0.5], [1.0, -1.0], [0.0, 0.4]]))
    before = np.array(start)
    together = run("exact", lr=0.02, steps=7, start=start)
    assert np.array_equal(start, before) and np.shape(together.params) == (6, 2)
    for index in range(2):
        alone = run("exact", lr=0.02, steps=7, start=list(before[:, index]))
        assert everything(together)[..., index] == pytest.approx(everything(alone), rel=1e-12)


@every_data
def test_training_on_the_expectation_arrives_at_the_exact_optimum(x):
    beta, recon_var = np.array([0.5, 1.0, 4.0, 10.0, 20.0]), 0.065 * x.var()
    lr = 0.9 * largest_stable_lr(x, beta=beta, recon_var=recon_var)
    result = train(x, beta=beta, recon_var=recon_var, lr=lr, steps=10_000, noise="exact")
    best = optimum(x, beta=beta, recon_var=recon_var)
    assert np.array(result.params) == pytest.approx(np.array(best), abs=1e-6)
    assert (best.m > 0).tolist() == [True] * 4 + [False]
    assert (np.diff(result.history.objective[100:], axis=0) > -1e-12).all()


def test_training_on_the_expectation_arrives_at_the_optimum_that_the_clamp_holds():
    x = DATA["penguins"]
    question = {"beta": np.array([1.0, 2.0]), "recon_var": np.array([1e-3, 5e-4])}
    lr = 0.9 * largest_stable_lr(x, **question)
    params = train(x, **question, lr=lr, steps=10_000, noise="exact").params
    best = optimum(x, **question)
    assert (encode(x, params)[1] == LOGVAR_RANGE[0]).all() and (best.d == LOGVAR_RANGE[0]).all()
    for name in ("a", "b", "m", "n"):
        assert getattr(params, name) == pytest.approx(getattr(best, name), abs=1e-6)


@pytest.mark.parametrize(("beta", "lr", "steps_needed"), [(1.0, 0.025, (334, 571, 1338)), (4.0, 0.02, (131, 215, 475))])
def test_140_steps_are_not_the_end(beta, lr, steps_needed):
    """Steps until the objective is within 1e-2, 1e-3 and 1e-6 nats of the highest."""
    highest = expected_terms(X, optimum(X, beta=beta, recon_var=0.3), recon_var=0.3).objective(beta)
    regret = highest - run("exact", beta=beta, lr=lr, steps=1500).history.objective
    assert regret.min() > -1e-12 and np.diff(regret).max() < 1e-12
    assert tuple(1 + int(np.argmax(regret < limit)) for limit in (1e-2, 1e-3, 1e-6)) == steps_needed


@pytest.mark.parametrize(("noise", "objective", "regret"), [(DRAWS.beta1, -2.2781, 0.0975), ("exact", -2.2715, 0.0909)])
def test_most_of_the_distance_of_the_first_seed_run_is_under_training(noise, objective, regret):
    expected = expected_terms(X, run(noise, lr=0.025).params, recon_var=0.3).elbo
    highest = expected_terms(X, optimum(X, recon_var=0.3), recon_var=0.3).elbo
    assert [expected, highest - expected] == pytest.approx([objective, regret], abs=6e-5)


@pytest.mark.parametrize(
    ("beta", "side", "params", "own", "expected"),
    [
        (1.0, 1, (0.4510, -0.0344, -0.0066, -2.7058, 2.1325, 0.1188), -2.1553, -2.1905),
        (1.0, -1, (-0.4484, 0.0342, 0.0058, -2.5588, -2.0238, 0.0321), -2.1044, -2.1934),
        (4.0, 1, (0.4061, -0.0310, -0.0163, -1.4121, 1.8885, 0.0618), -5.1165, -5.0067),
        (4.0, -1, (-0.3965, 0.0302, -0.0317, -1.2776, -1.7857, 0.0918), -4.9145, -5.0100),
    ],
)
def test_a_long_run_with_fixed_draws_arrives_at_the_optimum_of_its_draws(beta, side, params, own, expected):
    """One set of draws breaks the mirror symmetry; what it reports is not what the parameters are worth."""
    (lr, eps), start = SEED_RUNS[beta].values(), START._replace(a=side * START.a, m=side * START.m)
    long_run = run(eps, beta=beta, lr=lr, steps=8000, start=start)
    last = long_run.params
    assert last == pytest.approx(params, abs=1e-4)
    assert long_run.history.objective[-1] == pytest.approx(own, abs=6e-5)
    assert expected_terms(X, last, recon_var=0.3).objective(beta) == pytest.approx(expected, abs=6e-5)

    mu, logvar = encode(X, last)
    noise = reparameterize(0.0, logvar, eps)
    assert np.array(pathwise_grad(X, last, eps, beta=beta, recon_var=0.3)) == pytest.approx(0, abs=1e-8)
    assert last.b == pytest.approx(-last.a * X.mean(), abs=1e-8)
    assert last.n == pytest.approx(X.mean() - last.m * noise.mean(), abs=1e-8)
    assert np.mean(mu**2) + np.mean(np.exp(logvar)) == pytest.approx(1, abs=1e-8)


def test_fixed_draws_can_report_more_than_the_highest_log_likelihood():
    highest = -0.5 * np.log(2 * np.pi * np.e * X.var())
    long_run = run(DRAWS.beta1, lr=0.025, steps=3000)
    assert long_run.history.objective[-1] - highest == pytest.approx(0.0253, abs=1e-4)
    assert expected_terms(X, long_run.params, recon_var=0.3).elbo < highest


def test_fresh_draws_leave_a_stationary_error():
    question = {"beta": np.array([1.0, 4.0]), "recon_var": 0.3}
    path = run("fresh", **question, lr=np.array([0.025, 0.02]), steps=6000).path
    highest = expected_terms(X, optimum(X, **question), recon_var=0.3).objective(question["beta"])
    regret = highest - expected_terms(X, path, recon_var=0.3).objective(question["beta"])
    assert regret[1000:3500].mean(axis=0) == pytest.approx([0.026, 0.025], rel=0.1)
    assert regret[3500:].mean(axis=0) == pytest.approx([0.026, 0.025], rel=0.1)


def limits_and_questions(x):
    """The largest stable lr for products beta v from the clamped to the collapsed region."""
    beta = np.array([1.0, 2.0, 0.3, 1.0, 4.0, 1.0, 8.0, 20.0, 3.0])
    recon_var = np.array([0.001, 0.0005, 0.06, 0.06, 0.06, 0.3, 0.06, 0.06, 1.0]) * x.var()
    question = {"beta": beta, "recon_var": recon_var}
    t = beta * recon_var / x.var()
    assert (t < np.exp(-6)).any() and (t > 1).any()
    return largest_stable_lr(x, **question), question


@pytest.mark.parametrize("x", [*DATA.values(), X + 1.5], ids=[*DATA, "toy, not centred"])
def test_just_below_the_largest_stable_lr_a_run_returns_to_the_optimum_and_just_above_it_leaves(x):
    limit, question = limits_and_questions(x)
    best = optimum(x, **question)
    start = LinearVAE(*(value + 1e-3 * side for value, side in zip(best, (1, -1, 1, -1, 1, 1), strict=True)))
    lr = np.array([[0.95], [1.05]]) * limit
    last = train(x, **question, lr=lr, steps=2000, noise="exact", start=start).params

    def distance(params):
        return np.linalg.norm([getattr(params, name) - getattr(best, name) for name in ("a", "b", "m", "n")], axis=0)

    below, above = distance(last) / distance(start)
    assert (below < 0.7).all()
    assert not (above < 5).any()


@pytest.mark.parametrize(
    ("beta", "recon_var"), [(0.25, 0.3), (1.0, 0.3), (4.0, 0.3), (10.0, 0.3), (20.0, 0.3), (1.0, 1.2)]
)
def test_from_the_seeds_start_too_the_largest_stable_lr_parts_settling_from_bouncing(beta, recon_var):
    lr = np.array([0.95, 1.05]) * largest_stable_lr(X, beta=beta, recon_var=recon_var)
    path = np.array(run("exact", beta=beta, recon_var=recon_var, lr=lr, steps=5000).path)
    last_move = np.abs(path[:, -1] - path[:, -2]).max(axis=0)
    assert last_move[0] < 1e-5
    assert not last_move[1] < 1e-2


def test_past_the_limit_a_run_bounces_with_period_2_before_it_blows_up():
    result = run("exact", lr=np.array([0.055, 0.10]), steps=2000)
    assert sorted(result.path.a[-2:, 0]) == pytest.approx([0.44, 0.80], abs=5e-3)
    assert result.path.a[-1, 0] == pytest.approx(result.path.a[-3, 0], abs=1e-9)
    assert result.diverged[0] == -1 and result.diverged[1] > 0


@every_noise
def test_a_diverging_run_is_a_result_and_leaves_the_other_runs_of_its_batch_alone(noise):
    lr = np.array([[0.02, 0.2], [50.0, 0.01]])
    with warnings.catch_warnings(), np.errstate(all="warn"):
        warnings.simplefilter("error")
        together = run(noise, lr=lr, steps=60)
    assert np.array_equal(together.diverged >= 0, [[False, True], [True, False]])
    for index in np.ndindex(2, 2):
        step, traces = together.diverged[index], everything(together)[:, :, *index]
        kept = step if step >= 0 else 60
        assert np.isfinite(traces[:, :kept]).all() and np.isnan(traces[:, kept:]).all()
        alone = run(noise, lr=lr[index], steps=60)
        assert alone.diverged == step
        assert everything(alone)[:, :kept] == pytest.approx(traces[:, :kept], rel=1e-6)
        assert np.isnan(alone.params).all() == (step >= 0)
        if step >= 0:
            assert run(noise, lr=lr[index], steps=int(step)).diverged == -1
            assert run(noise, lr=lr[index], steps=int(step) + 1).diverged == step
