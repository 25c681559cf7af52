"""Lesson 3: what its pictures draw, what its panel says, what its exercises tell."""

import itertools

import numpy as np
import pytest
from scipy import stats

from learner import assert_alive, dashed_black, drawn, legend, numbers_in, painted_before, pixels, png_of, said
from vaelib import data, exact
from vaelib.gradients import expected_grad
from vaelib.lessons.training import check, pictures
from vaelib.lessons.training.panel import DATASETS, NOISE_LABELS, START_VALUES, STEPS
from vaelib.model import START, LinearVAE
from vaelib.objective import expected_terms
from vaelib.panels import fit_panel, training_panel
from vaelib.training import History, train

pytestmark = pytest.mark.pinned

X, DRAWS = data.toy(), data.seed_draws()
RUN = train(X, recon_var=0.3, lr=0.025, noise=DRAWS.beta1)


def test_traces_show_the_history_up_to_the_step_and_the_optimum_behind(axes):
    traces = pictures.Traces(axes)
    goal = History(-0.8, 1.4, -2.2)
    traces.show(RUN.history, goal, 35, diverged=False)
    for name in ("recon", "kl", "objective"):
        trace = getattr(RUN.history, name)
        np.testing.assert_array_equal(traces.behind[name].get_xdata(), np.arange(1, 36))
        np.testing.assert_array_equal(traces.behind[name].get_ydata(), trace[:35])
        np.testing.assert_array_equal(traces.ahead[name].get_ydata(), trace)
        assert traces.dot[name].get_xydata().tolist() == [[35, trace[34]]]
        assert set(traces.exact[name].get_ydata()) == set(traces.goal[name].get_ydata()) == {getattr(goal, name)}
    assert list(traces.now.get_xdata()) == [35, 35]
    assert legend(axes) == ["objective", "recon", "KL", "optimum"]


def test_at_step_0_no_trace_lies_behind(axes):
    traces = pictures.Traces(axes)
    traces.show(RUN.history, History(-0.8, 1.4, -2.2), 0, diverged=False)
    assert all(line.get_xdata().size == 0 for group in (traces.behind, traces.dot) for line in group.values())


def test_where_a_run_diverged_the_picture_says_so(axes):
    traces = pictures.Traces(axes)
    traces.show(RUN.history, History(-0.8, 1.4, -2.2), 12, diverged=True)
    assert traces.end.get_visible() and traces.end.get_position()[0] == 12
    traces.show(RUN.history, History(-0.8, 1.4, -2.2), 12, diverged=False)
    assert not traces.end.get_visible()


def test_regret_is_drawn_from_the_start_to_the_step_shown(axes):
    regret = np.geomspace(10, 0.1, 141)
    picture = pictures.Regret(axes)
    picture.show(regret, 35)
    np.testing.assert_array_equal(picture.ahead.get_ydata(), regret)
    np.testing.assert_array_equal(picture.behind.get_xdata(), np.arange(36))
    assert picture.dot.get_xydata().tolist() == [[35, regret[35]]]


def test_the_exact_answer_is_dashed_black_and_behind_the_learned_one(axes):
    traces = pictures.Traces(axes)
    for name, goal in traces.exact.items():
        assert dashed_black(goal) and painted_before(traces, goal, traces.behind[name])


@pytest.fixture(scope="module")
def shared():
    return training_panel()


@pytest.fixture
def panel(shared):
    """The shared panel, at its start."""
    shared.set(**START_VALUES)
    return shared


def test_the_seed_is_where_a_new_panel_starts():
    panel = training_panel()
    assert panel.values == {
        "beta": 1.0, "recon_var": 0.3, "lr": 0.025, "position": 100, "steps": 140, "data": "toy",
        "noise": "original, beta 1",
    }  # fmt: skip
    assert panel.run.history.objective[-1] == pytest.approx(-2.2434, abs=2e-4)


def test_the_summary_says_step_objective_distance_and_limit(panel):
    best = expected_terms(X, exact.optimum(X, recon_var=0.3), recon_var=0.3).elbo
    now = expected_terms(X, panel.run.params, recon_var=0.3).elbo
    limit = exact.largest_stable_lr(X, beta=1.0, recon_var=0.3)
    kl, best_kl = panel.run.history.kl[-1], exact.rate_distortion(X, beta=1.0, recon_var=0.3)[0]
    reported = panel.run.history.objective[-1]
    wanted = [140, 140, now, best - now, best, reported, kl, best_kl, 0.025, 0.025 / limit, limit]
    np.testing.assert_allclose(numbers_in(panel.summary()), wanted, rtol=6e-3)
    assert "these draws decide" in panel.summary()


def test_the_summary_says_when_training_has_arrived_bounces_or_diverges(panel):
    panel.set(steps=1000, noise="exact")
    assert "at the optimum" in panel.summary() and "it can settle" in panel.summary()
    panel.set(noise="fresh")
    assert "never settles" in panel.summary()
    panel.set(lr=0.05)
    assert "it bounces" in panel.summary()
    panel.set(lr=0.2)
    assert f"diverged at step {panel.run.diverged + 1} of 1,000" in panel.summary()
    assert "stable lr" in panel.summary()
    panel.set(position=0)
    assert f"KL {expected_terms(X, START, recon_var=0.3).kl:.3f} (" in panel.summary()
    assert "After 0 of 1,000 steps" in panel.summary()


@pytest.mark.full
@pytest.mark.parametrize("beta", [0.1, 30.0])
@pytest.mark.parametrize("recon_var", [0.02, 5.0])
def test_every_corner_of_every_knob_is_alive(panel, beta, recon_var):
    rest = itertools.product([0.001, 0.2], STEPS[:: len(STEPS) - 1], DATASETS, NOISE_LABELS, [0, 100])
    for lr, steps, name, noise, position in rest:
        panel.set(beta=beta, recon_var=recon_var, lr=lr, steps=steps, data=name, noise=noise, position=position)
        assert_alive(panel)
        assert panel.run.history.kl.shape == (steps,)
    assert pixels(panel).shape == (780, 1800, 3)


def test_two_learners_with_the_same_knobs_see_the_same_picture(panel):
    panel.set(noise="fresh", beta=4.0)
    assert png_of(panel) == png_of(training_panel(noise="fresh", beta=4.0))


def test_the_noise_menu_names_the_draws_it_says(panel):
    seed = data.seed_draws()
    named = {"original, beta 1": seed.beta1, "original, beta 4": seed.beta4, "exact": "exact"}
    for name, noise in named.items():
        panel.set(noise=name)
        np.testing.assert_array_equal(
            panel.run.history.objective, train(X, recon_var=0.3, lr=0.025, noise=noise).history.objective
        )


def test_the_scenarios_are_what_their_buttons_say(panel):
    panel.buttons["original, beta 4"].click()
    assert panel.run.history.objective[-1] == pytest.approx(-5.1255, abs=2e-4)
    panel.buttons["original, beta 1"].click()
    assert panel.values == START_VALUES
    panel.buttons["a long run"].click()
    assert panel.values["steps"] == 2000 and panel.run.history.objective[-1] == pytest.approx(-2.1553, abs=1e-4)
    panel.buttons["the KL goes up"].click()
    assert panel.run.history.kl[-1] > 5 * panel.run.history.kl[0] and (np.diff(panel.run.history.objective) > 0).all()
    panel.buttons["lr too large"].click()
    assert "diverged" in panel.summary() and (np.diff(panel.run.history.objective) < 0).sum() > 10
    panel.buttons["reset"].click()
    assert panel.values == START_VALUES


@pytest.mark.parametrize(("beta", "recon_var"), [(1.0, 0.3), (30.0, 0.02), (0.1, 5.0)])
def test_stable_lr_sets_half_the_limit_within_the_range_of_the_knob(panel, beta, recon_var):
    panel.set(beta=beta, recon_var=recon_var)
    panel.buttons["stable lr"].click()
    half = exact.largest_stable_lr(X, beta=beta, recon_var=recon_var) / 2
    assert panel.values["lr"] == pytest.approx(np.clip(half, 0.001, 0.2))


@pytest.mark.parametrize(
    ("name", "values"),
    [("beta", (0.1, 0.3, 1.0, 4.0, 30.0)), ("recon_var", (0.02, 0.25, 0.3, 5.0)), ("lr", (0.001, 0.02, 0.025, 0.2))],
)
def test_the_scales_reach_their_ends_and_the_seeds_values(panel, name, values):
    numbers = panel.knobs[name].numbers
    assert set(values) <= set(numbers) and (numbers[0], numbers[-1]) == (values[0], values[-1])
    ratios = np.divide(numbers[1:], numbers[:-1])
    assert ratios.max() < 1.2


def moved(params, h, name="m"):
    return params._replace(**{name: getattr(params, name) + h})


def central(name):
    def attempt(f, params, eps, h):
        return (f(moved(params, h, name), eps) - f(moved(params, -h, name), eps)) / (2 * h)

    return attempt


def fresh_draws(f, params, eps, h):
    rng = np.random.default_rng(0)
    up = f(moved(params, h), rng.standard_normal(eps.size))
    return (up - f(moved(params, -h), rng.standard_normal(eps.size))) / (2 * h)


def with_z(factor):
    """The slope with `factor(residual, z, params, x)` in the place of residual * z, averaged."""

    def attempt(x, params, eps, recon_var):
        sigma = np.exp((params.c * x + params.d) / 2)
        z = params.a * x + params.b + sigma * eps
        return factor(x - params.m * z - params.n, z, params, x) / recon_var

    return attempt


pathwise = with_z(lambda residual, z, params, x: np.mean(residual * z))


def with_spread(spread):
    def attempt(x, params, eps, recon_var):
        z = params.a * x + params.b + spread(params.c * x + params.d) * eps
        return np.mean((x - params.m * z - params.n) * z) / recon_var

    return attempt


def times_eps(x, params, eps, recon_var):
    return with_z(lambda residual, *rest: np.mean(residual * eps))(x, params, eps, recon_var)


RIGHT = {
    check.slope_in_m: {
        "central": central("m"),
        "half a difference": lambda f, p, eps, h: 0.5 * (f(moved(p, h), eps) - f(moved(p, -h), eps)) / h,
    },
    check.pathwise_slope_in_m: {
        "by hand": pathwise,
        "as an array": lambda *args: np.array(pathwise(*args)),
        "as a dot product": with_z(lambda residual, z, params, x: residual @ z / len(x)),
    },
    check.steps_to_regret: {"a whole number": 334, "of numpy": np.int64(334)},
}

WRONG = {
    check.slope_in_m: {
        "2 h apart, and you divided by h": lambda f, p, eps, h: (f(moved(p, h), eps) - f(moved(p, -h), eps)) / h,
        "the sign is wrong": lambda f, p, eps, h: (f(moved(p, -h), eps) - f(moved(p, h), eps)) / (2 * h),
        "draws other than eps": fresh_draws,
        "put the difference in brackets": lambda f, p, eps, h: f(moved(p, h), eps) - f(moved(p, -h), eps) / (2 * h),
        "put 2 * h in brackets": lambda f, p, eps, h: (f(moved(p, h), eps) - f(moved(p, -h), eps)) / 2 * h,
        "a one-sided difference; step": lambda f, p, eps, h: (f(moved(p, h), eps) - f(p, eps)) / h,
        "to the left; step": lambda f, p, eps, h: (f(p, eps) - f(moved(p, -h), eps)) / h,
    }
    | {f"that is the slope in {name}; move m": central(name) for name in "abcdn"},
    check.pathwise_slope_in_m: {
        "that is the sum": with_z(lambda residual, z, params, x: np.sum(residual * z)),
        "divide by recon_var": lambda x, p, eps, v: pathwise(x, p, eps, 1.0),
        "cancels the factor 2": with_z(lambda residual, z, params, x: 2 * np.mean(residual * z)),
        "they cancel": lambda x, p, eps, v: pathwise(x, p, eps, 2 * v),
        "do not square it": lambda x, p, eps, v: pathwise(x, p, eps, v**2),
        "the noise is left out": lambda x, p, eps, v: pathwise(x, p, 0 * eps, v),
        "not eps": times_eps,
        "point by point": with_z(lambda residual, z, params, x: residual.mean() * z.mean()),
        "you used the log-variance": with_spread(lambda logvar: logvar),
        "you used the variance": with_spread(np.exp),
    },
    check.steps_to_regret: {
        "the index plus 1": 333,
        "the run's own draws report it": 214,
        "with the original's fixed draws": 738,
        "best - objective": 1,
        "below 0.001": 571,
        "100 is too small": 100,
        "2000 is too large": 2000,
    },
}


def test_an_objective_rounded_to_float32_still_has_the_right_slope_in_m(capsys):
    def attempt(f, params, eps, h):
        up, down = (np.float32(f(moved(params, step), eps.astype(np.float32))) for step in (h, -h))
        return (up - down) / np.float32(2 * h)

    assert said(capsys, check.slope_in_m, attempt).startswith("Right: ")


def test_eps_changed_in_place_does_not_change_the_right_slope_in_m(capsys):
    def attempt(x, params, eps, recon_var):
        z = eps
        z *= np.exp((params.c * x + params.d) / 2)
        z += params.a * x + params.b
        return np.mean((x - params.m * z - params.n) * z) / recon_var

    assert said(capsys, check.pathwise_slope_in_m, attempt).startswith("Right: ")


def test_the_first_panel_shows_the_originals_run_after_each_number_of_steps(undrawn):
    panel = fit_panel()
    assert panel.values == {"steps": 0} and panel.run == START
    for steps in (0, 1, 57, 140):
        panel.set(steps=steps)
        params = LinearVAE(*(along[steps - 1] for along in RUN.path)) if steps else START
        np.testing.assert_allclose(panel.run, params, atol=1e-12)
        wanted = [steps, 140, params.n, params.m**2 + 0.3, X.mean(), X.var()]
        np.testing.assert_allclose(numbers_in(panel.summary()), wanted, atol=5.1e-4)
        for label, (*_, m, n) in (("model p(x)", params), ("optimum", exact.optimum(X, recon_var=0.3))):
            grid, density = drawn(panel, 0, label).get_data()
            np.testing.assert_allclose(density, stats.norm.pdf(grid, n, np.hypot(m, 0.3**0.5)))


def regret_of(params):
    best = expected_terms(X, exact.optimum(X, recon_var=0.3), recon_var=0.3).elbo
    return best - expected_terms(X, params, recon_var=0.3).elbo


def test_adam_comes_near_the_optimum_with_the_lr_at_which_plain_steps_end_in_nan():
    assert train(X, recon_var=0.3, lr=0.1, steps=140, noise="exact").diverged > 0
    params, mean, square = np.array(START), 0.0, 0.0
    for step in range(1, 141):
        slope = np.array(expected_grad(X, LinearVAE(*params), beta=1.0, recon_var=0.3))
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        params = params + 0.1 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    assert 0 <= regret_of(LinearVAE(*params)) < 1e-5


def test_from_codes_that_lie_too_far_out_kl_and_recon_fall_while_the_objective_rises():
    start = START._replace(a=2.0)
    history = train(X, recon_var=0.3, lr=0.01, steps=3000, noise="exact", start=start).history
    assert expected_terms(X, start, recon_var=0.3).kl == pytest.approx(9.25, abs=5e-3)
    assert history.kl[-1] == pytest.approx(1.36, abs=5e-3)
    assert (np.diff(history.objective) > -1e-12).all() and (np.diff(history.recon) < 0).any()


def test_there_is_hardly_anything_to_overfit():
    noise = np.random.default_rng(0).standard_normal((2, 100_000))
    new = np.concatenate([-2.0 + 0.45 * noise[0], 2.2 + 0.55 * noise[1]])
    best = exact.optimum(X, recon_var=0.3)
    seen, unseen = (expected_terms(x, best, recon_var=0.3).elbo for x in (X, new))
    assert 0 < seen - unseen < 0.01
