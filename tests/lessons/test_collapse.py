"""Lesson 6: what its pictures draw, what its panel says, what its exercises tell."""

import itertools
import math
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex
from scipy import stats
from scipy.optimize import minimize_scalar

from learner import assert_alive, dashed_black, drawn, ends, legend, limits, numbers_in, painted_before, said
from vaelib import data, diagnostics, exact, style
from vaelib.lessons.collapse import check, pictures
from vaelib.live import View
from vaelib.model import START, LinearVAE, decode
from vaelib.panels import collapse_panel
from vaelib.training import train

pytestmark = pytest.mark.pinned

PANEL = collapse_panel

NAMES = ["KL", "I(x;z)"]
BETA = np.geomspace(0.1, 30, 11)
CURVES = {"KL": (BETA, 3 / (1 + BETA)), "I(x;z)": (BETA[:7], 2 / (1 + BETA[:7]))}


@pytest.fixture
def measured(axes):
    return pictures.Measures(axes, "Nats", NAMES, 3.2)


def test_the_measures_have_exact_curves_and_two_dots_each(axes, measured):
    before, now = {"KL": 1.5, "I(x;z)": 0.7}, {"KL": 1.2, "I(x;z)": 0.6}
    measured.show(CURVES, 4.0, before, now)
    for name in NAMES:
        np.testing.assert_array_equal(measured.exact[name].get_data(), CURVES[name])
        assert measured.before[name].get_xydata().tolist() == [[4.0, before[name]]]
        assert measured.now[name].get_xydata().tolist() == [[4.0, now[name]]]
    assert legend(axes) == ["KL", "I(x;z)", "optimum"] and axes.get_title(loc="left") == "Nats"
    assert measured.above.get_text() == ""


def test_the_dot_before_is_a_hollow_one_behind_the_dot_now(measured):
    for name in NAMES:
        before, now = measured.before[name], measured.now[name]
        assert before.get_marker() == now.get_marker() and before.get_color() == now.get_color()
        assert to_hex(before.get_markerfacecolor()) == style.PAPER != to_hex(now.get_markerfacecolor())
        assert painted_before(measured, measured.exact[name], before) and painted_before(measured, before, now)
        assert dashed_black(measured.exact[name])


def test_the_four_measures_differ_in_colour_and_in_marker():
    looks = pictures.MEASURES.values()
    assert list(pictures.MEASURES) == ["KL", "I(x;z)", "activity", "shuffle"]
    assert len({look["color"] for look in looks}) == len({look["marker"] for look in looks}) == 4
    assert pictures.MEASURES["KL"]["color"] == style.KL["color"]


@pytest.mark.parametrize("value", [3.2001, 24.8, 1e5, np.inf])
def test_what_is_too_high_is_drawn_at_the_edge_with_its_number(measured, value):
    measured.show(CURVES, 0.3, {"KL": value, "I(x;z)": 0.1}, {"KL": value, "I(x;z)": 0.1})
    assert measured.now["KL"].get_ydata() == measured.before["KL"].get_ydata() == [3.2]
    assert measured.above.get_text() == f"KL {value:.1f}\n"
    assert measured.above.get_position() == (0.3, 3.2)


def test_two_that_are_too_high_are_named_one_below_the_other_and_forgotten_afterwards(measured):
    high, low = dict.fromkeys(NAMES, 4.0), dict.fromkeys(NAMES, 3.2)
    measured.show(CURVES, 1.0, low, high)
    assert measured.above.get_text().split("\n") == ["KL 4.0", "I(x;z) 4.0", ""]
    measured.show(CURVES, 1.0, high, low)
    assert measured.above.get_text() == ""
    assert measured.before["KL"].get_ydata() == [3.2]


def test_a_run_that_is_lost_has_no_dots(measured):
    lost = dict.fromkeys(NAMES, np.nan)
    measured.show(CURVES, 1.0, lost, lost)
    assert all(np.isnan(dot.get_ydata()).all() for dots in (measured.before, measured.now) for dot in dots.values())
    assert measured.above.get_text() == ""


def test_the_measures_stand_over_beta_on_a_logarithmic_axis(axes, measured):
    assert axes.get_xscale() == "log" and limits(axes) == ((0.1, 30), (0, 3.2)) and axes.get_xlabel() == "beta"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.1", "0.3", "1", "3", "10", "30"]


@pytest.fixture
def trial(axes):
    return pictures.Trial(axes, 3000)


def test_the_trial_shows_both_traces_from_step_1_and_both_goals(axes, trial):
    without, remedy = np.linspace(0, 0.7, 50), np.linspace(0, 1.2, 50) ** 2
    trial.show(without, remedy, 0.67, 1.1)
    for line, trace in ((trial.without, without), (trial.remedy, remedy)):
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([np.arange(1, 51), trace]))
    for line, level in ((trial.goal, 0.67), (trial.goal_of_remedy, 1.1)):
        assert line.get_xydata().tolist() == [[1, level], [50, level]] and dashed_black(line)
    assert legend(axes) == ["without", "with", "optimum"]
    assert axes.get_xscale() == "log" and limits(axes) == ((1, 3000), (0, pictures.MOST_NATS))


def test_the_remedy_is_the_thick_line_in_the_colour_of_the_kl_in_front(trial):
    assert to_hex(trial.remedy.get_color()) == style.KL["color"] and to_hex(trial.without.get_color()) == style.INK
    assert trial.remedy.get_linewidth() > trial.without.get_linewidth()
    assert painted_before(trial, trial.goal, trial.without) and painted_before(trial, trial.without, trial.remedy)


def test_limits_stay_whatever_is_shown():
    figure, places = style.picture(900, 300, "a picture", "ab")
    measured, trial = pictures.Measures(places[0], "Nats", NAMES, 3.2), pictures.Trial(places[1], 3000)
    live = View(figure, [measured, trial], [], print, print, print)
    before = [limits(place) for place in places]
    for size in (0.0, 1.0, 1e3, 1e200, np.nan):
        values = dict.fromkeys(NAMES, size)
        measured.show(CURVES, 30.0, values, values)
        trial.show(np.full(20, size), np.full(20, size), 0.5, 0.5)
        live.draw()
        assert [limits(place) for place in places] == before


def test_every_artist_that_moves_is_among_the_artists(axes, measured):
    dots = [*measured.exact.values(), *measured.before.values(), *measured.now.values()]
    assert set(measured.artists) == {*dots, measured.above} and set(axes.lines) == set(dots)


X = data.toy()
S2 = X.var()
EPS = np.linspace(-8, 8, 129)
NEAR = LinearVAE(a=1e-3, b=0.0, c=0.0, d=0.0, m=1e-3, n=0.0)
STARTS = {"original": START, "near collapse": NEAR, "dead clamp": LinearVAE(a=0.2, b=0.0, c=0.0, d=4.1, m=0.7, n=0.0)}
REMEDIES = ("none", "warm-up", "free bits", "half beta", "half recon_var", "lr")
VERDICTS = ("left all bounds", "the run bounces", "stuck", "not finished", "as at the optimum")
NATS, FIT, SHARES = 0, 1, 2  # the axes of the first tab; the second has the trial and the fit
every_remedy = pytest.mark.parametrize("remedy", REMEDIES)


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
    lines = [*panel.view.figure.axes[NATS].lines[:2], *panel.view.figure.axes[SHARES].lines[:2]]
    assert all(line.is_dashed() and to_hex(line.get_color()) == style.EXACT["color"] for line in lines)
    return dict(zip(("KL", "I(x;z)", "activity", "shuffle"), (line.get_data() for line in lines), strict=True))


def dots(panel):
    """The values drawn at the last two steps: (before, now), each in the order of the measures."""
    axes = [panel.view.figure.axes[place] for place in (NATS, SHARES)]
    return [[line.get_ydata()[0] for each in axes for line in each.lines[first : first + 2]] for first in (2, 4)]


def traces(panel):
    """The lines of the trial: goal, without, with, goal of the remedy."""
    return panel.view.figure.axes[0].lines


def verdict(panel):
    """The one verdict in the sentence."""
    (found,) = [each for each in VERDICTS if each in panel.summary()]
    return found


def test_with_a_free_encoder_and_decoder_a_code_pays_beyond_the_threshold_of_the_straight_line():
    """Of the data 98 percent are 0 and 2 percent are 1; recon_var is 1, the decoder answers the mean of x given z."""
    share, z = np.array([0.98, 0.02]), np.linspace(-9, 9, 20_001)
    q = stats.norm([-0.056, 2.724], [0.930, 0.223])
    kl = share @ (0.5 * (q.mean() ** 2 + q.var() - 1) - np.log(q.std()))
    joint = share * q.pdf(z[:, None])
    distortion = np.trapezoid(joint[:, 0] * joint[:, 1] / joint.sum(axis=1), z)
    s2 = 0.98 * 0.02
    for times, pays in ((1.0, True), (3.7, True), (3.9, True), (4.2, False)):
        assert (-distortion / 2 - times * s2 * kl > -s2 / 2) == pays


@pytest.mark.parametrize(("beta", "collapses"), [(12.0, False), (20.0, True)])
def test_a_code_goes_on_below_the_threshold_and_dies_above_it_however_often_it_is_opened(beta, collapses):
    goal = exact.rate_distortion(X, beta=beta, recon_var=0.3)[0]
    alive = exact.optimum(X, beta=1.0, recon_var=0.3)
    settings = {"beta": beta, "recon_var": 0.3, "lr": 0.01, "noise": "exact"}
    params = train(X, steps=600, start=alive, **settings).params
    for _ in range(2):
        run = train(X, steps=2000, start=params, warmup=1000, **settings)
        params = run.params
        assert run.history.kl.max() > 0.9
        assert run.history.kl[-1] == pytest.approx(goal, abs=1e-3) and (goal == 0) == collapses


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
        return [text.get_text().strip() for text in panel.view.figure.axes[NATS].texts if text.get_text()]

    assert above() == []
    press(panel, "dead clamp")
    assert above() == ["KL 24.8"] and dots(panel)[1][0] == 3.2 == panel.view.figure.axes[NATS].get_ylim()[1]
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


def errors(x, z, order, params):
    """x - x_hat with the z of the point itself, and with the z of another point."""
    x_hat = params.m * z + params.n
    return x - x_hat, x - x_hat[order]


def by_loop(x, z, order, params):
    total = 0.0
    for i in range(len(x)):
        own, other = (params.m * z[j] + params.n for j in (i, order[i]))
        total += (x[i] - other) ** 2 - (x[i] - own) ** 2
    return total / len(x)


def of_errors(formula):
    """The formula of the errors with the own and with the other z."""
    return lambda *args: formula(*errors(*args))


def shuffled_in_place(x, z, order, params):
    before = np.mean((x - decode(z, params)) ** 2)
    z[:] = z[order]
    return np.mean((x - decode(z, params)) ** 2) - before


def both_shuffled(x, z, order, params):
    own, _ = errors(x, z, order, params)
    return np.mean((x[order] - decode(z[order], params)) ** 2) - np.mean(own**2)


def not_decoded(x, z, order, params):
    return ((x - z[order]) ** 2).mean() - ((x - z) ** 2).mean()


RIGHT = {
    check.shuffle: {
        "point by point": by_loop,
        "mean of the differences": of_errors(lambda own, other: np.mean(other**2 - own**2)),
        "in place": shuffled_in_place,
        "with decode": lambda x, z, order, p: (
            np.mean((x - decode(z[order], p)) ** 2) - np.mean((x - decode(z, p)) ** 2)
        ),
        "without squares of x": lambda x, z, order, p: np.mean(2 * x * p.m * (z - z[order])),
    },
    check.threshold: {
        "by hand": lambda x, v: sum((at - sum(x) / len(x)) ** 2 for at in x) / len(x) / v,
        "from the square of the deviation": lambda x, v: np.std(x) ** 2 / v,
        "from the moments": lambda x, v: (np.mean(x**2) - np.mean(x) ** 2) / v,
        "as an array": lambda x, v: np.array(np.var(x) / v),
    },
}

WRONG = {
    check.shuffle: {
        "the error with the shuffled z comes first": of_errors(lambda own, other: np.mean(own**2 - other**2)),
        "take the mean": of_errors(lambda own, other: np.sum(other**2) - np.sum(own**2)),
        "take the squares of the errors": of_errors(lambda own, other: np.mean(abs(other) - abs(own))),
        "only after decoding it": not_decoded,
    },
    check.threshold: {
        "subtract the mean first": lambda x, v: sum(at * at for at in x) / len(x) / v,
        "divide by N, not by N - 1": lambda x, v: sum((x - x.mean()) ** 2) / (len(x) - 1) / v,
    },
}


def test_shuffling_x_along_with_z_is_not_right(capsys):
    assert said(capsys, check.shuffle, both_shuffled).startswith("Not yet: ")


def kl_of_4(v):
    """KL at the optimum of beta 4, for data with variance 1."""
    return max(0.0, -0.5 * math.log(4 * v))


def fall(v):
    """How much lower recon is at the optimum of beta 4 than at that of beta 1: half the distortion's rise over v."""
    return (min(4 * v, 1) - min(v, 1)) / (2 * v)


SILENT, ALARM = 1 / 1.6, math.exp(-0.02) / 4  # the borders: 0.625, and 0.2450 with a KL of 0.01


def test_the_borders_of_the_originals_test_are_where_its_two_thresholds_are_met():
    assert fall(SILENT) == pytest.approx(0.3) and kl_of_4(ALARM) == pytest.approx(0.01)
    assert fall(0.24) == pytest.approx(1.5) == fall(0.2) and fall(1.0) == fall(50.0) == 0


@pytest.mark.parametrize("missed", [SILENT + 1e-6, 0.63, 0.7, 1.0, 1, np.int64(2), np.float64(5), np.float32(0.8), 100])
@pytest.mark.parametrize("false_alarm", [ALARM + 1e-6, 0.2451, 0.247, 0.25 - 1e-6])
def test_the_original_is_fooled_beyond_the_borders(capsys, missed, false_alarm):
    for answer in ((missed, false_alarm), [missed, false_alarm]):
        assert said(capsys, check.fool, answer).startswith("Right: ")


@pytest.mark.parametrize("missed", [0.001, 0.1, 0.2451, 0.25 - 1e-6])
def test_nothing_is_missed_where_nothing_has_collapsed(capsys, missed):
    line = said(capsys, check.fool, (missed, 0.247))
    assert line == f"Not yet: at the first recon_var, {missed:g}, beta 4 has not collapsed."


@pytest.mark.parametrize("missed", [0.25 + 1e-6, 0.3, 0.5, SILENT - 1e-6])
def test_a_collapse_with_a_large_fall_is_not_missed(capsys, missed):
    line = said(capsys, check.fool, (missed, 0.247))
    assert line.startswith(f"Not yet: at the first recon_var, {missed:g}, the test is right: KL 0.000, ")
    assert line.endswith(f"and recon falls by {fall(missed):.2f}.")


@pytest.mark.parametrize("false_alarm", [0.001, 0.1, 0.24, ALARM - 1e-6])
def test_a_code_with_a_larger_kl_gives_no_alarm(capsys, false_alarm):
    line = said(capsys, check.fool, (0.7, false_alarm))
    assert line.startswith(f"Not yet: at the second recon_var, {false_alarm:g}, the test is right: ")
    if false_alarm > 0.002:  # no clamp
        assert line.endswith(f"KL {kl_of_4(false_alarm):.3f}, and recon falls by 1.50.")


@pytest.mark.parametrize("false_alarm", [0.25 + 1e-6, 0.3, 0.7, 100.0])
def test_an_alarm_about_a_collapse_is_not_false(capsys, false_alarm):
    line = said(capsys, check.fool, (0.7, false_alarm))
    assert line.endswith("beta 4 has collapsed, so an alarm would be right.") and "the second recon_var" in line


@pytest.mark.parametrize(
    "wrong",
    [
        "0.7",
        "7" * 1000,
        None,
        True,
        1j,
        [0.7],
        (),
        np.ones(2),
        0,
        0.0009,
        100.1,
        -1.0,
        math.nan,
        math.inf,
        -math.inf,
        lambda: 0.7,
    ],
)
@pytest.mark.parametrize("place", ["first", "second"])
def test_no_number_or_one_out_of_range_is_told_which_of_the_two_it_is(capsys, wrong, place):
    answer = (wrong, 0.247) if place == "first" else (0.7, wrong)
    line = said(capsys, check.fool, answer)
    assert line.startswith(f"Not yet: the {place} recon_var is ") and line.endswith("a number from 0.001 to 100.")


@pytest.mark.parametrize(
    "answer", [0.7, None, "ab", (0.7,), (0.7, 0.247, 1.0), [], {}, {0.7, 0.247}, lambda: (0.7, 0.2)]
)
def test_another_number_of_numbers_is_told_that_two_are_wanted(capsys, answer):
    assert said(capsys, check.fool, answer).startswith("Not yet: two numbers are wanted, ")


@pytest.mark.parametrize("answer", [..., (..., 0.247), (0.7, ...)])
def test_three_dots_are_not_tried_yet(capsys, answer):
    assert said(capsys, check.fool, answer).startswith("Not tried yet")


def test_the_pair_in_the_wrong_order_is_not_right(capsys):
    assert said(capsys, check.fool, (0.247, 0.7)).startswith("Not yet: at the first recon_var, 0.247, ")
