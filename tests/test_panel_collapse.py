"""The panel of lesson 6: every measure, curve and verdict recomputed, by quadrature and in closed form."""

import itertools
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex
from scipy import stats
from scipy.optimize import minimize_scalar

from learner import assert_alive, drawn, ends, numbers_in
from vaelib import data, diagnostics, exact, style
from vaelib.model import START, LinearVAE
from vaelib.panels import collapse_panel
from vaelib.panels.collapse import START_VALUES
from vaelib.training import train

X = data.toy()
S2 = X.var()
EPS = np.linspace(-8, 8, 129)
NEAR = LinearVAE(a=1e-3, b=0.0, c=0.0, d=0.0, m=1e-3, n=0.0)
STARTS = {"original": START, "near collapse": NEAR, "dead clamp": LinearVAE(a=0.2, b=0.0, c=0.0, d=4.1, m=0.7, n=0.0)}
REMEDIES = ("none", "warm-up", "free bits", "half beta", "half recon_var", "lr")
VERDICTS = ("left all bounds", "the run bounces", "stuck", "not finished", "as at the optimum")
NATS, FIT, SHARES = 0, 1, 2  # the axes of the first tab; the second has the trial and the fit
every_remedy = pytest.mark.parametrize("remedy", REMEDIES)


@pytest.fixture(scope="module")
def shared():
    return collapse_panel()


@pytest.fixture
def panel(undrawn, shared):
    """The shared panel, at its start."""
    shared.set(**START_VALUES)
    return shared


@pytest.fixture
def painted(shared):
    """The same, with its picture."""
    shared.buttons["reset"].click()
    return shared


@pytest.fixture
def on_trial(panel):
    """The same, with its second tab in view."""
    panel.set(tab="trial")
    return panel


def press(panel, name):
    panel.buttons[name].click()
    assert_alive(panel)


def normals(params):
    return params.a * X + params.b, np.clip(params.c * X + params.d, -6, 4)


def measures(params):
    """KL, mutual information, activity and shuffle by averages under q, over its own noise, and over all pairs."""
    mu, logvar = normals(params)
    sd, weight = np.exp(logvar / 2), stats.norm.pdf(EPS)
    z = mu[:, None] + sd[:, None] * EPS
    own = stats.norm.logpdf(z, mu[:, None], sd[:, None])
    mixture = np.log(np.mean(np.exp(-(((z[..., None] - mu) / sd) ** 2) / 2) / sd, axis=-1)) - np.log(2 * np.pi) / 2
    kl, information = (np.trapezoid(weight * (own - of), EPS).mean() for of in (stats.norm.logpdf(z), mixture))
    squares = (X[:, None] - params.m * mu - params.n) ** 2
    return kl, information, np.mean(mu**2) - np.mean(mu) ** 2, (squares.mean() - np.diag(squares).mean()) / (2 * S2)


def objective(params, beta, recon_var):
    """The expected objective, in closed form."""
    mu, logvar = normals(params)
    error = (X - params.m * mu - params.n) ** 2 + params.m**2 * np.exp(logvar)
    kl = (mu**2 + np.exp(logvar) - 1 - logvar) / 2
    return np.mean(-np.log(2 * np.pi * recon_var) / 2 - error / (2 * recon_var) - beta * kl)


def rate(beta, recon_var):
    """KL at the optimum, where no clamp holds it."""
    return max(0.0, -0.5 * np.log(beta * recon_var / S2))


def clamped_optimum(beta, recon_var):
    """KL, activity and shuffle at the best a for log-variance -6, searched for; m follows from a."""

    def of(a):
        m = a * S2 / (a**2 * S2 + np.exp(-6))
        return LinearVAE(a, -a * X.mean(), 0.0, -6.0, m, X.mean())

    best = minimize_scalar(lambda a: -objective(of(a), beta, recon_var), (0.3, 0.6))
    a, m = best.x, of(best.x).m
    return (a**2 * S2 + np.exp(-6) - 1 + 6) / 2, a**2 * S2, m * a


def parameters(run, step):
    return LinearVAE(*(along[step] for along in run.path))


def curves(panel):
    """The exact curves by name: (beta, values)."""
    lines = [*panel.picture.figure.axes[NATS].lines[:2], *panel.picture.figure.axes[SHARES].lines[:2]]
    assert all(line.is_dashed() and to_hex(line.get_color()) == style.EXACT["color"] for line in lines)
    return dict(zip(("KL", "I(x;z)", "activity", "shuffle"), (line.get_data() for line in lines), strict=True))


def dots(panel):
    """The values drawn at the last two steps: (before, now), each in the order of the measures."""
    axes = [panel.picture.figure.axes[place] for place in (NATS, SHARES)]
    return [[line.get_ydata()[0] for each in axes for line in each.lines[first : first + 2]] for first in (2, 4)]


def traces(panel):
    """The lines of the trial: goal, without, with, goal of the remedy."""
    return panel.picture.figure.axes[0].lines


def verdict(panel):
    """The one verdict in the sentence."""
    (found,) = [each for each in VERDICTS if each in panel.summary()]
    return found


def test_a_new_panel_starts_at_beta_4_with_the_originals_start():
    panel = collapse_panel()
    assert panel.values == {
        "tab": "diagnosis", "beta": 4.0, "recon_var": 0.3, "lr": 0.5, "start": "original", "scale": 0.001,
        "remedy": "none", "steps": 500,
    }  # fmt: skip
    lr = 0.5 * exact.largest_stable_lr(X, beta=4.0, recon_var=0.3)
    run = train(X, beta=4.0, recon_var=0.3, lr=lr, steps=500, noise="exact")
    np.testing.assert_array_equal(panel.run.history.objective, run.history.objective)
    assert verdict(panel) == "as at the optimum"


@pytest.mark.parametrize("start", STARTS)
def test_each_start_is_the_one_that_its_name_says(panel, start):
    panel.set(start=start, steps=20, beta=2.0, recon_var=0.7, lr=0.3)
    lr = 0.3 * exact.largest_stable_lr(X, beta=2.0, recon_var=0.7)
    run = train(X, beta=2.0, recon_var=0.7, lr=lr, steps=20, noise="exact", start=STARTS[start])
    np.testing.assert_array_equal(panel.run.path, run.path)


@pytest.mark.parametrize(
    "move",
    [
        {}, {"beta": 1.0}, {"beta": 0.1, "recon_var": 0.1}, {"beta": 14.0}, {"beta": 20.0, "steps": 140},
        {"steps": 20}, {"lr": 2.35, "steps": 140}, {"start": "dead clamp", "steps": 50, "lr": 0.3},
        {"start": "near collapse", "steps": 100},
    ],
)  # fmt: skip
def test_the_four_measures_are_those_of_the_run(panel, move):
    panel.set(**move)
    before, now = (measures(parameters(panel.run, step)) for step in (-2, -1))
    steps, *said = numbers_in(panel.summary())[:5]
    assert steps == panel.values["steps"] and said == pytest.approx(now, abs=6e-4)
    for shown, wanted in zip(dots(panel), (before, now), strict=True):
        np.testing.assert_allclose(shown, np.minimum(wanted, [3.2, 3.2, 1.6, 1.6]), atol=1e-6)


@pytest.mark.parametrize("recon_var", [0.2, 0.3, 1.0, 5.0])
def test_the_curves_are_functions_of_the_share_beta_recon_var_over_s2(panel, recon_var):
    panel.set(recon_var=recon_var)
    curve = curves(panel)
    closed = {
        "KL": lambda t: -np.log(t) / 2,
        "activity": lambda t: 1 - t,
        "shuffle": lambda t: 1 - t,
    }
    for name, formula in closed.items():
        beta, values = curve[name]
        np.testing.assert_allclose(values, formula(np.minimum(beta * recon_var / S2, 1)), atol=1e-12)
        assert beta[[0, -1]] == pytest.approx([0.1, 30])


def test_the_curves_know_the_clamp(panel):
    panel.set(recon_var=0.02)
    curve = curves(panel)
    for place in (0, 5, 20):
        beta = curve["KL"][0][place]
        assert beta * 0.02 / S2 < np.exp(-6)
        said = [curve[name][1][place] for name in ("KL", "activity", "shuffle")]
        assert said == pytest.approx(clamped_optimum(beta, 0.02), rel=1e-6)


@pytest.mark.parametrize("recon_var", [0.02, 0.1, 0.3, 1.0, 5.0])
def test_the_curve_of_the_mutual_information_is_that_of_the_optimum(panel, recon_var):
    panel.set(recon_var=recon_var)
    grid, values = curves(panel)["I(x;z)"]
    for beta in (0.1, 0.1234, 0.2, 0.3, 0.317, 0.47, 0.5, 0.777, 1.37, 4.4321, 9.87, 14.9, 27.3):
        wanted = diagnostics.mutual_information(X, exact.optimum(X, beta=beta, recon_var=recon_var))
        assert np.interp(beta, grid, values, left=np.nan) == pytest.approx(wanted, abs=2e-3)


def test_the_curves_part_where_the_code_is_large_and_meet_at_the_collapse(panel):
    curve, collapse = curves(panel), exact.collapse_beta(X, recon_var=0.3)
    kl, information = (np.interp([0.3, 4, 10, collapse * 1.1], *curve[name]) for name in ("KL", "I(x;z)"))
    assert (kl[:3] > information[:3]).all() and (np.diff(kl - information) < 0).all()
    assert kl[-1] == information[-1] == 0


def test_the_fit_is_that_of_the_run_and_of_the_optimum(panel):
    panel.set(steps=20)
    optimum = exact.optimum(X, beta=4.0, recon_var=0.3)
    for label, params in (("model p(x)", panel.run.params), ("optimum", optimum)):
        x, density = drawn(panel, FIT, label).get_data()
        np.testing.assert_allclose(density, stats.norm.pdf(x, params.n, np.hypot(params.m, np.sqrt(0.3))))


def test_collapsed_is_what_the_objective_wants(panel):
    press(panel, "collapsed")
    assert numbers_in(panel.summary()) == [1000, 0, 0, 0, 0]
    assert panel.summary().endswith("The code is collapsed, as at the optimum: the objective wants it so.")


def test_a_code_too_small_for_the_convention_is_told_from_none(panel):
    panel.set(beta=4.0, recon_var=1.14, lr=0.95, steps=3000)
    assert exact.collapse_beta(X, recon_var=1.14) > 4.0
    told = "The code is collapsed, as at the optimum, which has a code, too small for the convention of 0.01."
    assert panel.summary().endswith(told)


def test_unfinished_shows_the_same_measures_and_is_no_collapse(panel):
    press(panel, "unfinished")
    assert numbers_in(panel.summary())[:5] == [140, 0, 0, 0, 0]
    gap = objective(exact.optimum(X, beta=12.0, recon_var=0.3), 12, 0.3) - objective(panel.run.params, 12, 0.3)
    assert f"The code is collapsed, {gap:.3g} nats below the optimum: not finished, no verdict." in panel.summary()
    panel.set(steps=3000)
    assert "The code is in use, as at the optimum." in panel.summary()


def test_the_dead_clamp_has_a_kl_and_no_information(panel):
    press(panel, "dead clamp")
    assert numbers_in(panel.summary())[:5] == pytest.approx([3000, (np.exp(4) - 5) / 2, 0, 0, 0], abs=2e-3)
    assert "in use by KL alone" in panel.summary() and verdict(panel) == "stuck"


def test_bouncing_shows_two_steps_that_differ(panel):
    press(panel, "bouncing")
    (before, *_), (now, *_) = dots(panel)
    assert (before, now) == pytest.approx((2.08, 0.05), abs=6e-3)
    assert verdict(panel) == "the run bounces"


def test_warm_up_comes_to_the_optimum_where_the_same_run_without_it_has_not(panel):
    press(panel, "warm-up")
    assert panel.values["tab"] == "trial"
    goal, without, remedy, goal_of_remedy = (line.get_ydata() for line in traces(panel))
    assert list(goal) == list(goal_of_remedy) == pytest.approx([rate(14, 0.3)] * 2)
    assert without[-1] < goal[0] / 2 and remedy[-1] == pytest.approx(goal[0], abs=1e-3)
    assert "half of it not yet" in panel.summary()


def test_a_kl_off_the_picture_is_drawn_at_its_edge_with_its_number(panel):
    def above():
        return [text.get_text().strip() for text in panel.picture.figure.axes[NATS].texts if text.get_text()]

    assert above() == []
    press(panel, "dead clamp")
    assert above() == ["KL 24.8"] and dots(panel)[1][0] == 3.2 == panel.picture.figure.axes[NATS].get_ylim()[1]
    assert numbers_in(panel.summary())[1] == pytest.approx(24.799)


def changes(run):
    """Of each measure its last change, as a share of its size, and whether the change before went the other way."""
    earlier, before, now = (np.array(measures(parameters(run, step))) for step in (-3, -2, -1))
    size = np.maximum(np.maximum(now, before), 0.01)
    return np.abs(now - before) / size, (now - before) * (before - earlier) < 0


def assert_true(panel):
    """Every claim of the sentence holds for the run; a change of just a twentieth may be called either."""
    values, run, said = panel.values, panel.run, verdict(panel)
    here, beta, recon_var = parameters(run, -1), values["beta"], values["recon_var"]
    lost = not np.all(np.abs(here) < 1e3)
    assert lost == (said == "left all bounds")
    if lost:
        return
    best, now, (change, turned) = exact.optimum(X, beta=beta, recon_var=recon_var), measures(here), changes(run)
    gap = objective(best, beta, recon_var) - objective(here, beta, recon_var)
    word = re.search("The code is (collapsed|in use)( by [^,.]* alone)?", panel.summary())
    names = [name for name, value in zip(("KL", "I(x;z)", "activity", "shuffle"), now, strict=True) if value > 0.01]
    assert (word[1] == "collapsed") == (not names) and bool(word[2]) == (0 < len(names) < 4)
    assert not word[2] or word[2] == f" by {' and '.join(names)} alone"
    if said == "the run bounces":
        assert (turned & (change > 0.0499)).any()
    else:
        assert not (turned & (change > 0.0501)).any()
    if said == "stuck":
        assert set(normals(here)[1]) <= {-6.0, 4.0}
        assert ("the optimum is collapsed, too" in panel.summary()) == (beta * recon_var >= S2)
    if said == "as at the optimum":
        assert gap <= 1e-3 and change.max() < 0.0501
        assert now[0] == pytest.approx(measures(best)[0], rel=0.11, abs=1.1e-3 if best.m == 0 else 1e-6)
        assert ("the objective wants it so" in panel.summary()) == (beta * recon_var >= S2)
    if said == "not finished":
        (below,) = re.findall(r"([-+\d.e]+) nats below", panel.summary())
        assert float(below) == pytest.approx(gap, rel=6e-3, abs=1e-9) and gap > 0


CORNERS = list(itertools.product((0.1, 30.0), (0.02, 5.0), STARTS))


@pytest.mark.full
@pytest.mark.parametrize(("beta", "recon_var", "start"), CORNERS)
def test_every_corner_of_diagnosis_is_alive_and_says_nothing_false(painted, beta, recon_var, start):
    assert (beta in ends(painted, "beta")) and (recon_var in ends(painted, "recon_var"))
    for lr, steps in itertools.product((0.1, 0.95, 1.2, 2.5), (20, 3000)):
        painted.set(beta=beta, recon_var=recon_var, start=start, lr=lr, steps=steps)
        assert_alive(painted)
        assert_true(painted)


def test_nothing_false_is_said_in_between(panel):
    rng, said = np.random.default_rng(6), set()
    for _ in range(40):
        values = {name: float(rng.choice(panel.knobs[name].numbers)) for name in ("beta", "recon_var", "lr")}
        panel.set(**values, start=str(rng.choice(list(STARTS))), steps=int(rng.choice([20, 140, 500, 1500])))
        assert_alive(panel)
        assert_true(panel)
        said.add(verdict(panel))
    assert said == set(VERDICTS)


def test_a_code_just_below_the_collapse_is_not_said_to_be_as_at_the_optimum_while_it_is_not_there(panel):
    panel.set(beta=0.9, recon_var=5.0, start="near collapse", steps=20)
    assert rate(0.9, 5.0) == pytest.approx(0.0097, abs=1e-4)
    assert verdict(panel) == "not finished"


def test_a_run_that_climbs_fast_is_not_said_to_bounce(panel):
    panel.set(beta=30.0, recon_var=0.02, lr=0.95, start="near collapse", steps=20)
    assert (np.diff(panel.run.history.kl) > 0).all()
    assert verdict(panel) == "not finished"


@pytest.mark.parametrize("steps", [20, 33, 140, 700])
def test_the_verdict_waits_until_the_run_is_a_thousandth_of_a_nat_below_the_optimum(panel, steps):
    for beta in (1.0, 10.0, 20.0):
        panel.set(beta=beta, steps=steps)
        assert_true(panel)


def test_a_lost_run_is_said_to_be_lost_and_leaves_a_picture(painted):
    for steps in (20, 3000):
        painted.set(beta=30.0, recon_var=5.0, lr=2.5, steps=steps)
        assert painted.summary() == "The run has left all bounds: no measure, no verdict. Move lr to the left."
        assert_alive(painted)
        assert np.isnan(dots(painted)[1]).all()
    painted.set(lr=0.5)
    assert np.isfinite(dots(painted)[1]).all()


def test_a_run_about_to_be_lost_raises_nothing_at_any_step(painted):
    painted.set(beta=4.0, recon_var=0.3, lr=2.5, start="near collapse")
    for steps in range(34, 44):
        painted.set(steps=steps)
        assert_alive(painted)
        assert verdict(painted) != "as at the optimum"


def trained(panel, remedy):
    """The run with a remedy, written out."""
    values = panel.values
    beta, recon_var, lr, steps = (values[name] for name in ("beta", "recon_var", "lr", "steps"))
    beta, recon_var = (
        beta * (0.5 if remedy == "half beta" else 1),
        recon_var * (0.5 if remedy == "half recon_var" else 1),
    )
    lr = lr * (2 if remedy == "lr" else 1) * exact.largest_stable_lr(X, beta=beta, recon_var=recon_var)
    more = {"warm-up": {"warmup": steps // 2}, "free bits": {"free_bits": 0.5}}.get(remedy, {})
    start = LinearVAE(values["scale"], 0.0, 0.0, 0.0, values["scale"], 0.0)
    return train(X, beta=beta, recon_var=recon_var, lr=lr, steps=steps, noise="exact", start=start, **more)


def goal_with(remedy, beta, recon_var):
    shares = {"half beta": 0.5, "half recon_var": 0.5}
    goal = rate(beta * shares.get(remedy, 1.0), recon_var)
    return max(goal, 0.5) if remedy == "free bits" else goal


@every_remedy
@pytest.mark.parametrize("move", [{"beta": 4.0}, {"beta": 12.0, "lr": 0.3, "scale": 0.1}, {"beta": 20.0, "scale": 1.0}])
def test_the_trial_shows_the_run_without_and_the_run_with_the_remedy_and_their_goals(on_trial, remedy, move):
    on_trial.set(**move, remedy=remedy, steps=300)
    goal, without, line, goal_of_remedy = traces(on_trial)
    for of, name in ((without, "none"), (line, remedy)):
        np.testing.assert_allclose(of.get_ydata(), trained(on_trial, name).history.kl, rtol=1e-9)
        np.testing.assert_array_equal(of.get_xdata(), np.arange(1, 301))
    for of, name in ((goal, "none"), (goal_of_remedy, remedy)):
        wanted = goal_with(name, on_trial.values["beta"], 0.3)
        assert list(of.get_ydata()) == pytest.approx([wanted] * 2, abs=1e-12)
    np.testing.assert_array_equal(on_trial.run.history.kl, line.get_ydata())


@pytest.mark.parametrize("beta", [1.0, 14.0, 30.0])
def test_the_run_without_is_the_same_whatever_the_remedy(on_trial, beta):
    shown, said = [], set()
    for remedy in REMEDIES:
        on_trial.set(remedy=remedy, beta=beta, scale=0.3, steps=200)
        shown.append(np.concatenate([line.get_ydata() for line in traces(on_trial)[:2]]))
        said.add(on_trial.summary().split(" With ")[0])
    np.testing.assert_array_equal(shown, [shown[0]] * len(REMEDIES))
    assert len(said) == 1


@pytest.mark.parametrize("remedy", ["none", "warm-up", "lr"])
@pytest.mark.parametrize("beta", [0.3, 4.0, 14.0, 30.0])
def test_a_remedy_of_the_optimiser_changes_no_optimum(on_trial, remedy, beta):
    on_trial.set(remedy=remedy, beta=beta, steps=50)
    goal, *_, goal_of_remedy = traces(on_trial)
    assert goal.get_ydata() == goal_of_remedy.get_ydata() == pytest.approx([rate(beta, 0.3)] * 2, abs=1e-12)


@pytest.mark.parametrize(("remedy", "half"), [("half beta", (0.5, 1)), ("half recon_var", (1, 0.5))])
def test_half_of_either_is_the_same_goal_and_another_fit(on_trial, remedy, half):
    on_trial.set(remedy=remedy, beta=20.0, scale=0.3, steps=1000)
    assert traces(on_trial)[3].get_ydata()[0] == pytest.approx(rate(10, 0.3))
    optimum = exact.optimum(X, beta=20 * half[0], recon_var=0.3 * half[1])
    x, density = drawn(on_trial, FIT, "optimum").get_data()
    spread = np.sqrt(optimum.m**2 + 0.3 * half[1])
    np.testing.assert_allclose(density, stats.norm.pdf(x, X.mean(), spread))


def half_way(kl, goal):
    """The step after the last one below half of the goal; none if that is the end."""
    step = kl.size
    while step and kl[step - 1] >= goal / 2:
        step -= 1
    return step + 1 if step < kl.size else None


@every_remedy
@pytest.mark.parametrize("beta", [4.0, 14.0, 30.0])
def test_the_sentence_says_how_far_both_runs_have_come_and_when_they_were_half_way(on_trial, remedy, beta):
    on_trial.set(remedy=remedy, beta=beta, scale=0.01, steps=500)
    before, after = on_trial.summary().split(" With ")
    assert before.startswith("From a = m = 0.01, 500 steps. Without: KL ")
    for text, name in ((before.partition("Without: ")[2], "none"), (after.partition("”: ")[2], remedy)):
        kl, goal = trained(on_trial, name).history.kl, goal_with(name, beta, 0.3)
        step = half_way(kl, goal)
        if goal == 0:
            where = "nowhere (it is 0)"
        else:
            where = "not yet" if step is None else f"from step {step:,} on"
        assert text.rstrip(".") == f"KL {kl[-1]:z.3f} (optimum {goal:.3f}), half of it {where}"


def test_a_doubled_rate_beyond_the_limit_may_lose_the_run_and_the_sentence_says_so(on_trial):
    on_trial.set(remedy="lr", lr=2.5, beta=30.0, recon_var=5.0, scale=1.0, steps=3000)
    without, remedy = on_trial.summary().split(" With ")
    assert "KL out of bounds" in without and "KL out of bounds" in remedy
    assert_alive(on_trial)
    on_trial.set(lr=0.5, beta=4.0, recon_var=0.3)
    assert "out of bounds" not in on_trial.summary()


@pytest.mark.full
@every_remedy
def test_every_corner_of_the_trial_is_alive(painted, remedy):
    painted.set(tab="trial")
    knobs = ("beta", "recon_var", "lr", "scale")
    for corner in itertools.product(*(ends(painted, name) for name in knobs)):
        painted.set(**dict(zip(knobs, corner, strict=True)), remedy=remedy, steps=20)
        assert_alive(painted)
        assert len(painted.summary()) < 300
    painted.set(steps=3000)
    assert_alive(painted)


def test_a_run_that_the_upper_clamp_holds_for_ever_is_stuck_even_if_the_optimum_is_at_the_lower(panel):
    panel.set(tab="diagnosis", beta=0.1, recon_var=0.02, lr=0.1, start="dead clamp", steps=3000)
    assert panel.run.params.d == 4.1 and panel.run.params.c == 0
    assert "stuck" in panel.summary() and "not finished" not in panel.summary()


def test_a_lost_run_painted_is_not_a_number_of_a_hundred_digits(painted):
    painted.set(tab="trial", beta=4.0, recon_var=0.3, lr=2.5, scale=1e-4, steps=46, remedy="none")
    assert not re.search(r"\d{7}", painted.summary()), painted.summary()
